"""Backward tracing, coin by coin: every fen is a thing of its own, and so is every fen owed.

An outflow above what is there hands over coins that are owed. Whoever pays such a coin later has
paid for what it did meanwhile: backward, the payer's fen goes on where the owed coin went.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.tracing.reference.lots import Rule
from tests.tracing.reference.rows import events

if TYPE_CHECKING:
    from tests.tracing.reference.rows import Case, Row

    EndKey = tuple[str, str, str]


class Step(NamedTuple):
    """A coin passes a row, as its fen number `place`."""

    row: Row
    place: int
    left: int
    arrived: int


@dataclass(eq=False)
class Coin:
    """One fen: where it went, where it ended, and the owed coin that it paid for."""

    claim: str | None = None
    steps: list[Step] = field(default_factory=list)
    end: tuple[str, str] = ("", "")
    paid_for: Coin | None = None
    returned_by: Row | None = None

    @property
    def via(self) -> str:
        """The row that brought it to where it is."""
        return self.steps[-1].row.id if self.steps else ""


class Coins:
    """Plays a case fen by fen, by fifo or lifo, without limits; limits are read off the steps."""

    def __init__(self, case: Case, rule: Rule) -> None:
        self.case, self.newest_first = case, rule is Rule.LIFO
        self.lots: defaultdict[str, list[Coin]] = defaultdict(list)
        self.owed: defaultdict[str, list[Coin]] = defaultdict(list)
        self.other: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.resting: defaultdict[str, list[Coin]] = defaultdict(list)
        self.moving: dict[str, list[Coin]] = {}
        self.stolen: list[Coin] = []
        for account, fen in case.openings.items():
            self.lots[account] = [Coin() for _ in range(fen)]
        for event in events(case.rows):
            if event.arrives:
                self.arrive(event.row, event.time)
            else:
                self.moving[event.row.id] = self.leave(event.row)
        for account, coins in self.lots.items():
            for coin in coins:
                coin.end = account, "held"

    def take(self, lots: list[Coin], fen: int, via: str | None = None) -> list[Coin]:
        """Take up to `fen` coins out of the list, in the order of the rule."""
        order = lots[::-1] if self.newest_first else list(lots)
        taken = [coin for coin in order if via is None or coin.via == via][:fen]
        lots[:] = [coin for coin in lots if coin not in taken]
        return taken

    def leave(self, row: Row) -> list[Coin]:
        """The coins that the row takes along."""
        if row.currency != self.case.currency:
            return self.exchange(row)
        lots = self.lots[row.payer] if row.payer else self.resting[row.reverses]
        if row.payer and row.payer_balance is not None:
            short = row.fen + len(self.owed[row.payer]) - len(lots)
            unseen = max(short - max(0, -row.payer_balance), 0)
            self.receive(row.payer, [Coin() for _ in range(unseen)])
        taken = self.take(lots, row.fen, row.reverses) if row.reverses else []
        taken += self.take(lots, row.fen - len(taken))
        owed = [Coin() for _ in range(row.fen - len(taken))]
        if row.payer:
            self.owed[row.payer] += owed
        taken += owed
        if row.id in self.case.seeds:
            for coin in taken:
                coin.end = row.payer or row.payee, "returned_to_victim"
                coin.returned_by = row
            taken = [Coin(self.case.seeds[row.id]) for _ in range(row.fen)]
            self.stolen += taken
        return taken

    def exchange(self, row: Row) -> list[Coin]:
        """Coins that buy another currency, when its own is used up."""
        has = self.other[row.payer, row.currency]
        rest = max(row.fen - has, 0) if row.payer else 0
        self.other[row.payer, row.currency] -= row.fen - rest
        return self.take(self.lots[row.payer], rest)

    def arrive(self, row: Row, time: int) -> None:
        """The row's coins come to where it leads."""
        coins = self.moving[row.id]
        for place, coin in enumerate(coins):
            coin.steps.append(Step(row, place, row.time, time))
        if row.currency != self.case.currency:
            self.other[row.payee, row.currency] += row.fen
            self.stop(coins, row.payer, "currency_exchange")
        elif not row.payee:
            self.stop(coins, row.payer, row.channel or "unknown")
            self.resting[row.id] = list(coins)
        elif gap := self.case.gap(row.payee):
            self.stop(coins, row.payee, gap)
            self.receive(row.payee, [Coin() for _ in range(row.fen)])
        else:
            self.receive(row.payee, coins, row)

    def stop(self, coins: list[Coin], account: str, kind: str) -> None:
        """The coins end here."""
        for coin in coins:
            coin.end = account, kind

    def receive(self, account: str, coins: list[Coin], row: Row | None = None) -> None:
        """Pay what is owed, the oldest debt first; keep the rest."""
        lots, owed = self.lots[account], self.owed[account]
        paying, rest = coins[: len(owed)], coins[len(owed) :]
        for coin in paying:
            coin.end, coin.paid_for = (account, "overdraft"), owed.pop(0)
        at = len(lots)
        if row is not None and row.reverses and not self.newest_first:
            undoing = {other.id for other in self.case.rows if other.reverses == row.reverses}
            at = next((n for n, coin in enumerate(lots) if coin.via not in undoing), at)
        lots[at:at] = rest


class Fate(NamedTuple):
    """Where a stolen fen ended, and all steps of its way there."""

    account: str
    kind: str
    steps: tuple[Step, ...]


def fate(case: Case, coin: Coin, *, backward: bool) -> Fate:
    """Follow one stolen fen; backward also through what it paid for."""
    passed: list[Step] = []
    now: Coin | None = coin
    while now is not None:
        for step in now.steps:
            if step.row in [before.row for before in passed]:
                return Fate(step.row.payer or step.row.payee, "overdraft", tuple(passed))
            if passed and not within(case, step, passed):
                return Fate(step.row.payer or step.row.payee, "beyond_limits", tuple(passed))
            passed.append(step)
        last, now = now, now.paid_for if backward else None
    if last.returned_by in [step.row for step in passed]:
        return Fate(last.end[0], "overdraft", tuple(passed))
    return Fate(*last.end, tuple(passed))


def within(case: Case, step: Step, passed: list[Step]) -> bool:
    """Whether the limits let the fen be followed through this step; `max_transfers` has no say."""
    limits = case.limits
    return (
        step.row.fen >= limits.min_amount_fen
        and (limits.max_hops is None or len(passed) <= limits.max_hops)
        and (limits.hop_window is None or step.left - passed[-1].arrived <= limits.hop_window)
    )


def backward_ends(case: Case, rule: Rule, *, backward: bool = True) -> dict[EndKey, int]:
    """Sum the ends by (account, kind, claim)."""
    ends: Counter[EndKey] = Counter()
    for coin in Coins(case, rule).stolen:
        where = fate(case, coin, backward=backward)
        ends[where.account, where.kind, str(coin.claim)] += 1
    return dict(ends)
