"""The working-day calendar, one entry per year in `data/workdays.yaml`.

A year that has no entry knows weekends only: a clock runs all the same, a little too short.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data" / "workdays.yaml"
SATURDAY = 5


@dataclass(frozen=True)
class Year:
    """Days off on weekdays or weekends, and weekend days that are worked."""

    off: frozenset[date]
    work: frozenset[date]
    source: str
    mark: str


@cache
def years() -> dict[int, Year]:
    """The years that have an entry."""
    data: dict[int, dict[str, Any]] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return {
        year: Year(_days(year, facts["holidays"]), _days(year, facts["made_up"]), facts["source"],
                   facts["mark"])
        for year, facts in data.items()
    }  # fmt: skip


def is_workday(day: date) -> bool:
    """Whether offices work on this day."""
    year = years().get(day.year)
    if year and day in year.work:
        return True
    return day.weekday() < SATURDAY and not (year and day in year.off)


def workday_from(day: date) -> date:
    """The day itself, or the next on which offices work."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def workdays_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`, which is not counted itself; back if negative."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_workday(day)
    return day


def _days(year: int, texts: list[str]) -> frozenset[date]:
    """`02-15..02-23` and `05-09` as days of the year."""
    found: set[date] = set()
    for text in texts:
        first, _, last = text.partition("..")
        day, end = (date.fromisoformat(f"{year}-{each}") for each in (first, last or first))
        while day <= end:
            found.add(day)
            day += timedelta(days=1)
    return frozenset(found)
