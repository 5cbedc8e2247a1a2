"""The peer of the tracing engine: FIFO by one queue of lots per account, in plain Python.

It plays every row once, also those that no followed money touches: what anybody would write first.
Only transfers between accounts and to the outside; the engine answers more than that.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from fanzha.tracing.engine import Movement

    Lots = deque[tuple[str, int]]

OWN = ""


def ends_by_queue(rows: Iterable[Movement], seeds: Collection[str]) -> Counter[tuple[str, str]]:
    """Fen of all claims together by (account, kind of end); every seed is a claim of its own."""
    queues: defaultdict[str, Lots] = defaultdict(deque)
    debts: Counter[str] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    for row in sorted(rows, key=lambda each: each.time):
        if row.id in seeds:
            took = _take(queues[row.from_account], row.amount_fen)
            _count(ends, row.from_account, "returned_to_victim", took)
            debts[row.from_account] += row.amount_fen - sum(fen for _, fen in took)
            lots = [(row.id, row.amount_fen)]
        else:
            lots = _take(queues[row.from_account], row.amount_fen)
            short = row.amount_fen - sum(fen for _, fen in lots)
            debts[row.from_account] += short
            lots.append((OWN, short))
        if not row.to_account:
            _count(ends, row.from_account, row.channel, lots)
            continue
        arriving = deque(lots)
        filled = _take(arriving, debts[row.to_account])
        debts[row.to_account] -= sum(fen for _, fen in filled)
        _count(ends, row.to_account, "overdraft", filled)
        queues[row.to_account].extend(arriving)
    for account, lots_left in queues.items():
        _count(ends, account, "held", lots_left)
    return +ends


def _take(lots: Lots, fen: int) -> list[tuple[str, int]]:
    """Take `fen`, or all there is, from the front."""
    taken = []
    while fen > 0 and lots:
        claim, there = lots.popleft()
        part = min(there, fen)
        if part < there:
            lots.appendleft((claim, there - part))
        taken.append((claim, part))
        fen -= part
    return taken


def _count(
    ends: Counter[tuple[str, str]], account: str, kind: str, lots: Iterable[tuple[str, int]]
) -> None:
    for claim, fen in lots:
        if claim != OWN:
            ends[account, kind] += fen
