"""Loops over the cells of one column: amounts, times and plain numbers in their commonest forms.

What a loop does not know it leaves to `cells.py`, which knows all forms; it never reads a cell
otherwise than that does.
"""

# ruff: noqa: PLR2004 - signs of a text and parts of a date are their numbers

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int32]

READ, EMPTY, OTHER = 0, 1, 2
"""A cell was read, is empty, or is for the reader."""
SECOND, MINUTE, DATE = 0, 1, 2
"""Precisions of a time."""
MOST_DIGITS = 17
MOST_DECIMALS = 8
FIRST_YEAR, LAST_YEAR = 1992, 2100
"""From 1992 on the country's clocks are eight hours before UTC the whole year."""
EIGHT_HOURS = 8 * 3600
_GROUP = 3
_LONG_NUMBER, _SURE_NUMBER = 4, 17


@compiled
def _digit(text: Bytes, at: int) -> int:
    """The digit there, or -1."""
    return text[at] - 48 if 48 <= text[at] <= 57 else -1


@compiled
def _whole(text: Bytes, at: int, end: int) -> tuple[int, int, int]:
    """Digits with or without commas in threes: value, count of digits, where they end; -1 else."""
    value = digits = since = 0
    commas = False
    while at < end:
        digit = _digit(text, at)
        if digit >= 0:
            value, digits, since = value * 10 + digit, digits + 1, since + 1
        elif text[at] == 44:
            if (commas and since != _GROUP) or not 0 < since <= _GROUP:
                return 0, -1, at
            commas, since = True, 0
        else:
            break
        if digits > MOST_DIGITS:
            return 0, -1, at
        at += 1
    if commas and since != _GROUP:
        return 0, -1, at
    return value, digits, at


@compiled
def _after_unit(text: Bytes, at: int, end: int) -> int:
    """Where the amount begins behind `¥` or `￥`."""
    while at < end:
        if at + 1 < end and text[at] == 0xC2 and text[at + 1] == 0xA5:
            at += 2
        elif at + 2 < end and text[at] == 0xEF and text[at + 1] == 0xBF and text[at + 2] == 0xA5:
            at += 3
        else:
            break
    return at


@compiled
def _amount(text: Bytes, at: int, end: int, places: int) -> tuple[int, int]:
    """One amount in minor units and its state."""
    at = _after_unit(text, at, end)
    negative = at < end and text[at] == 45
    if at < end and text[at] in (43, 45):
        at += 1
    value, digits, at = _whole(text, at, end)
    if digits < 0 or digits + places > MOST_DIGITS:
        return 0, OTHER
    decimals = 0
    if at < end and text[at] == 46:
        at += 1
        while at < end and decimals < MOST_DECIMALS:
            digit = _digit(text, at)
            if digit < 0 or (digit > 0 and decimals >= places):
                return 0, OTHER
            if decimals < places:
                value = value * 10 + digit
            decimals, at = decimals + 1, at + 1
    if at < end or digits + decimals == 0:
        return 0, OTHER
    for _ in range(decimals, places):
        value *= 10
    return -value if negative else value, READ


@compiled
def read_amounts(text: Bytes, begins: Places, stops: Places, places: Bytes,
                 amounts: NDArray[np.int64], states: Bytes) -> None:  # fmt: skip
    """Amounts in minor units; `places` are the decimals of every row's currency."""
    for row in range(len(begins)):
        if begins[row] == stops[row]:
            amounts[row], states[row] = 0, EMPTY
        else:
            amounts[row], states[row] = _amount(text, begins[row], stops[row], places[row])


@compiled
def _number(text: Bytes, at: int, end: int, most: int) -> tuple[int, int]:
    """Up to `most` digits: their value, and where they end."""
    value = 0
    stop = min(end, at + most)
    while at < stop and _digit(text, at) >= 0:
        value = value * 10 + _digit(text, at)
        at += 1
    return value, at


@compiled
def _seconds(year: int, month: int, day: int) -> int:
    """UTC seconds of a day's midnight in China; -1 if there is no such day."""
    if not FIRST_YEAR <= year <= LAST_YEAR or not 1 <= month <= 12 or day < 1:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 28 + leap if month == 2 else 30 + (month + month // 8) % 2
    if day > last:
        return -1
    # Days since 1970 by years that begin in March, so that the leap day is the last.
    y = year - (month <= 2)
    m = (month + 9) % 12
    days = y * 365 + y // 4 - y // 100 + y // 400 + (m * 306 + 5) // 10 + day - 1 - 719468
    return days * 86400 - EIGHT_HOURS


@compiled
def _day(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """UTC seconds of a day such as 2026-03-18, 2026/3/18, 20260318 and where it ends; -1 else."""
    year, stop = _number(text, at, end, 4)
    if stop != at + 4 or stop >= end:
        return -1, at
    sign = text[stop]
    compact = _digit(text, stop) >= 0
    if not compact and sign not in (45, 46, 47):
        return -1, at
    at = stop + (not compact)
    month, stop = _number(text, at, end, 2)
    if stop == at or stop >= end or (compact and stop != at + 2):
        return -1, at
    if not compact and text[stop] != sign:
        return -1, at
    at = stop + (not compact)
    day, stop = _number(text, at, end, 2)
    if stop == at or (compact and stop != at + 2):
        return -1, at
    return _seconds(year, month, day), stop


@compiled
def _clock(text: Bytes, at: int, end: int, bare: int) -> tuple[int, int]:
    """Seconds and precision of 12:30:05, 12:30 or (`bare`) 123005; -1 for anything else."""
    hour, stop = _number(text, at, end, 2)
    colon = stop < end and text[stop] == 58
    if stop == at or not (colon or bare):
        return -1, 0
    at = stop + colon
    minute, stop = _number(text, at, end, 2)
    if stop != at + 2 or hour > 23 or minute > 59:
        return -1, 0
    if stop == end:
        return (hour * 3600 + minute * 60, MINUTE) if colon else (-1, 0)
    at = stop + colon
    second, end_of_second = _number(text, at, end, 2)
    whole = end_of_second == end and end == at + 2 and second <= 59
    if not whole or (colon and text[stop] != 58):
        return -1, 0
    return hour * 3600 + minute * 60 + second, SECOND


@compiled
def read_times(text: Bytes, begins: Places, stops: Places,
               moments: NDArray[np.int64], precisions: Bytes, states: Bytes) -> None:  # fmt: skip
    """UTC seconds and precision."""
    for row in range(len(begins)):
        at, end = begins[row], stops[row]
        states[row] = EMPTY if at == end else OTHER
        day, stop = _day(text, at, end)
        if day < 0:
            continue
        if stop == end:
            moments[row], precisions[row], states[row] = day, DATE, READ
            continue
        if text[stop] in (32, 84):
            stop += 1
        clock, precision = _clock(text, stop, end, _digit(text, at + 4) + 1)
        if clock >= 0:
            moments[row], precisions[row], states[row] = day + clock, precision, READ


@compiled
def plain_numbers(text: Bytes, begins: Places, stops: Places, plain: NDArray[np.bool_]) -> None:
    """Whether a cell is an account number of digits only that nothing is wrong with."""
    for row in range(len(begins)):
        a, b = begins[row], stops[row]
        zeros = digits = 0
        for at in range(a, b):
            if _digit(text, at) < 0:
                break
            digits += 1
            zeros = zeros + 1 if text[at] == 48 else 0
        long = _LONG_NUMBER <= digits == b - a
        # Zeros from the 16th digit on may be the work of a spreadsheet: the reader judges.
        plain[row] = long and zeros < digits and (digits <= _SURE_NUMBER or digits - zeros > 15)
