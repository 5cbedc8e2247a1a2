"""The replay: one event after the other, all lots of all accounts kept."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.tracing.reference.lots import Fen, Lot, Rule, fill, own, put_back, take, total
from tests.tracing.reference.rounding import rounded
from tests.tracing.reference.rows import events

if TYPE_CHECKING:
    from tests.tracing.reference.rows import Case, Event, Row

    EndKey = tuple[str, str, str]


class Arrival(NamedTuple):
    """What a row brought to an account at one event, by claim, in whole fen."""

    event: int
    by_claim: dict[str, int]


@dataclass
class Account:
    """Lots in their order, or a debt; and what happened here."""

    lots: list[Lot] = field(default_factory=list)
    debt: Fen = 0
    other: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    # The balance after every event here, by the event's number; what came in.
    balances: dict[int, Fen] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)


class Replay:
    """Plays a case by one flow rule.

    `ends` sums by (account, kind, claim) in the order in which money came to its end, `carried`
    has the lots of every row in their order, `fates` what became of each claim's part of each row,
    `missing`, `overdrawn` and `reversal_short` the amounts by row id.
    """

    def __init__(
        self, case: Case, rule: Rule = Rule.FIFO, played: list[Event] | None = None
    ) -> None:
        self.case, self.rule = case, rule
        self.accounts: defaultdict[str, Account] = defaultdict(Account)
        self.original = {row.id: row for row in case.rows}
        self.resting: defaultdict[str, list[Lot]] = defaultdict(list)
        self.carried: dict[str, list[Lot]] = {}
        self.missing: dict[str, Fen] = {}
        self.overdrawn: dict[str, Fen] = {}
        self.reversal_short: dict[str, Fen] = {}
        self.exact_ends: dict[EndKey, Fen] = {}
        self.fates: dict[tuple[str, str], dict[tuple[str, str], Fen]] = {}
        self.transfers = 0
        self.now = 0
        # The event at which a claim first came to each of its ends.
        self._came: dict[EndKey, int] = {}
        for account, fen in case.openings.items():
            self.accounts[account].lots = own(fen)
        for number, event in enumerate(played or events(case.rows), start=1):
            self.now = number
            self.play(event)
        self.close()

    def play(self, event: Event) -> None:
        """Play one event."""
        row = event.row
        if event.arrives:
            self.arrive(row, event.time)
        else:
            self.carried[row.id] = self.leave(row)
        for name in {row.payer, row.payee} - {""}:
            account = self.accounts[name]
            account.balances[self.now] = total(account.lots)

    # What leaves.

    def leave(self, row: Row) -> list[Lot]:
        """Release the row's lots at its payer; what limits cut ends here."""
        released = self.release(row)
        if row.id in self.case.seeds:
            for lot in released:
                self.end(row.payer or row.payee, "returned_to_victim", lot)
            return [Lot(self.case.seeds[row.id], row.fen, row.id, trail=(row.id,))]
        leaving = []
        for lot, passes in zip(released, self.within_limits(row, released), strict=True):
            if not passes:
                self.end(row.payer or row.payee, "beyond_limits", lot)
            followed = lot.followed and passes
            onward = lot._replace(via=row.id, hop=lot.hop + 1, followed=followed)
            leaving.append(onward._replace(trail=(*lot.trail, row.id)))
        return leaving

    def within_limits(self, row: Row, released: list[Lot]) -> list[bool]:
        """Which lots are followed on: limits are tested for each lot."""
        limits = self.case.limits
        passed = [
            row.fen >= limits.min_amount_fen
            and (limits.max_hops is None or lot.hop + 1 <= limits.max_hops)
            and (limits.hop_window is None or row.time - lot.since <= limits.hop_window)
            for lot in released
        ]
        if any(lot.owner and kept for lot, kept in zip(released, passed, strict=True)):
            self.transfers += 1
            if limits.max_transfers is not None and self.transfers > limits.max_transfers:
                passed = [False for _ in released]
        return passed

    def release(self, row: Row) -> list[Lot]:
        """Take the row's lots out of its payer; own money where there are none."""
        if row.currency != self.case.currency:
            return self.exchange(row)
        if row.payer:
            self.find_missing(row)
            lots = self.accounts[row.payer].lots
        else:
            lots = self.resting[row.reverses] if row.reverses else []
        taken: list[Lot] = []
        if row.reverses:
            taken, lots = take(self.rule, lots, row.fen, via=row.reverses)
            if total(taken) < row.fen:
                self.reversal_short[row.id] = row.fen - total(taken)
        by_rule, lots = take(self.rule, lots, row.fen - total(taken))
        taken += by_rule
        short = row.fen - total(taken)
        if row.payer:
            self.accounts[row.payer].lots = lots
            self.accounts[row.payer].debt += short
            if short:
                self.overdrawn[row.id] = short
        elif row.reverses:
            self.resting[row.reverses] = lots
        return [*taken, *own(short)]

    def find_missing(self, row: Row) -> None:
        """Insert own money if the balance stated afterwards proves that more had come in."""
        if row.payer_balance is None:
            return
        account = self.accounts[row.payer]
        short = row.fen + account.debt - total(account.lots)
        unseen = short - max(0, -row.payer_balance)
        if short > 0 and unseen > 0:
            self.missing[row.id] = unseen
            self.receive(row.payer, own(unseen))

    def exchange(self, row: Row) -> list[Lot]:
        """Money in another currency pays for itself; the rest comes out of this one."""
        if not row.payer:
            return []
        account = self.accounts[row.payer]
        rest = max(row.fen - account.other[row.currency], 0)
        account.other[row.currency] -= row.fen - rest
        taken, account.lots = take(self.rule, account.lots, rest)
        if row.reverses and taken:
            self.reversal_short[row.id] = total(taken)
        return taken

    # What arrives.

    def arrive(self, row: Row, time: int) -> None:
        """Put the row's lots where it leads."""
        lots = [lot._replace(since=time) for lot in self.carried[row.id]]
        if row.currency != self.case.currency:
            for lot in lots:
                self.end(row.payer, "currency_exchange", lot)
            self.accounts[row.payee].other[row.currency] += row.fen
        elif not row.payee:
            self.resting[row.id] = lots
            self.come(row.payer, row.channel or "unknown", lots)
        elif gap := self.case.gap(row.payee):
            for lot in lots:
                self.end(row.payee, gap, lot)
            self.receive(row.payee, own(row.fen))
        else:
            self.note_arrival(row)
            self.receive(row.payee, lots, row)

    def note_arrival(self, row: Row) -> None:
        """Remember what came in, in whole fen, for the valuations."""
        by_claim = {claim: fen for claim, fen in self.shares(row.id).items() if claim and fen}
        self.accounts[row.payee].arrivals.append(Arrival(self.now, by_claim))

    def receive(self, name: str, arriving: list[Lot], row: Row | None = None) -> None:
        """Fill the debt first; then queue up, or stand in front after a reversal."""
        account = self.accounts[name]
        filling, lots = fill(self.rule, arriving, account.debt)
        account.debt -= total(filling)
        for lot in filling:
            self.end(name, "overdraft", lot)
        self.come(name, "held", lots)
        if row is not None and row.reverses:
            undoing = {other.id for other in self.case.rows if other.reverses == row.reverses}
            account.lots = put_back(self.rule, account.lots, lots, undoing)
        else:
            account.lots = [*account.lots, *lots]

    # What ends.

    def come(self, account: str, kind: str, lots: list[Lot]) -> None:
        """Remember when each claim first came to where it may end."""
        for lot in lots:
            if lot.owner is not None:
                self._came.setdefault((account, kind, lot.owner), self.now)

    def end(self, account: str, kind: str, lot: Lot) -> None:
        """Count a claim's fen as ended here."""
        if lot.owner is not None:
            key = account, kind, lot.owner
            self._came.setdefault(key, self.now)
            self.exact_ends[key] = self.exact_ends.get(key, 0) + lot.fen
            for row in lot.trail:
                fate = self.fates.setdefault((row, lot.owner), {})
                fate[account, kind] = fate.get((account, kind), 0) + lot.fen

    def held(self, account: str) -> dict[str, Fen]:
        """What followed claims have in the account at the end."""
        return {
            claim: fen
            for (name, kind, claim), fen in self.exact_ends.items()
            if name == account and kind == "held"
        }

    def close(self) -> None:
        """Count what still lies in accounts and behind exits."""
        for name, account in self.accounts.items():
            for lot in account.lots:
                self.end(name, "held", lot)
        for row, lots in self.resting.items():
            original = self.original[row]
            for lot in lots:
                self.end(original.payer, original.channel or "unknown", lot)
        in_order = sorted(self.exact_ends, key=self._came.__getitem__)
        self.exact_ends = {key: self.exact_ends[key] for key in in_order}

    @property
    def ends(self) -> dict[EndKey, int]:
        """The ends in whole fen; those of a claim sum to what it paid."""
        whole: dict[EndKey, int] = {}
        for claim in self.case.paid():
            whole |= rounded({key: fen for key, fen in self.exact_ends.items() if key[2] == claim})
        return {key: fen for key, fen in whole.items() if fen}

    def tiers(self) -> dict[str, int]:
        """The tier of every account that followed money reached: 1 where a victim paid in."""
        found: dict[str, int] = {}
        for row, lots in self.carried.items():
            payee = self.original[row].payee
            for lot in lots:
                if lot.owner is not None and payee:
                    found[payee] = min(found.get(payee, lot.hop + 1), lot.hop + 1)
        return found

    def shares(self, row: str) -> dict[str | None, int]:
        """The row's whole fen by claim, in the order of the payments; own money (None) last."""
        parts: dict[str | None, Fen] = {}
        for claim in [*self.case.paid(), None]:
            parts[claim] = sum(lot.fen for lot in self.carried.get(row, []) if lot.owner == claim)
        return rounded(parts)
