"""Texts of a column as bytes between places (machine code): read, marked and numbered in one pass.

`data` holds the bytes of all texts, text `k` those from `starts[k]` to `starts[k + 1]`. Nothing
here knows files: what it cannot settle it says, for slower code to look at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST: Final = 2**63 - 1
MOST_DIGITS: Final = 30
ZERO, NINE, MINUS = 48, 57, 45
SPACE, QUOTE, BACKSLASH, DELETE = 32, 34, 92, 127
SEED_OF_MARKS: Final = np.uint64(0xCBF29CE484222325)
PRIME: Final = np.uint64(0x100000001B3)
MIX: Final = np.uint64(0x9E3779B97F4A7C15)
HALF: Final = np.uint64(32)
NAMES, BYTES = 0, 1
"""The places of a book's state: names in it, and bytes that they take."""
FREE: Final = -1
AT_ONCE: Final = 1_024
"""So many names are looked for together."""


class Book(NamedTuple):
    """Names, numbered as they come: `data` and `starts` hold them, `table` finds them by mark.

    `table` is a power of two long, FREE where there is no name.
    """

    table: NDArray[np.int32]
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    state: NDArray[np.int64]


@compiled
def may_be_space(lead: int) -> bool:
    """Whether spaces beyond ASCII begin with this byte."""
    return lead in (0xC2, 0xE1, 0xE2, 0xE3)


@compiled
def is_padded(data: NDArray[np.uint8], starts: NDArray[np.int64]) -> bool:
    """Whether a text may begin or end with what counts as a space anywhere in the world."""
    for k in range(len(starts) - 1):
        first, last = starts[k], starts[k + 1] - 1
        if first > last:
            continue
        head, tail = data[first], data[last]
        if head <= SPACE or tail <= SPACE or may_be_space(head):
            return True
        if tail > DELETE and (
            may_be_space(data[max(last - 1, first)]) or may_be_space(data[max(last - 2, first)])
        ):
            return True
    return False


@compiled
def is_plain(data: NDArray[np.uint8]) -> bool:
    """Whether all bytes stand in JSON as they are."""
    odd = False
    for byte in data:
        odd |= byte < SPACE or byte >= DELETE or byte in (QUOTE, BACKSLASH)
    return not odd


@compiled
def read_whole(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    least: int,
    nothing: int,
    found: NDArray[np.int64],
) -> bool:
    """Read whole numbers from `least` on, `nothing` for no text; False if a text is none such."""
    for k in range(len(starts) - 1):
        at, end = starts[k], starts[k + 1]
        if at == end:
            found[k] = nothing
            continue
        negative = data[at] == MINUS
        at += negative
        if at == end or end - at > MOST_DIGITS:
            return False
        value = np.int64(0)
        while at < end:
            digit = np.int64(data[at]) - ZERO
            if digit < 0 or digit > NINE - ZERO or value > (MOST - digit) // 10:
                return False
            value = value * 10 + digit
            at += 1
        if negative:
            value = -value
        if value < least:
            return False
        found[k] = value
    return True


@compiled
def mark_of(data: NDArray[np.uint8], start: int, end: int) -> np.uint64:
    """A number that two different texts hardly ever share."""
    mark = SEED_OF_MARKS
    for at in range(start, end):
        mark = (mark ^ np.uint64(data[at])) * PRIME
    mark = (mark ^ (mark >> HALF)) * MIX
    return np.uint64(mark ^ (mark >> HALF))


@compiled
def mark(data: NDArray[np.uint8], starts: NDArray[np.int64], found: NDArray[np.uint64]) -> bool:
    """Write the mark of every text; whether none is empty."""
    filled = True
    for k in range(len(starts) - 1):
        found[k] = mark_of(data, starts[k], starts[k + 1])
        filled = filled and starts[k] < starts[k + 1]
    return filled


@compiled
def is_same(data: NDArray[np.uint8], start: int, end: int, book: Book, name: int) -> bool:
    """Whether a text is a name of the book."""
    first, same = book.starts[name], book.starts[name + 1] - book.starts[name] == end - start
    at = 0
    while same and at < end - start:
        same = data[start + at] == book.data[first + at]
        at += 1
    return bool(same)


@compiled
def place_of(
    data: NDArray[np.uint8], start: int, end: int, text_mark: np.uint64, book: Book
) -> int:
    """Where in the table the text stands, or would stand."""
    last = np.uint64(len(book.table) - 1)
    slot = text_mark & last
    while book.table[slot] != FREE and not is_same(data, start, end, book, book.table[slot]):
        slot = (slot + np.uint64(1)) & last
    return int(slot)


@compiled
def look_up(
    data: NDArray[np.uint8], starts: NDArray[np.int64], book: Book, found: NDArray[np.int32]
) -> None:
    """Write the number of every text, -1 for one that is not in the book."""
    for k in range(len(starts) - 1):
        start, end = starts[k], starts[k + 1]
        found[k] = FREE
        if start < end:
            found[k] = book.table[place_of(data, start, end, mark_of(data, start, end), book)]


@compiled
def guess(
    marks: NDArray[np.uint64], first: int, stop: int, book: Book, found: NDArray[np.int32]
) -> int:
    """Write who stands at the first place of each text; a sum of what was looked at.

    Each look is independent of the others, so that the memory answers many at once: looking up
    one name after the other waits for every one of them.
    """
    last, names, seen = np.uint64(len(book.table) - 1), book.state[NAMES], 0
    for k in range(first, stop):
        found[k] = book.table[marks[k] & last]
    for k in range(first, stop):
        at = book.starts[max(found[k], 0)]
        seen += book.data[at] if names else 0
    return seen


@compiled
def enter(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    marks: NDArray[np.uint64],
    first: int,
    book: Book,
    found: NDArray[np.int32],
) -> int:
    """Number the texts from `first` on, -1 for none; where it stopped because the book is full."""
    for k in range(first, len(marks)):
        if (k - first) % AT_ONCE == 0:
            guess(marks, k, min(k + AT_ONCE, len(marks)), book, found)
        start, end = starts[k], starts[k + 1]
        if start == end:
            found[k] = FREE
            continue
        if found[k] != FREE and is_same(data, start, end, book, found[k]):
            continue
        slot = place_of(data, start, end, marks[k], book)
        if book.table[slot] == FREE and not add(data, start, end, slot, book):
            return k
        found[k] = book.table[slot]
    return len(marks)


@compiled
def add(data: NDArray[np.uint8], start: int, end: int, slot: int, book: Book) -> bool:
    """Make the text the next name; False if the book is full."""
    name, used = book.state[NAMES], book.state[BYTES]
    if 2 * (name + 1) > len(book.table) or name + 2 > len(book.starts):
        return False
    if used + end - start > len(book.data):
        return False
    for at in range(end - start):
        book.data[used + at] = data[start + at]
    book.starts[name + 1] = used + end - start
    book.state[NAMES], book.state[BYTES] = name + 1, used + end - start
    book.table[slot] = name
    return True


@compiled
def enter_again(book: Book) -> None:
    """Fill an empty table with the names that the book holds."""
    for name in range(book.state[NAMES]):
        start, end = book.starts[name], book.starts[name + 1]
        slot = place_of(book.data, start, end, mark_of(book.data, start, end), book)
        book.table[slot] = name
