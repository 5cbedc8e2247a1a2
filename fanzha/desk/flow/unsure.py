"""How far a figure depends on the order of rows that share a second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fanzha.desk.flow.result import follow
from fanzha.tracing.engine.ranges import ALL, ranges

if TYPE_CHECKING:
    from fanzha.desk.flow.sheet import Entry, Sheet

MOST_ORDERS: Final = 24
"""A drawer waits for so many traces; beyond it outer bounds stand in, and say so."""


@dataclass(frozen=True)
class Span:
    """Least and most fen in the account; `outer` says that the truth lies somewhere within."""

    low: int
    high: int
    outer: bool


def span_of(sheet: Sheet, entry: Entry) -> Span | None:
    """The range of what all victims have in the account; None where the order changes nothing."""
    if (
        entry.account is None
        or entry.account.omitted
        or sheet.chosen is not None
        or sheet.flow.trace.mixed is not None
    ):
        return None
    shown, given = sheet.flow.trace, sheet.flow.given
    found = ranges(
        shown.movements,
        shown.seeds,
        lambda rows, seeds: follow(given, rows, seeds, shown.rule, shown.limits),
        most_orders=MOST_ORDERS,
    )
    fen = entry.node.ends["held"]
    low, high = found.held(ALL, entry.account.number, fen)
    return Span(low, high, found.outer) if low < high else None
