"""Spans of hours, days and calendar months, and the limits of the law made of them.

Hour clocks run on the second, nights and holidays included. Day and month spans do not count the
first day: a month span ends on the same day number, or on the last day of a shorter month
(law-and-clocks, counting rules; assumed, configurable).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanzha.core.clock import ZONE


@dataclass(frozen=True)
class Span:
    """A length of time: exactly one of hours, days and months is given."""

    hours: int = 0
    days: int = 0
    months: int = 0

    def __post_init__(self) -> None:
        if sum(bool(part) for part in (self.hours, self.days, self.months)) != 1:
            raise ValueError("a span has exactly one of hours, days, months")

    def after(self, start: datetime) -> datetime:
        """The moment when a clock started at `start` ends."""
        if self.hours:
            return start + timedelta(hours=self.hours)
        here = start.astimezone(ZONE)
        if self.days:
            return (here.replace(tzinfo=None) + timedelta(days=self.days)).replace(tzinfo=ZONE)
        month = here.month - 1 + self.months
        year, month = here.year + month // 12, month % 12 + 1
        day = min(here.day, calendar.monthrange(year, month)[1])
        return here.replace(year=year, month=month, day=day)

    def __str__(self) -> str:
        if self.hours:
            return f"PT{self.hours}H"
        return f"P{self.days}D" if self.days else f"P{self.months}M"


@dataclass(frozen=True)
class Limit:
    """A limit of the law or of an instruction: how long, how often, on which ground."""

    name: str
    span: Span
    source: str
    mark: str = "verified"
    uses_max: int | None = None
    warn_before: tuple[Span, ...] = ()

    def ends(self, start: datetime) -> datetime:
        """When it ends if it began at `start`."""
        return self.span.after(start)

    def warned_until(self, at: datetime) -> datetime:
        """Up to which end the first warning has begun at `at`."""
        return self.warn_before[0].after(at)
