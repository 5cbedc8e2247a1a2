"""Money that left an account while a stop or freeze of ours was in force there (止付后流出): pure.

The bank said that it holds; its own statement says that money went. Either its clock, the payment
under way or its answer was wrong: a person asks.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

WIDTH: Mapping[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "date": timedelta(days=1),
}
"""How long the moment is that a row names."""


@dataclass(frozen=True)
class Term:
    """When a hold was in force, and how much it keeps (fen; None: nothing may leave).

    `until` is None while no end is known; a freeze up to an amount lets go what lies above it.
    """

    since: datetime
    until: datetime | None
    keeps_fen: int | None


class Outflow(NamedTuple):
    """A row by which money left the account: `precision` second, minute or date."""

    statement: str
    row_no: int
    left_at: datetime
    precision: str
    amount_fen: int
    balance_fen: int | None


@dataclass(frozen=True)
class Escape:
    """An outflow within the term; not `certain` where the row's time or balance leaves it open."""

    outflow: Outflow
    certain: bool


def escapes(term: Term, outflows: Iterable[Outflow]) -> list[Escape]:
    """The outflows that the hold should have stopped, in the order of their times."""
    found = [
        Escape(each, certain) for each in outflows if (certain := _within(term, each)) is not None
    ]
    return sorted(found, key=lambda each: (each.outflow.left_at, each.outflow.row_no))


def fresh(found: Iterable[Escape], known: Iterable[Outflow]) -> list[Escape]:
    """What is not known yet: statements overlap, and the n-th equal outflow is the n-th there too.

    All of `found` are rows of one statement; `known` may come from any.
    """
    per_statement: dict[str, Counter[tuple[datetime, int]]] = {}
    for row in known:
        per_statement.setdefault(row.statement, Counter())[row.left_at, row.amount_fen] += 1
    told: Counter[tuple[datetime, int]] = Counter()
    for counted in per_statement.values():
        told |= counted
    new = []
    for each in found:
        key = each.outflow.left_at, each.outflow.amount_fen
        if told[key]:
            told[key] -= 1
        else:
            new.append(each)
    return new


def _within(term: Term, row: Outflow) -> bool | None:
    """Whether it certainly left in the term; None when it did not, or was free to go."""
    last = row.left_at + WIDTH.get(row.precision, WIDTH["date"])
    if last <= term.since or (term.until is not None and row.left_at >= term.until):
        return None
    certain = row.left_at > term.since and (term.until is None or last <= term.until)
    if term.keeps_fen is None:
        return certain
    if row.balance_fen is None:
        return False
    return certain if row.balance_fen < term.keeps_fen else None
