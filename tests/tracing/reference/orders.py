"""Every order in which the rows can have happened, tried one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.tracing.reference.lots import Rule
from tests.tracing.reference.replay import Replay
from tests.tracing.reference.rows import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.tracing.reference.rows import Case, Row


def admissible_orders(rows: Sequence[Row]) -> Iterator[tuple[Row, ...]]:
    """All orders that the times allow: a row is somewhere in [time, time + width).

    Rows with a second time are not taken apart. A reversal follows what it reverses.
    """
    if not rows:
        yield ()
    names = {row.id for row in rows}
    for row in rows:
        others = [other for other in rows if other is not row]
        behind_another = any(other.time + other.width <= row.time for other in others)
        if not behind_another and row.reverses not in names:
            for rest in admissible_orders(others):
                yield row, *rest


def in_this_order(rows: Sequence[Row]) -> list[Event]:
    """The events of rows that happen one after the other, whatever their times say."""
    return [
        Event(row.time, place, arrives, row)
        for place, row in enumerate(rows)
        for arrives in (False, True)
        if row.moves
    ]


def replays(case: Case, rule: Rule = Rule.FIFO) -> list[Replay]:
    """The case in every admissible order."""
    return [Replay(case, rule, in_this_order(order)) for order in admissible_orders(case.rows)]


def ranges(case: Case, rule: Rule) -> dict[tuple[str, str, str], tuple[int, int]]:
    """The least and the most of every end over all admissible orders.

    An empty claim stands for all of them together.
    """
    results = []
    for replay in replays(case, rule):
        ends = Counter(replay.ends)
        for (account, kind, _), fen in replay.ends.items():
            ends[account, kind, ""] += fen
        results.append(ends)
    keys = {key for ends in results for key in ends}
    return {
        key: (min(ends[key] for ends in results), max(ends[key] for ends in results))
        for key in keys
    }
