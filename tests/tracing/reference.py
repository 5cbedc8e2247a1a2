"""A second way to trace by FIFO: one sequential replay with queues of lots.

Written from the definitions alone; it shares no code with the engine. Rows are plain tuples in
the order in which they count. A lot is (claim or None, fen, row that brought it).
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Row(NamedTuple):
    """A transfer as the engine's callers write it."""

    id: str
    time: int
    payer: str
    payee: str
    fen: int
    payer_balance: int | None = None
    payee_balance: int | None = None
    channel: str = ""
    currency: str = "CNY"
    reverses: str = ""


class Lot(NamedTuple):
    """Some fen of one claim (None: own money), and the row that brought them."""

    claim: str | None
    fen: int
    via: str


@dataclass
class Pot:
    """What one account holds: lots, or a debt; and sums of other currencies."""

    lots: deque[Lot] = field(default_factory=deque)
    debt: int = 0
    other: Counter[str] = field(default_factory=Counter)

    @property
    def balance(self) -> int:
        """What is there, less the debt."""
        return sum(lot.fen for lot in self.lots) - self.debt


class Replay:
    """Replays the rows one by one; `ends`, `carried` and `reversal_short` hold the result."""

    def __init__(
        self,
        rows: Iterable[Row],
        seeds: dict[str, str],
        openings: dict[str, int] | None = None,
        known: set[str] | None = None,
    ) -> None:
        self.rows = sorted(rows, key=lambda row: row.time)
        self.by_id = {row.id: row for row in self.rows}
        self.seeds = dict(seeds)
        self.known = known
        self.currency = next((self.by_id[s].currency for s in self.seeds), "CNY")
        self.pots: defaultdict[str, Pot] = defaultdict(Pot)
        # The lots that left by an exit row, by its id.
        self.gone: dict[str, deque[Lot]] = {}
        self.ends: Counter[tuple[str, str, str]] = Counter()
        # Row id -> (claim, fen) in the order of the lots.
        self.carried: dict[str, list[tuple[str | None, int]]] = {}
        self.reversal_short: Counter[str] = Counter()
        for account, fen in (openings or {}).items():
            if fen:
                self.pots[account].lots.append(Lot(None, fen, ""))
        for row in self.rows:
            self.play(row)
        self.close()

    def play(self, row: Row) -> None:
        """Play one row."""
        if row.payer == row.payee or row.fen == 0:
            return
        released = self.release(row)
        if row.id in self.seeds:
            for lot in released:
                self.end(row.payer or row.payee, "returned_to_victim", lot)
            released = [Lot(self.seeds[row.id], row.fen, row.id)]
        released = [lot._replace(via=row.id) for lot in released]
        self.carried[row.id] = [(lot.claim, lot.fen) for lot in released]
        self.arrive(row, released)

    def release(self, row: Row) -> list[Lot]:
        """Take the row's lots out of its payer, in order; own money from outside."""
        original = self.by_id.get(row.reverses)
        taken: list[Lot] = []
        if not row.payer:
            if original is not None:
                taken = take(self.gone.get(original.id, deque()), row.fen)
                return [*taken, *own(row.fen - total(taken))]
            return own(row.fen)
        pot = self.pots[row.payer]
        if row.currency != self.currency:
            return self.exchange(pot, row)
        short = row.fen - pot.balance
        if short > 0 and row.payer_balance is not None:
            # The bank says what was left: as much came in unseen, just before.
            unseen = min(short, short + row.payer_balance)
            if unseen > 0:
                self.receive(row.payer, own(unseen))
        if original is not None:
            mine = deque(lot for lot in pot.lots if lot.via == original.id)
            taken = take(mine, row.fen)
            self.reversal_short[row.id] += row.fen - total(taken)
            # What the original left behind keeps its place in the queue.
            pot.lots = without(pot.lots, total(taken), original.id)
        taken += take(pot.lots, row.fen - total(taken))
        missing = row.fen - total(taken)
        pot.debt += missing
        return [*taken, *own(missing)]

    def exchange(self, pot: Pot, row: Row) -> list[Lot]:
        """Let another currency pay for itself; the rest comes out of this one, at face value."""
        rest = max(row.fen - pot.other[row.currency], 0)
        pot.other[row.currency] -= row.fen - rest
        return take(pot.lots, rest)

    def arrive(self, row: Row, lots: list[Lot]) -> None:
        """Put the lots where the row leads."""
        if row.currency != self.currency:
            self.pots[row.payee].other[row.currency] += row.fen if row.payee else 0
            for lot in lots:
                self.end(row.payer, "currency_exchange", lot)
        elif not row.payee:
            self.gone[row.id] = deque(lots)
        elif self.known is not None and row.payee not in self.known:
            for lot in lots:
                self.end(row.payee, "not_queried", lot)
            self.receive(row.payee, own(row.fen))
        else:
            self.receive(row.payee, lots, in_front=bool(row.reverses))

    def receive(self, account: str, arriving: list[Lot], *, in_front: bool = False) -> None:
        """Fill the debt first, then queue up."""
        pot = self.pots[account]
        lots = deque(arriving)
        for lot in take(lots, pot.debt):
            pot.debt -= lot.fen
            self.end(account, "overdraft", lot)
        pot.lots = deque([*lots, *pot.lots]) if in_front else deque([*pot.lots, *lots])

    def end(self, account: str, kind: str, lot: Lot) -> None:
        """Count a claim's fen as ended here."""
        if lot.claim is not None:
            self.ends[account, kind, lot.claim] += lot.fen

    def close(self) -> None:
        """Count what still lies in accounts and behind exits."""
        for account, pot in self.pots.items():
            for lot in pot.lots:
                self.end(account, "held", lot)
        for name, lots in self.gone.items():
            for lot in lots:
                self.end(self.by_id[name].payer, self.by_id[name].channel or "unknown", lot)


def own(fen: int) -> list[Lot]:
    """Make a lot of own money."""
    return [Lot(None, fen, "")] if fen > 0 else []


def total(lots: Iterable[Lot]) -> int:
    """Sum lots."""
    return sum(lot.fen for lot in lots)


def take(lots: deque[Lot], fen: int) -> list[Lot]:
    """Take `fen`, or all there is, from the front of a queue."""
    taken: list[Lot] = []
    while fen > 0 and lots:
        lot = lots.popleft()
        if lot.fen > fen:
            lots.appendleft(lot._replace(fen=lot.fen - fen))
            lot = lot._replace(fen=fen)
        taken.append(lot)
        fen -= lot.fen
    return taken


def without(lots: deque[Lot], fen: int, via: str) -> deque[Lot]:
    """Leave out the first `fen` of the lots that came by `via`."""
    rest: deque[Lot] = deque()
    for lot in lots:
        cut = min(lot.fen, fen) if lot.via == via else 0
        fen -= cut
        if lot.fen > cut:
            rest.append(lot._replace(fen=lot.fen - cut))
    return rest
