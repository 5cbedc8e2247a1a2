"""The books of the simulated banks: accounts, movements, and the truth about every stolen fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.simulation.banks.coins import Lot, by_claim, merged, take
from fanzha.simulation.banks.holds import Holds

if TYPE_CHECKING:
    import random
    import sqlite3

    from fanzha.simulation.banks.scenario import Account, Scenario
    from fanzha.simulation.banks.store import Store

DAY_MS = 24 * 3600 * 1000
HISTORY_DAYS = 40
INCOMES = (("工资", "岚江人力服务"), ("转账", "家人"), ("现金存款", ""))
SPENDINGS = (("消费", "街角便利店"), ("消费", "岚江生鲜超市"), ("消费", "云上外卖"))


class PaymentRefused(Exception):
    """The bank does not pay out: stopped, frozen, or not enough money; the reason is its text."""


@dataclass(frozen=True)
class Payment:
    """One movement to book. A side that is no account of these banks may carry a name.

    `claim` is set on a victim's payment: own money of the payer becomes that claim's.
    """

    at: int
    source: str
    target: str
    fen: int
    channel: str = "transfer"
    memo: str = ""
    claim: str = ""
    source_name: str = ""
    target_name: str = ""
    history: bool = False


@dataclass(frozen=True)
class Booked:
    """A movement as booked: its row and the stolen fen per claim that it carried."""

    id: int
    claims: dict[str, int]


class Ledger:
    """Books payments. Every call runs inside a transaction of the store."""

    def __init__(self, store: Store, scenario: Scenario) -> None:
        self._store = store
        self._rule = scenario.coins
        self.holds = Holds(store)

    def account(self, number: str) -> sqlite3.Row | None:
        """Find an account by number; `main_sub` finds the main account."""
        return self._store.one("SELECT * FROM account WHERE number = ?", number.partition("_")[0])

    def of_holder(self, account: sqlite3.Row) -> list[sqlite3.Row]:
        """Everything that the holder of this account has at the same bank."""
        return self._store.all(
            "SELECT * FROM account WHERE bank = ? AND holder = ? AND id_number = ? ORDER BY number",
            account["bank"], account["holder"], account["id_number"],
        )  # fmt: skip

    def free_fen(self, number: str, at: int) -> int:
        """How much can be paid out."""
        row = self.account(number)
        if row is None:
            return 0
        balance: int = row["balance_fen"]
        return balance - self.holds.held_fen(row["number"], balance, at)

    def pay(self, payment: Payment) -> Booked:
        """Book a payment. Raises PaymentRefused and then books nothing."""
        source, target = self.account(payment.source), self.account(payment.target)
        self._check(payment, source)
        lots = self._withdraw(payment, source) if source else [Lot(None, payment.fen)]
        if payment.claim:
            lots = [Lot(lot.claim or payment.claim, lot.fen) for lot in lots]
        movement = self._write(payment, source, target)
        if payment.claim:
            self._note_claim(payment, sum(x.fen for x in lots if x.claim == payment.claim))
        if target is not None:
            self._deposit(movement, target, lots)
        else:
            kind = "outside" if payment.channel == "transfer" else payment.channel
            self._end(movement, kind, by_claim(lots))
        for claim, fen in by_claim(lots).items():
            self._store.run("INSERT INTO coin VALUES (?, ?, ?)", movement, claim, fen)
        return Booked(movement, by_claim(lots))

    def lots(self, number: str) -> list[Lot]:
        """List the coins in an account in order of arrival."""
        rows = self._store.all("SELECT claim, fen FROM lot WHERE account = ? ORDER BY id", number)
        return [Lot(row["claim"], row["fen"]) for row in rows]

    def open(self, account: Account, now: int, chance: random.Random) -> None:
        """Open an account with an invented past that ends at its balance."""
        self._store.run(
            "INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            account.number, account.bank, account.holder, account.id_number, account.kind,
            account.role, account.guard,
        )  # fmt: skip
        for payment in _past(account, now, chance):
            self.pay(payment)
        if account.former:
            self._store.run(
                "INSERT INTO hold (account, kind, application_id, message_from, department, fen,"
                " starts, ends, counted) VALUES (?, 'freeze', '', '', ?, ?, ?, ?, 1)",
                account.number, account.former.department, account.former.fen, now - DAY_MS,
                int(account.former.ends.timestamp() * 1000),
            )  # fmt: skip

    def _check(self, payment: Payment, source: sqlite3.Row | None) -> None:
        if payment.fen <= 0:
            raise PaymentRefused("nothing to pay")
        if source is None:
            return
        free = self.free_fen(source["number"], payment.at)
        if free >= payment.fen:
            return
        if source["balance_fen"] < payment.fen:
            raise PaymentRefused("balance too small")
        stopped = self.holds.running_stop(source["number"], payment.at)
        raise PaymentRefused("stopped" if stopped else "frozen")

    def _withdraw(self, payment: Payment, source: sqlite3.Row) -> list[Lot]:
        number = source["number"]
        taken, stays = take(self.lots(number), payment.fen, self._rule)
        self._replace(number, stays)
        self._add_balance(number, -payment.fen)
        return taken

    def _deposit(self, movement: int, target: sqlite3.Row, lots: list[Lot]) -> None:
        number = target["number"]
        if target["role"] == "victim":
            # Stolen money that reaches a victim's own account is loot no longer.
            for claim, fen in by_claim(lots).items():
                payer = self._store.value("SELECT payer FROM claim WHERE claim = ?", claim)
                kind = "returned_to_victim" if payer == number else "other_victim"
                self._end(movement, kind, {claim: fen})
            lots = [Lot(None, sum(lot.fen for lot in lots))]
        self._replace(number, merged(self.lots(number) + lots))

    def _replace(self, number: str, lots: list[Lot]) -> None:
        self._store.run("DELETE FROM lot WHERE account = ?", number)
        for lot in lots:
            self._store.run(
                "INSERT INTO lot (account, claim, fen) VALUES (?, ?, ?)", number, lot.claim, lot.fen
            )

    def _add_balance(self, number: str, fen: int) -> None:
        self._store.run(
            "UPDATE account SET balance_fen = balance_fen + ? WHERE number = ?", fen, number
        )

    def _balance(self, row: sqlite3.Row | None) -> int | None:
        if row is None:
            return None
        balance: int = self._store.value(
            "SELECT balance_fen FROM account WHERE number = ?", row["number"]
        )
        return balance

    def _write(
        self, payment: Payment, source: sqlite3.Row | None, target: sqlite3.Row | None
    ) -> int:
        if target is not None:
            self._add_balance(target["number"], payment.fen)
        return self._store.run(
            "INSERT INTO movement (at, source, target, source_name, target_name, fen, channel,"
            " memo, source_balance, target_balance, serial, history)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            payment.at,
            source["number"] if source else payment.source,
            target["number"] if target else payment.target,
            source["holder"] if source else payment.source_name,
            target["holder"] if target else payment.target_name,
            payment.fen, payment.channel, payment.memo,
            self._balance(source), self._balance(target),
            f"T{self._store.count('transfer'):012d}", int(payment.history),
        )  # fmt: skip

    def _note_claim(self, payment: Payment, fen: int) -> None:
        self._store.run(
            "INSERT INTO claim VALUES (?, ?, ?) ON CONFLICT (claim)"
            " DO UPDATE SET paid_fen = paid_fen + excluded.paid_fen",
            payment.claim, payment.source, fen,
        )  # fmt: skip

    def _end(self, movement: int, kind: str, claims: dict[str, int]) -> None:
        for claim, fen in claims.items():
            self._store.run("INSERT INTO ending VALUES (?, ?, ?, ?)", claim, kind, fen, movement)


def _past(account: Account, now: int, chance: random.Random) -> list[Payment]:
    """Invent `account.history` movements of the last weeks, one income first, then spendings."""
    spendings = [chance.randrange(500, 30_000) for _ in range(account.history - 1)]
    times = sorted(now - chance.randrange(DAY_MS // 24, HISTORY_DAYS * DAY_MS) for _ in spendings)
    opening = account.balance_fen + sum(spendings)
    past = []
    if opening:
        memo, name = chance.choice(INCOMES)
        past = [
            Payment(
                now - (HISTORY_DAYS + 1) * DAY_MS, "", account.number, opening,
                "cash" if not name else "transfer", memo, source_name=name, history=True,
            )
        ]  # fmt: skip
    for at, fen in zip(times, spendings, strict=True):
        memo, name = chance.choice(SPENDINGS)
        past.append(
            Payment(at, account.number, "", fen, "merchant", memo, target_name=name, history=True)
        )
    return past
