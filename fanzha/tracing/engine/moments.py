"""Times as files write them (machine code), read into what decides what kind of column it is.

A cell is a number, digits of a date, or a date as people write it; anything else is left to
`times.py`, which says what each of them means.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOTHING, NUMBER, DAY, SECOND, WRITTEN, DATE, ODD = range(7)
"""The forms of a cell: empty, a number, 8 digits, 14 digits, date and time, date only, other."""
FIRST_YEAR, LAST_YEAR = 1992, 2200
"""In these years the centre's zone has had one offset; what lies outside is left to Python."""
MOST: Final = 2**63 - 1
MOST_DIGITS: Final = 19
NINE: Final = 9
DAY_HOURS, SIXTY, FEBRUARY = 24, 60, 2
LONGEST: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS_BEFORE: Final = (0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
YEAR_0: Final = 719_528
"""From the first day of year 0 to that of 1970."""
DIGITS_OF_DAY, DIGITS = 8, 14
LENGTH_OF_DATE, LENGTH_WITH_SECONDS = 10, 19
LENGTHS: Final = (10, 16, 19)
ZERO, MINUS, PLUS, SPACE, COLON, DOT, SLASH, LETTER_T = 48, 45, 43, 32, 58, 46, 47, 84


@compiled
def digits(data: NDArray[np.uint8], start: int, end: int) -> int:
    """The number that digits write, or -1; of at most 18."""
    value = np.int64(0)
    for at in range(start, end):
        digit = np.int64(data[at]) - ZERO
        if digit < 0 or digit > NINE:
            return -1
        value = value * 10 + digit
    return int(value)


@compiled
def days_since_1970(year: int, month: int, day: int) -> int:
    """Days of the Gregorian calendar; -1 for a date that there is not, or outside the years."""
    if year < FIRST_YEAR or year >= LAST_YEAR or month < 1 or month > len(DAYS_BEFORE) or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = LONGEST[month - 1] + (leap and month == FEBRUARY)
    if day > longest:
        return -1
    leap_days = (year - 1) // 4 - (year - 1) // 100 + (year - 1) // 400
    of_year = DAYS_BEFORE[month - 1] + (leap and month > FEBRUARY) + day
    return int(365 * year + leap_days + of_year - YEAR_0)


@compiled
def seconds_of(year: int, month: int, day: int, clock: int) -> int:
    """Seconds since 1970 of a date and `clock` (hhmmss as one number); -1 if there is no such."""
    days = days_since_1970(year, month, day)
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    if days < 0 or clock < 0 or hour >= DAY_HOURS or max(minute, second) >= SIXTY:
        return -1
    return days * 86_400 + hour * 3_600 + minute * 60 + second


@compiled
def written(data: NDArray[np.uint8], start: int, end: int) -> int:
    """Seconds of `yyyy-MM-dd` (also with / or .), alone or with `hh:mm[:ss]`; -1 for other text."""
    for at in (start + 4, start + 7):
        if data[at] not in (MINUS, SLASH, DOT):
            return -1
    year, month = digits(data, start, start + 4), digits(data, start + 5, start + 7)
    day, clock = digits(data, start + 8, start + 10), 0
    if year < 0 or month < 0 or day < 0:
        return -1
    if end - start > LENGTH_OF_DATE:
        if data[start + 10] not in (SPACE, LETTER_T) or data[start + 13] != COLON:
            return -1
        hour, minute = digits(data, start + 11, start + 13), digits(data, start + 14, start + 16)
        second = 0
        if end - start == LENGTH_WITH_SECONDS:
            second = digits(data, start + 17, end) if data[start + 16] == COLON else -1
        if hour < 0 or minute < 0 or second < 0:
            return -1
        clock = hour * 10_000 + minute * 100 + second
    return seconds_of(year, month, day, clock)


@compiled
def number_form(
    data: NDArray[np.uint8], start: int, end: int, found: NDArray[np.int64], k: int
) -> int:
    """Read a whole number of at most 19 digits; its form, ODD if it is none."""
    at = start + (data[start] in (MINUS, PLUS))
    if at == end or end - at > MOST_DIGITS:
        return ODD
    value = np.int64(0)
    for place in range(at, end):
        digit = np.int64(data[place]) - ZERO
        if digit < 0 or digit > NINE or value > (MOST - digit) // 10:
            return ODD
        value = value * 10 + digit
    found[k] = -value if data[start] == MINUS else value
    if at > start:
        return NUMBER
    return DAY if end - start == DIGITS_OF_DAY else SECOND if end - start == DIGITS else NUMBER


@compiled
def read_moments(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    found: NDArray[np.int64],
    form: NDArray[np.uint8],
) -> None:
    """Write the form of every cell, and its number or its seconds since 1970 without a zone."""
    for k in range(len(starts) - 1):
        start, end = starts[k], starts[k + 1]
        found[k], form[k] = 0, NOTHING
        if start == end:
            continue
        form[k] = number_form(data, start, end, found, k)
        if form[k] == ODD and end - start in LENGTHS:
            seconds = written(data, start, end)
            if seconds >= 0:
                found[k], form[k] = seconds, DATE if end - start == LENGTH_OF_DATE else WRITTEN


@compiled
def seconds_of_digits(values: NDArray[np.int64], form: NDArray[np.uint8]) -> bool:
    """Turn digits of dates into seconds since 1970; False if one is no date of these years."""
    fine = True
    for k in range(len(values)):
        if form[k] != DAY and form[k] != SECOND:
            continue
        value = values[k] * 1_000_000 if form[k] == DAY else values[k]
        date, clock = value // 1_000_000, value % 1_000_000
        seconds = seconds_of(date // 10_000, date // 100 % 100, date % 100, clock)
        if seconds < 0:
            fine = False
        values[k] = seconds
    return fine
