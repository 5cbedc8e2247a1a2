"""The times of a large file, read as `times.py` reads a column of texts; both columns together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.core.clock import ZONE
from fanzha.tracing.blocks import Unsettled
from fanzha.tracing.engine.model import NO_BALANCE
from fanzha.tracing.engine.moments import (
    DATE,
    DAY,
    FIRST_YEAR,
    NOTHING,
    NUMBER,
    ODD,
    SECOND,
    read_moments,
    seconds_of_digits,
)
from fanzha.tracing.naming import Texts
from fanzha.tracing.times import MICROSECONDS, UnreadableTime, is_date, read_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Cells = tuple[NDArray[np.uint8], NDArray[np.int64]]

DIGITS: Final = {DAY: 8, SECOND: 14}
_FIRST: Final = datetime(FIRST_YEAR, 1, 1, tzinfo=ZONE)
OFFSET: Final = round(_FIRST.replace(tzinfo=UTC).timestamp() - _FIRST.timestamp())
"""Seconds that the centre's zone has been ahead of UTC ever since."""


class Stamps:
    """Both columns of times, block after block; what kind they are is known when all are there."""

    def __init__(self) -> None:
        self.left = _Column()
        self.arrived = _Column()

    def add(self, left: Cells, arrived: Cells | None) -> None:
        """Take the cells of one block; raises Unsettled."""
        self.left.add(*left)
        if NOTHING in self.left.forms:
            raise Unsettled("a time is empty")
        if arrived is not None:
            self.arrived.add(*arrived)

    def keys(self) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Integers that order the rows, those of the arrivals, and how many make a second.

        An arrival that is not stated is NO_BALANCE; there are none if nowhere one is stated.
        """
        per_second = 1 if self._are_numbers() else MICROSECONDS
        keys = [column.keys(per_second) for column in (self.left, self.arrived)]
        stated = self.arrived.forms - {NOTHING}
        return keys[0], keys[1] if stated else keys[1][:0], per_second

    def dated(self) -> NDArray[np.uint8]:
        """1 for the rows of which only the date is known."""
        return self.left.dated()

    def _are_numbers(self) -> bool:
        """Whether whole numbers order the rows: no dates, or not all of one length and valid."""
        forms = (self.left.forms | self.arrived.forms) - {NOTHING}
        if not forms <= {NUMBER, DAY, SECOND}:
            return False
        if forms not in ({DAY}, {SECOND}):
            return True
        return not (self.left.are_dates() and self.arrived.are_dates())


class _Column:
    """One column: numbers and digits as they stand, dates in seconds, odd cells as texts."""

    def __init__(self) -> None:
        self.values: list[NDArray[np.int64]] = []
        self.form: list[NDArray[np.uint8]] = []
        self.forms: set[int] = set()
        self.odd: dict[int, str] = {}
        self.rows = 0

    def add(self, data: NDArray[np.uint8], starts: NDArray[np.int64]) -> None:
        """Take the cells of one block."""
        found = np.empty(len(starts) - 1, np.int64)
        form = np.empty(len(found), np.uint8)
        read_moments(data, starts, found, form)
        texts = Texts(data, starts)
        for at in np.flatnonzero(form == ODD).tolist():
            self.odd[self.rows + at] = texts.text(at)
        self.forms |= set(np.flatnonzero(np.bincount(form)).tolist())
        self.values.append(found)
        self.form.append(form)
        self.rows += len(found)

    def are_dates(self) -> bool:
        """Whether the digits, all of one length, are dates.

        Raises Unsettled for dates of years that only the exact reader reads.
        """
        fine = True
        for found, form in zip(self.values, self.form, strict=True):
            seconds = found.copy()
            seconds_of_digits(seconds, form)
            odd = np.flatnonzero(seconds < 0)
            fine = fine and not len(odd)
            if not all(_is_day(int(found[at]), int(form[at])) for at in odd.tolist()):
                return False
        if not fine:
            raise Unsettled("a date of another age")
        return True

    def keys(self, per_second: int) -> NDArray[np.int64]:
        """One integer per cell; NO_BALANCE for an empty one."""
        found = np.concatenate([np.empty(0, np.int64), *self.values])
        form = np.concatenate([np.empty(0, np.uint8), *self.form])
        self.values.clear()
        if per_second > 1:
            if NUMBER in self.forms or not seconds_of_digits(found, form):
                raise Unsettled("a time")
            found = (found - OFFSET) * per_second
            if self.odd:
                found[list(self.odd)] = _microseconds(list(self.odd.values()))
        found[form == NOTHING] = NO_BALANCE
        return found

    def dated(self) -> NDArray[np.uint8]:
        """1 for the cells that give the day only."""
        form = np.concatenate([np.empty(0, np.uint8), *self.form])
        dated: NDArray[np.uint8] = ((form == DATE) | (form == DAY)).astype(np.uint8)
        for at, text in self.odd.items():
            dated[at] = is_date(text)
        return dated


def _is_day(value: int, form: int) -> bool:
    """Whether these digits are a date of any year."""
    try:
        return read_times([f"{value:0{DIGITS[form]}}"])[1] > 1
    except UnreadableTime:
        return False


def _microseconds(texts: list[str]) -> list[int]:
    try:
        found, _ = read_times(texts)
    except UnreadableTime as error:
        raise Unsettled(str(error)) from None
    return found
