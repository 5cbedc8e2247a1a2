"""Loops that hash columns row by row, and the table of hashes that were seen."""

# ruff: noqa: PLR2004 - widths of machine words are their numbers

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fanzha.core.compiled import compiled

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Hashes = NDArray[np.uint64]

SEEDS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03)
"""Two hashes of 64 bits: two different rows in 10^9 share both with a chance of 10^-20."""
_NONE = -1
_SHORTEST = 4


@compiled
def _mixed(one: np.uint64, other: np.uint64) -> np.uint64:
    """Finish of splitmix64 over the xor."""
    value = one ^ other
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@compiled
def mix_numbers(hashes: Hashes, values: NDArray[np.int64]) -> None:
    """Mix one number into both of every row's `hashes`, (2, rows)."""
    for row in range(len(values)):
        for each in range(2):
            value = hashes[each, row] + np.uint64(0x9E3779B97F4A7C15)
            hashes[each, row] = _mixed(value, np.uint64(values[row]))


@compiled
def mix_texts(hashes: Hashes, ends: NDArray[np.int32], data: Bytes) -> None:
    """Mix one text, and its length, into both of every row's `hashes`, (2, rows)."""
    step = np.uint64(0x9E3779B97F4A7C15)
    for row in range(len(ends) - 1):
        one, two = hashes[0, row], hashes[1, row]
        word = np.uint64(0)
        for at in range(ends[row], ends[row + 1]):
            word = (word << np.uint64(8)) | np.uint64(data[at])
            if (at - ends[row]) & 7 == 7:
                one, two = _mixed(one + step, word), _mixed(two + step, word)
                word = np.uint64(0)
        length = np.uint64(ends[row + 1] - ends[row])
        hashes[0, row] = _mixed(_mixed(one + length, word), length)
        hashes[1, row] = _mixed(_mixed(two + length, word), length)


@compiled
def mark_serials(ends: NDArray[np.int32], data: Bytes, good: NDArray[np.bool_]) -> None:
    """Whether a serial can tell rows apart: four signs or more, not all of them one sign."""
    for row in range(len(good)):
        a, b = ends[row], ends[row + 1]
        signs = first = 0
        for at in range(a, b):
            signs += (data[at] & 0xC0) != 0x80
            first += signs == 1
        good[row] = False
        for at in range(a + first, b):
            if data[at] != data[at - first]:
                good[row] = signs >= _SHORTEST
                break


@compiled
def grow(slots: NDArray[np.int32], keys: Hashes, count: int) -> None:
    """Fill a larger table with the first `count` entries that are not in a chain."""
    mask = len(slots) - 1
    for entry in range(count):
        at = np.int64(keys[entry] & np.uint64(mask))
        while slots[at] != _NONE and keys[slots[at]] != keys[entry]:
            at = (at + 1) & mask
        if slots[at] == _NONE:
            slots[at] = entry


@compiled
def find_repeats(  # noqa: PLR0917 - compiled loops take arrays by place
    one: Hashes,
    two: Hashes,
    numbers: NDArray[np.int64],
    balances: NDArray[np.int64],
    others: Hashes,
    slots: NDArray[np.int32],
    keys: Hashes,
    checks: Hashes,
    following: NDArray[np.int32],
    told: NDArray[np.int64],
    stated: NDArray[np.int64],
    named: Hashes,
    count: int,
    repeats: NDArray[np.int64],
) -> tuple[int, int]:
    """The row that each row repeats, or 0; new rows become entries.

    Gives the count of entries and that of rows which share their key with another but contradict
    it: both state a balance (else MISSING) or name a counterparty (else 0), and not the same.
    """
    mask = len(slots) - 1
    differing = 0
    for row in range(len(one)):
        at = np.int64(one[row] & np.uint64(mask))
        while slots[at] != _NONE and keys[slots[at]] != one[row]:
            at = (at + 1) & mask
        entry, last, shared = slots[at], _NONE, False
        repeats[row] = 0
        while entry != _NONE and not repeats[row]:
            if checks[entry] == two[row]:
                shared = True
                same_name = named[entry] == others[row]
                same_balance = stated[entry] == balances[row]
                if (same_name or not named[entry] or not others[row]) and (
                    same_balance or stated[entry] == MISSING or balances[row] == MISSING
                ):
                    repeats[row] = told[entry]
            last, entry = entry, following[entry]
        if repeats[row]:
            continue
        differing += shared
        keys[count], checks[count], told[count] = one[row], two[row], numbers[row]
        stated[count], named[count], following[count] = balances[row], others[row], _NONE
        if last == _NONE:
            slots[at] = count
        else:
            following[last] = count
        count += 1
    return count, differing


MISSING = -(1 << 62)
"""No balance is stated."""


def parts_of(column: pa.StringArray) -> tuple[NDArray[np.int32], Bytes]:
    """Ends (one more than rows) and bytes of a text column."""
    _, ends, data = column.buffers()
    places = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1]
    return places, np.frombuffer(data, np.uint8) if data else np.zeros(0, np.uint8)
