"""Loops over the rows of one account: their order, their sums and their balances (R13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.compiled import compiled
from fanzha.movements.columnar.hashing import MISSING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int32]
    Numbers = NDArray[np.int64]
    Order = NDArray[np.int64]
    Flags = NDArray[np.uint8]

IN, OUT, UNKNOWN, FAILED = 0, 1, 2, 4
"""What a row does; FAILED is added to its direction."""
LOW_BITS = 30
"""Sums are kept in two parts, so that no file overflows them."""


@compiled
def place(codes: Codes, ends: Numbers, order: Order) -> None:
    """Rows by account, in the order of the file; `ends` come as starts and go as ends."""
    for row in range(len(codes)):
        order[ends[codes[row]]] = row
        ends[codes[row]] += 1


@compiled
def add_up(codes: Codes, amounts: Numbers, flags: Flags,
           high: Numbers, low: Numbers, counts: Numbers) -> None:  # fmt: skip
    """Sums (accounts, directions) of what did not fail, in two parts, and counts of rows."""
    mask = (1 << LOW_BITS) - 1
    for row in range(len(codes)):
        if flags[row] < FAILED:
            high[codes[row], flags[row]] += amounts[row] >> LOW_BITS
            low[codes[row], flags[row]] += amounts[row] & mask
            counts[codes[row], flags[row]] += 1


@compiled
def slopes(order: Order, seconds: Numbers) -> tuple[int, int]:
    """How often a row is later than the one before it, and how often earlier."""
    up = down = 0
    for at in range(1, len(order)):
        one, other = seconds[order[at - 1]], seconds[order[at]]
        up += one < other
        down += one > other
    return up, down


@compiled
def _change(amount: int, flag: int) -> int:
    """What a row does to the balance; MISSING when nobody knows."""
    if flag >= FAILED or amount == 0:
        return 0
    if flag == UNKNOWN:
        return MISSING
    return amount if flag == IN else -amount


@compiled
def next_unsettled(order: Order, seconds: Numbers, amounts: Numbers, flags: Flags,
                   balances: Numbers, at: int, before: int) -> tuple[int, int, int]:  # fmt: skip
    """The next rows of one time whose order needs a search: from, to, balance before; -1: none.

    As balances.settled goes; rows in `order` from `at` on, `before` MISSING when not known.
    """
    while at < len(order):
        end = at + 1
        while end < len(order) and seconds[order[end]] == seconds[order[at]]:
            end += 1
        stated = known = True
        fits = True
        last = before
        for each in range(at, end):
            row = order[each]
            change = _change(amounts[row], flags[row])
            known &= change != MISSING
            stated &= balances[row] != MISSING
            if last != MISSING and known and last + change != balances[row]:
                fits = False
            last = balances[row]
        if end - at > 1 and stated and known and not fits:
            return at, end, before
        for each in range(at, end):
            row = order[each]
            change = _change(amounts[row], flags[row])
            if balances[row] != MISSING:
                before = balances[row]
            elif before != MISSING:
                before = before + change if change != MISSING else MISSING
        at = end
    return -1, -1, before


@compiled
def walk(order: Order, amounts: Numbers, flags: Flags, balances: Numbers) -> tuple[
    int, int, int, int, int
]:  # fmt: skip
    """As balances.check: opening, closing, breaks, place of the first break (-1), missing."""
    opening, balance = MISSING, MISSING
    moved = breaks = missing = 0
    first = -1
    sure = True
    for at in range(len(order)):
        row = order[at]
        if flags[row] >= FAILED:
            continue
        change = _change(amounts[row], flags[row])
        stated = balances[row]
        if change == MISSING:
            sure = sure and opening != MISSING
        elif sure and opening == MISSING:
            moved += change
            if stated != MISSING:
                opening = stated - moved
        expected = MISSING
        if MISSING not in (balance, change):
            expected = balance + change
        if expected != MISSING and stated not in (MISSING, expected):
            breaks += 1
            if first < 0:
                first, missing = row, stated - expected
        balance = stated if stated != MISSING else expected
    return opening, balance, breaks, first, missing
