"""Times as files write them, read into integers that order the rows."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fanzha.core.clock import WIRE_FORMAT, ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

MICROSECONDS: Final = 1_000_000
DATE_DIGITS: Final = len("yyyyMMdd")
MIDNIGHT: Final = "000000"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,19}")
_LOOSE: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)


class UnreadableTime(ValueError):
    """A time cannot be read; `at` is its place in the column."""

    def __init__(self, at: int) -> None:
        super().__init__(f"the time at {at} cannot be read")
        self.at = at


def read_times(texts: Sequence[str]) -> tuple[list[int], int]:
    """Read a column: integers that order it, and how many of them make a second.

    A column of plain integers keeps them (1 per second), unless all are `yyyyMMddHHmmss` or all
    are `yyyyMMdd`. Every other column is read as dates and times, in microseconds since 1970; a
    time without a zone is one of the centre's zone, a date without a time is its first second.
    Raises UnreadableTime.
    """
    if all(map(_INTEGER.fullmatch, texts)) and not _all_dates(texts):
        return [_bounded(text, at) for at, text in enumerate(texts)], 1
    return [_moment(text, at) for at, text in enumerate(texts)], MICROSECONDS


def is_date(text: str) -> bool:
    """Tell whether a text of a column of dates and times gives the day only."""
    if text.isdigit():
        return len(text) == DATE_DIGITS
    found = _LOOSE.fullmatch(text)
    return found is not None and found[4] is None


def _bounded(text: str, at: int) -> int:
    number = int(text)
    if abs(number) >= 2**63:
        raise UnreadableTime(at)
    return number


def _all_dates(texts: Sequence[str]) -> bool:
    try:
        for text in texts:
            _digits(text)
    except ValueError:
        return False
    return len({len(text) for text in texts}) == 1


def _moment(text: str, at: int) -> int:
    try:
        moment = _parse(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
        # Whole numbers all the way: a float would lose the microsecond.
        since = moment.astimezone(UTC) - _EPOCH
    except (ValueError, OverflowError):
        raise UnreadableTime(at) from None
    return (since.days * 86_400 + since.seconds) * MICROSECONDS + since.microseconds


def _parse(text: str) -> datetime:
    if text.isdigit():
        return _digits(text)
    if loose := _LOOSE.fullmatch(text):
        year, month, day, hour, minute, second = (int(part or 0) for part in loose.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=ZONE)
    return datetime.fromisoformat(text)


def _digits(text: str) -> datetime:
    """`yyyyMMddHHmmss` or `yyyyMMdd`; raises ValueError for other digits."""
    if len(text) == 8:  # noqa: PLR2004 - the length of yyyyMMdd
        text += "000000"
    if len(text) != 14 or not text.isascii():  # noqa: PLR2004 - the length of the format
        raise ValueError(text)
    return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=ZONE)
