"""Whom stolen money can have touched at all: reach, never an amount to hold or pay back."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from tests.tracing.reference.lots import Rule, total
from tests.tracing.reference.replay import Replay
from tests.tracing.reference.rows import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.tracing.reference.rows import Case, Row

    Place = tuple[str, str]


class Way(NamedTuple):
    """Money of a claim came to where it is by so many hops, at that time."""

    claim: str
    hop: int
    since: int


class Touch:
    """Every way to every account, all of them kept.

    `rows` has for each row that is followed the claims on it, each by its fewest hops; `ends` sums
    whole rows by (account, kind, claim), `once` by (account, kind) whatever the claims.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.rows: dict[str, dict[str, int]] = {}
        self.accounts: defaultdict[str, set[Way]] = defaultdict(set)
        self.resting: dict[str, set[Way]] = {}
        self.ends: Counter[tuple[str, str, str]] = Counter()
        self.once: Counter[Place] = Counter()
        self.transfers = 0
        for event in events(case.rows):
            if event.arrives:
                self.arrive(event.row, event.time)
            else:
                self.leave(event.row)
        self.hold()

    def leave(self, row: Row) -> None:
        """Everything that touched the payer goes along in full; limits cut ways, not shares."""
        ways = self.accounts[row.payer] if row.payer else self.resting.get(row.reverses, set())
        claims = {way.claim for way in ways}
        if row.id in self.case.seeds:
            self.end(row, row.payer or row.payee, "returned_to_victim", claims)
            self.rows[row.id] = {self.case.seeds[row.id]: 0}
            return
        carried: dict[str, int] = {}
        for way in sorted(ways):
            if self.within_limits(row, way):
                carried.setdefault(way.claim, way.hop + 1)
        if carried:
            self.transfers += 1
            most = self.case.limits.max_transfers
            carried = {} if most is not None and self.transfers > most else carried
        self.end(row, row.payer or row.payee, "beyond_limits", claims - set(carried))
        if carried:
            self.rows[row.id] = carried

    def within_limits(self, row: Row, way: Way) -> bool:
        """Whether the row is followed for what came by this way; `max_transfers` has no say."""
        limits = self.case.limits
        return (
            row.fen >= limits.min_amount_fen
            and (limits.max_hops is None or way.hop + 1 <= limits.max_hops)
            and (limits.hop_window is None or row.time - way.since <= limits.hop_window)
        )

    def arrive(self, row: Row, time: int) -> None:
        """Touch the payee, or end what is out of sight."""
        came = {Way(claim, hop, time) for claim, hop in self.rows.get(row.id, {}).items()}
        claims = {way.claim for way in came}
        if not row.payee:
            self.resting[row.id] = came
        if row.currency != self.case.currency:
            self.end(row, row.payer or row.payee, "currency_exchange", claims)
        elif not row.payee:
            self.end(row, row.payer, row.channel or "unknown", claims)
        elif gap := self.case.gap(row.payee):
            self.end(row, row.payee, gap, claims)
        else:
            self.accounts[row.payee] |= came

    def end(self, row: Row, account: str, kind: str, claims: Iterable[str]) -> None:
        """Count the whole row for every claim, and once."""
        for claim in claims:
            self.ends[account, kind, claim] += row.fen
        if claims:
            self.once[account, kind] += row.fen

    def hold(self) -> None:
        """A touched account holds all that is in it."""
        accounts = Replay(self.case, Rule.FIFO).accounts
        for name, ways in self.accounts.items():
            fen = int(total(accounts[name].lots))
            if ways and fen:
                self.once[name, "held"] = fen
                self.ends |= Counter({(name, "held", way.claim): fen for way in ways})
