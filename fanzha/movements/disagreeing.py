"""Statements of one account that disagree about a time that both cover. Pure.

Two statements of an account tell the same rows between the later of their first rows and the
earlier of their last ones; what only one of them tells there, the other left out or somebody added.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from fanzha.movements.firm_tables import shared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

COLUMNS = ("row_no", "own_key", "txn_time", "success", "dup_of")


class Disagreement(NamedTuple):
    """Two statements (public ids) of an account, the time that both cover, rows of one alone."""

    account: str
    one: str
    other: str
    first: datetime
    last: datetime
    only_one: int
    only_other: int


Told = dict[str, list[tuple["datetime", str]]]
"""By statement, when each row was and which row it is: of two that tell the same, the first."""


def disagreements(
    rows: Iterable[Mapping[str, Any]], layouts: Mapping[str, str]
) -> tuple[Disagreement, ...]:
    """Find them among rows (COLUMNS and `statement`, those told twice too), by account and time.

    Tables of one payment firm are views of the same money and differ by their nature.
    """
    told: dict[str, Told] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["success"] != "failed" and row["own_key"]:
            at = told[row["own_key"]][row["statement"]]
            at.append((row["txn_time"], _name(row)))
    return tuple(
        sorted(found for account in told for found in _of(account, told[account], layouts))
    )


def _of(account: str, told: Told, layouts: Mapping[str, str]) -> Iterator[Disagreement]:
    for one, other in combinations(told, 2):
        if shared({layouts[one], layouts[other]}):
            continue
        first = max(min(told[one])[0], min(told[other])[0])
        last = min(max(told[one])[0], max(told[other])[0])
        here, there = (
            {name for at, name in told[each] if first <= at <= last} for each in (one, other)
        )
        if here != there:
            alone = len(here - there), len(there - here)
            yield Disagreement(account, one, other, first, last, *alone)


def _name(row: Mapping[str, Any]) -> str:
    statement, _, number = (row["dup_of"] or f":{row['row_no']}").rpartition(":")
    return f"{statement or row['statement']}:{number}"
