"""The only place that reads the clock. Times are aware; the centre's zone is Asia/Shanghai."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

ZONE = ZoneInfo("Asia/Shanghai")
WIRE_FORMAT = "%Y%m%d%H%M%S"

_fixed: ContextVar[datetime | None] = ContextVar("fixed_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC; a test may hold it still with `held_at`."""
    return _fixed.get() or datetime.now(UTC)


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
