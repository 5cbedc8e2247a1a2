"""The golden time (黄金时间): how long after a payment a stop most likely still finds the money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

GOLDEN_TIME = timedelta(minutes=30)
"""After the last payment (assumed: practice speaks of half an hour; no norm sets it)."""


@dataclass(frozen=True)
class Golden:
    """The last payment and the end of its golden time."""

    paid_at: datetime

    @property
    def until(self) -> datetime:
        """When it ends."""
        return self.paid_at + GOLDEN_TIME


def golden_of(moments: list[datetime | None]) -> Golden | None:
    """The golden time of payments made at these moments; None if none is known."""
    known = [each for each in moments if each is not None]
    return Golden(max(known)) if known else None
