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
    """What a row brought to an account at one event, by claim; `alone`: it is all one claim's."""

    event: int
    by_claim: dict[str, Fen]
    alone: bool


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

    `ends` sums by (account, kind, claim) in the order of arrival, `carried` has the lots of every
    row in their order, `missing`, `overdrawn` and `reversal_short` the amounts by row id.
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
        self.transfers = 0
        self.now = 0
        self._ended: list[tuple[int, EndKey, Fen]] = []
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
            return [Lot(self.case.seeds[row.id], row.fen).behind(row.id)]
        leaving = []
        for lot, passes in zip(released, self.within_limits(row, released), strict=True):
            if not passes:
                self.end(row.payer or row.payee, "beyond_limits", lot)
            onward = lot.behind(row.id, row.reverses)
            leaving.append(onward._replace(hop=lot.hop + 1, followed=lot.followed and passes))
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
        lots = [lot._replace(since=time, born=self.now) for lot in self.carried[row.id]]
        if row.currency != self.case.currency:
            for lot in lots:
                self.end(row.payer, "currency_exchange", lot)
            self.accounts[row.payee].other[row.currency] += row.fen
        elif not row.payee:
            self.resting[row.id] = lots
        elif gap := self.case.gap(row.payee):
            for lot in lots:
                self.end(row.payee, gap, lot)
            self.receive(row.payee, own(row.fen))
        else:
            self.note_arrival(row, lots)
            self.receive(row.payee, lots, row)

    def note_arrival(self, row: Row, lots: list[Lot]) -> None:
        """Remember what came in, for the valuations."""
        by_claim: dict[str, Fen] = {}
        for lot in lots:
            if lot.owner is not None:
                by_claim[lot.owner] = by_claim.get(lot.owner, 0) + lot.fen
        alone = len(by_claim) == 1 and sum(by_claim.values()) == row.fen
        self.accounts[row.payee].arrivals.append(Arrival(self.now, by_claim, alone))

    def receive(self, name: str, arriving: list[Lot], row: Row | None = None) -> None:
        """Fill the debt first; then queue up, or stand in front after a reversal."""
        account = self.accounts[name]
        filling, lots = fill(self.rule, arriving, account.debt)
        account.debt -= total(filling)
        for lot in filling:
            self.end(name, "overdraft", lot)
        if row is not None and row.reverses:
            undone = "" if row.id in self.case.seeds else row.reverses
            account.lots = put_back(self.rule, account.lots, lots, undone)
        else:
            account.lots = [*account.lots, *lots]

    # What ends.

    def end(self, account: str, kind: str, lot: Lot) -> None:
        """Count a claim's fen as ended here."""
        if lot.owner is not None:
            key = account, kind, lot.owner
            self._ended.append((lot.born or self.now, key, lot.fen))

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
        for _, key, fen in sorted(self._ended, key=lambda ended: ended[0]):
            self.exact_ends[key] = self.exact_ends.get(key, 0) + fen

    @property
    def ends(self) -> dict[EndKey, int]:
        """The ends in whole fen; those of a claim sum to what it paid."""
        whole: dict[EndKey, int] = {}
        for claim in self.case.paid():
            whole |= rounded({key: fen for key, fen in self.exact_ends.items() if key[2] == claim})
        return {key: fen for key, fen in whole.items() if fen}

    def shares(self, row: str) -> dict[str | None, int]:
        """The row's whole fen by claim, own money (None) included, in the order of the lots."""
        parts: dict[str | None, Fen] = {}
        for lot in self.carried.get(row, []):
            parts[lot.owner] = parts.get(lot.owner, 0) + lot.fen
        return rounded(parts)
