"""How the institutions answer just now: from the front-ends and from what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from fanzha.desk.now import reads

if TYPE_CHECKING:
    from fanzha.scope.prepared import Row

SILENT_AFTER = timedelta(minutes=2)
"""A front-end that fails so long is silent (assumed)."""
SLOW_AFTER = timedelta(minutes=10)
"""An instruction unanswered for so long makes its institution slow (assumed)."""
SLOW_MEDIAN = timedelta(minutes=5)
"""So does a median above this (assumed)."""
WINDOW = timedelta(hours=1)
MOST_SHOWN = 14
ORDER = ("silent", "slow", "answering", "idle")


@dataclass(frozen=True)
class Answers:
    """One institution: state, unanswered instructions, age of the oldest, median answer time."""

    name: str
    code: str
    state: str
    waiting: int
    oldest: timedelta | None
    median: timedelta | None
    answered: int
    failing_since: datetime | None


def institutions(at: datetime) -> tuple[list[Answers], int]:
    """The institutions, those that do not answer first; how many are not shown."""
    found = [_answers(row, at) for row in reads.institutions(at, WINDOW)]
    found.sort(key=lambda each: (ORDER.index(each.state), -each.waiting, each.name))
    return found[:MOST_SHOWN], max(len(found) - MOST_SHOWN, 0)


def _answers(row: Row, at: datetime) -> Answers:
    since, median = row["failing_since"], row["median"]
    oldest = at - row["oldest"] if row["oldest"] else None
    slow = (oldest and oldest > SLOW_AFTER) or (median and median > SLOW_MEDIAN)
    if since is not None and at - since > SILENT_AFTER:
        state = "silent"
    elif slow or since is not None:
        state = "slow"
    else:
        state = "answering" if row["waiting"] or row["answered"] else "idle"
    return Answers(
        row["name"], row["code"], state, row["waiting"], oldest, median, row["answered"], since
    )
