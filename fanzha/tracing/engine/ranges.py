"""How far the figures depend on the order of rows whose order is not certain.

The trace is repeated for every order that times and balances allow. Above a bound on their number
an outer bound is given instead: no admissible order leads outside it, but it may be too wide.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fanzha.tracing.engine.model import (
    GAP_KINDS,
    MOST_TIME,
    NO_BALANCE,
    OUTSIDE,
    EndKind,
    Seeds,
)
from fanzha.tracing.engine.order import TooManyOrders, in_order, possible_orders, tied_groups
from fanzha.tracing.engine.result import seeded_by_claim

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from fanzha.tracing.engine.model import Movements
    from fanzha.tracing.engine.result import Trace

ALL: Final = ""
"""In place of a claim: all claims together."""
MOST_ORDERS: Final = 720
"""So many traces are made for one range; six rows of one second have as many orders."""
MOST_ROWS: Final = 1_000_000
"""And so many rows may be looked at in all of them."""
MOST_BOUNDS: Final = 100_000
"""So many outer bounds are looked for beside the ends of the point figure: accounts times claims.

Money reaches a fifth of all accounts in some order or other; such a list tells nobody anything.
"""


class EndOf(NamedTuple):
    """One claim's money in one kind of end at one account."""

    claim: str
    account: str
    kind: EndKind


@dataclass(frozen=True)
class Ranges:
    """Least and most fen of each end that depends on the order; absent ends do not depend on it.

    Where balances allow other orders than the point figure's only, it may lie outside. `orders`
    is the number of orders that were traced; `outer` says that these are outer bounds.
    """

    of: Mapping[EndOf, tuple[int, int]]
    orders: int
    outer: bool = False

    def held(self, claim: str, account: str, fen: int) -> tuple[int, int]:
        """The range of what a claim holds in an account; (fen, fen) if it is certain."""
        return self.of.get(EndOf(claim, account, EndKind.HELD), (fen, fen))


CERTAIN: Final = Ranges({}, 1)


def ranges(
    movements: Movements,
    seeds: Seeds,
    traced: Callable[[Movements, Seeds], Trace],
    *,
    most_orders: int = MOST_ORDERS,
) -> Ranges:
    """Find the range of every end; `traced` makes the trace of movements in one order."""
    touched = _touched(movements, seeds.rows)
    weighed = _weighed(movements, seeds)
    groups = [
        group for group in tied_groups(movements) if _matters(movements, touched, group, weighed)
    ]
    if not groups:
        return CERTAIN
    if any(_arrives_among(movements, group) for group in groups):
        return _outer(movements, seeds, traced)
    try:
        choices = [possible_orders(movements, group)[0] for group in groups]
    except TooManyOrders:
        return _outer(movements, seeds, traced)
    count = prod(len(orders) for orders in choices)
    if count > min(most_orders, MOST_ROWS // max(len(movements), movements.part_of)):
        return _outer(movements, seeds, traced)
    found = [_ends(traced(*_reordered(movements, seeds, orders))) for orders in product(*choices)]
    point = found[0]
    if any(orders[0] != group for orders, group in zip(choices, groups, strict=True)):
        point = _ends(traced(movements, seeds))
    names = {name for ends in (point, *found) for name in ends}
    spans = {name: (min(e[name] for e in found), max(e[name] for e in found)) for name in names}
    unsure = {name: span for name, span in spans.items() if span != (point[name], point[name])}
    return Ranges(unsure, count)


def _reordered(
    movements: Movements, seeds: Seeds, orders: Iterable[list[int]]
) -> tuple[Movements, Seeds]:
    after = in_order(movements, list(orders))
    paid = zip((movements.ids[row] for row in seeds.rows), seeds.claims, strict=True)
    return after, Seeds.of(after, paid)


def _ends(trace: Trace) -> Counter[EndOf]:
    sums: Counter[EndOf] = Counter()
    for end in trace.ends:
        sums[EndOf(end.claim, end.account, end.kind)] += end.fen
        sums[EndOf(ALL, end.account, end.kind)] += end.fen
    return sums


def _matters(
    movements: Movements, touched: Mapping[int, int], group: list[int], weighed: NDArray[np.bool_]
) -> bool:
    """Tell whether claim money can have come to an account of the group before its end.

    What came before claim money was own money in any order; but exchanges, and balances that prove
    money missing, leave more or less of it, or of a debt, by their place among other rows.
    """
    accounts = {
        int(account)
        for row in group
        for account in (movements.from_account[row], movements.to_account[row])
    }
    if weighed[group].any():
        return any(account in touched for account in accounts)
    last = np.maximum(movements.time[group], movements.time_to[group]) + movements.width[group]
    return any(touched.get(account, last.max()) < last.max() for account in accounts)


def _weighed(movements: Movements, seeds: Seeds) -> NDArray[np.bool_]:
    """The rows that leave more or less in an account by what is there: exchanges, balances."""
    ours = {movements.currency[row] for row in seeds.rows}
    foreign = np.array([name not in ours for name in movements.currency], np.bool_)
    stated: NDArray[np.bool_] = movements.balance_from_fen != NO_BALANCE
    return foreign | stated


def _arrives_among(movements: Movements, group: list[int]) -> bool:
    """Tell whether an arrival by the payee's own time is tied with another row in its account.

    The orders of a group move whole rows; such an arrival has its own place, which they do not try.
    """
    late = {row for row in group if movements.time_to[row] > movements.time[row]}
    found: dict[int, list[tuple[int, int, bool]]] = {}
    for row in group if late else []:
        width, arrived = int(movements.width[row]), max(movements.time[row], movements.time_to[row])
        for account, start, own in (
            (movements.from_account[row], movements.time[row], False),
            (movements.to_account[row], arrived, row in late),
        ):
            if account != OUTSIDE:
                found.setdefault(int(account), []).append((int(start), int(start) + width, own))
    return any(_meets_a_late_one(spans) for spans in found.values())


def _meets_a_late_one(spans: list[tuple[int, int, bool]]) -> bool:
    """Tell whether two spans of time meet of which one at least is that of a late arrival."""
    end_of_all = end_of_late = -MOST_TIME
    for start, end, late in sorted(spans):
        if start < (end_of_all if late else end_of_late):
            return True
        end_of_all = max(end_of_all, end)
        end_of_late = max(end_of_late, end) if late else end_of_late
    return False


def _touched(movements: Movements, rows: Iterable[int]) -> dict[int, int]:
    """When claim money can first have come to each account, whatever the order of ties."""
    touched: dict[int, int] = {}
    waiting: list[tuple[int, int]] = []
    for row in rows:
        _carry(movements, waiting, row, int(movements.time[row]))
    while waiting:
        at, account = heapq.heappop(waiting)
        if touched.get(account, at + 1) <= at:
            continue
        touched[account] = at
        for row in movements.rows_touching(account):
            leaves = movements.from_account[row] == account
            if leaves and movements.time[row] + movements.width[row] > at:
                _carry(movements, waiting, row, max(at, int(movements.time[row])))
    return touched


def _carry(movements: Movements, waiting: list[tuple[int, int]], row: int, at: int) -> None:
    """Let a row carry claim money to its payee; out of an exit a reversal may bring it back."""
    if (payee := int(movements.to_account[row])) != OUTSIDE:
        heapq.heappush(waiting, (at, payee))
        return
    for back in movements.reversals_of.get(row, []):
        account, arrives = int(movements.to_account[back]), max(at, int(movements.time[back]))
        if account != OUTSIDE:
            heapq.heappush(waiting, (arrives, account))


def _outer(
    movements: Movements, seeds: Seeds, traced: Callable[[Movements, Seeds], Trace]
) -> Ranges:
    """Bound what is held, and what left by exits, without looking at the orders.

    Nothing is the least; the most is what the claim paid, what came into the account, or what
    left it by that exit, whichever is smallest. Other ends are bounded where the point figure has
    them. So are all of them where too many accounts are in reach.
    """
    point = _ends(traced(movements, seeds))
    closed = {end.account for end in point if end.kind in GAP_KINDS}
    spans: dict[EndOf, tuple[int, int]] = {}
    paid_by = seeded_by_claim(movements, seeds)
    many = len(_touched(movements, seeds.rows)) * (len(paid_by) + 1) > MOST_BOUNDS
    for claim, paid in [*paid_by.items(), (ALL, paid_by.total())]:
        spans |= {end: (0, paid) for end in point if end.claim == claim}
        if many:
            continue
        paid_for = zip(seeds.rows, seeds.claims, strict=True)
        rows = [row for row, of in paid_for if claim in (of, ALL)]
        for account in _touched(movements, rows):
            name = movements.name(account)
            for kind, fen in _at_most(movements, account).items():
                if name not in closed and fen:
                    spans[EndOf(claim, name, kind)] = (0, min(paid, fen))
    return Ranges(spans, 0, outer=True)


def _at_most(movements: Movements, account: int) -> Counter[EndKind]:
    """All that came into an account, and all that left it by each kind of exit."""
    sums: Counter[EndKind] = Counter()
    for row in movements.rows_touching(account):
        fen = int(movements.amount_fen[row])
        if movements.to_account[row] == account:
            sums[EndKind.HELD] += fen
        elif movements.to_account[row] == OUTSIDE:
            sums[movements.channel[row]] += fen
    return sums
