"""The only place that reads the clock. Times are aware; the centre's zone is Asia/Shanghai.

A drill may run faster than life: `FANZHA_STORY_CLOCK=started:lag:speed` (Unix seconds, seconds,
factor) begins `lag` seconds before `started` and runs `speed` times as fast until it has caught up
with real time; from then on it is real time. All processes of a drill share the setting.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Asia/Shanghai")
WIRE_FORMAT = "%Y%m%d%H%M%S"

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; a test may hold it still with `held_at`."""
    return _fixed.get() or datetime.fromtimestamp(_seconds(), UTC)


def monotonic() -> float:
    """Seconds for measuring how long something takes; it never goes back."""
    return time.monotonic()


def _seconds() -> float:
    real = time.time()
    story = _story()
    if story is None:
        return real
    started, lag, speed = story
    return min(real, started - lag + (real - started) * speed)


@cache
def _story() -> tuple[float, float, float] | None:
    text = os.environ.get("FANZHA_STORY_CLOCK", "")
    if not text:
        return None
    started, lag, speed = (float(part) for part in text.split(":"))
    return started, lag, speed


def story(*, begins_in: float, lag: float, speed: float) -> str:
    """Give the setting of a drill: begins in so many seconds, at `lag` seconds before then."""
    return f"{time.time() + begins_in}:{lag}:{speed}"


@contextmanager
def held_at(moment: datetime) -> Iterator[None]:
    """Hold the clock at `moment` inside the block."""
    token = _fixed.set(moment)
    try:
        yield
    finally:
        _fixed.reset(token)


def local(moment: datetime) -> datetime:
    """`moment` in the centre's zone."""
    return moment.astimezone(ZONE)


def to_wire(moment: datetime) -> str:
    """`yyyyMMddHHmmss` in the centre's zone, as messages carry it."""
    return local(moment).strftime(WIRE_FORMAT)


def from_wire(text: str) -> datetime:
    """Read `yyyyMMddHHmmss` as a time of the centre's zone; raises ValueError."""
    if len(text) != 14 or not text.isdigit():  # noqa: PLR2004 - the format's length
        raise ValueError(f"{text!r} is not yyyyMMddHHmmss")
    return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=ZONE)
