"""Spans of minutes, hours, days, working days and months, and the limits of the law made of them.

Minutes and hours run on the second, nights and holidays included. Day and month spans do not count
the first day: a month span ends on the same day number, or on the last day of a shorter month. They
end at the time of day at which they began, so that a duty of ours is never done after its last day;
what is granted to a person runs to the end of that day (law-and-clocks, counting rules; assumed).
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fanzha.core.clock import ZONE
from fanzha.core.workdays import workday_from, workdays_after


@dataclass(frozen=True)
class Span:
    """A length of time: exactly one of minutes, hours, days, workdays and months is given."""

    minutes: int = 0
    hours: int = 0
    days: int = 0
    workdays: int = 0
    months: int = 0

    def __post_init__(self) -> None:
        parts = (self.minutes, self.hours, self.days, self.workdays, self.months)
        if sum(bool(part) for part in parts) != 1 or min(parts) < 0:
            raise ValueError("a span has exactly one of minutes, hours, days, workdays, months")

    def after(self, start: datetime) -> datetime:
        """The moment when a clock started at `start` ends."""
        return self._moved(start, 1)

    def before(self, end: datetime) -> datetime:
        """The moment so long before `end`."""
        return self._moved(end, -1)

    def _moved(self, start: datetime, sign: int) -> datetime:
        if self.minutes or self.hours:
            return start + sign * timedelta(minutes=self.minutes, hours=self.hours)
        here = start.astimezone(ZONE)
        if self.days:
            naive = here.replace(tzinfo=None) + sign * timedelta(days=self.days)
            return naive.replace(tzinfo=ZONE)
        if self.workdays:
            day = workdays_after(here.date(), sign * self.workdays)
            return here.replace(year=day.year, month=day.month, day=day.day)
        month = here.month - 1 + sign * self.months
        year, month = here.year + month // 12, month % 12 + 1
        last = min(here.day, calendar.monthrange(year, month)[1])
        return here.replace(year=year, month=month, day=last)

    def __str__(self) -> str:
        if self.minutes or self.hours:
            return f"PT{self.minutes}M" if self.minutes else f"PT{self.hours}H"
        if self.workdays:
            return f"P{self.workdays}WD"
        return f"P{self.days}D" if self.days else f"P{self.months}M"


def to_the_last_minute(end: datetime) -> datetime:
    """The end of the day of `end`, or of the next working day: what favours a person (assumed)."""
    day = workday_from(end.astimezone(ZONE).date())
    return datetime.combine(day + timedelta(days=1), time(), ZONE)


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
