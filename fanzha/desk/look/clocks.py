"""What a running clock shows: the time left, its alarm, and how far it is over.

`static/desk/js/clocks.js` counts on from here by the same rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

DAYS_FROM = timedelta(hours=72)
"""From here on a clock counts whole days; below, hours, minutes and seconds."""

ICONS = {"calm": "", "warn": "clock-exclamation", "over": "alert-circle"}


@dataclass(frozen=True)
class Reading:
    """`tone` is calm, warn or over; `days` is set instead of `text` when it is far away."""

    tone: str
    text: str
    days: int = 0

    @property
    def icon(self) -> str:
        """The icon beside the figures; none while calm."""
        return ICONS[self.tone]


def read(until: datetime, at: datetime, warn: timedelta) -> Reading:
    """Read it at the moment `at`: amber from `warn` before the end, over from the end on."""
    left = until - at
    if left <= timedelta(0):
        tone, span = "over", -left
    else:
        tone, span = ("warn" if left <= warn else "calm"), left
    if span >= DAYS_FROM:
        return Reading(tone, "", span.days)
    return Reading(tone, hands(int(span.total_seconds())))


def hands(seconds: int) -> str:
    """`37:12` below an hour, `1:52:31` from there on."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


def short_moment(moment: datetime, today: datetime, *, seconds: bool = False) -> str:
    """`11:47` today, `03-18 11:47` this year, `2025-03-18 11:47` before; both in one zone."""
    hour = moment.strftime("%H:%M:%S" if seconds else "%H:%M")
    if moment.date() == today.date():
        return hour
    day = moment.strftime("%m-%d" if moment.year == today.year else "%Y-%m-%d")
    return f"{day} {hour}"
