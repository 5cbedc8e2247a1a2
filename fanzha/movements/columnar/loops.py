"""Loops over the bytes of a block: its lines, their cells, what the reader stores of them.

Text is UTF-8 in a uint8 array. Every loop writes into arrays that it is given.
"""

# ruff: noqa: PLR2004 - signs of a text are their numbers

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fanzha.core.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int32]
    Cells = NDArray[np.int32]
    Offsets = NDArray[np.int64]

BLANK, ODD, QUOTED, OPEN = 1, 2, 4, 8
"""What a line is: only blanks; with signs that need judgement; with quotes; with an odd number."""
READER = -1
"""Instead of a count of cells: this line is for the row-by-row reader."""
LONGEST = 100_000
"""Bytes of a line; a longer one is for the reader."""

_TAB, _LF, _CR, _SPACE, _QUOTE, _TICK, _BACKTICK = 9, 10, 13, 32, 34, 39, 96
_BACKSLASH, _ASCII, _UNIT = 92, 0x80, 0x1F


@compiled
def _is_odd(text: Bytes, at: int, size: int) -> bool:
    """Whether a blank other than space and tab, a mark of order or of damage begins here."""
    one = text[at]
    if at + 1 >= size or one not in (0xC2, 0xE1, 0xE2, 0xE3, 0xEF):
        return False
    two = text[at + 1]
    three = text[at + 2] if at + 2 < size else 0
    if one == 0xC2:
        return two in (0x85, 0xA0)
    if one == 0xE2 and two == 0x80:
        return three <= 0x8B or three in (0xA8, 0xA9, 0xAF)
    both = two << 8 | three
    return (
        (one == 0xE1 and both == 0x9A80)
        or (one == 0xE2 and both == 0x819F)
        or (one == 0xE3 and both == 0x8080)
        or (one == 0xEF and both in (0xBBBF, 0xBFBD))
    )


@compiled
def count_signs(text: Bytes, signs: Offsets) -> None:
    """How many LF and CR there are, and how many signs that JSON masks."""
    lines = masked = 0
    for byte in text:
        lines += (byte == _LF) | (byte == _CR)
        masked += (byte == _BACKSLASH) | (byte == _TAB)
    signs[0], signs[1] = lines, masked


@compiled
def find_lines(text: Bytes, starts: Places, ends: Places, flags: Bytes) -> int:
    """Where the lines are (ended by LF, CR or CRLF) and what they are; how many."""
    size = len(text)
    count = start = at = quotes = 0
    mark = BLANK
    while at <= size:
        byte = text[at] if at < size else _LF
        if byte in (_LF, _CR):
            if at == size and start == size:
                break
            starts[count], ends[count] = start, at
            flags[count] = mark | ((OPEN if quotes & 1 else QUOTED) if quotes else 0)
            count += 1
            if byte == _CR and at + 1 < size and text[at + 1] == _LF:
                at += 1
            start, mark, quotes = at + 1, BLANK, 0
        elif byte == _QUOTE:
            quotes += 1
            mark &= ~BLANK
        elif byte < _SPACE:
            if byte != _TAB:
                mark |= ODD
        elif byte > _SPACE:
            mark &= ~BLANK
            if byte >= _ASCII and _is_odd(text, at, size):
                mark |= ODD
        at += 1
    return count


@compiled
def _split_line(
    text: Bytes, at: int, end: int, delimiter: int, begins: Places, stops: Places
) -> int:
    """The cells of one line, quotes taken off; READER where a quote is no plain one."""
    found, most = 0, len(begins)
    while True:
        if found == most:
            return READER
        if at < end and text[at] == _QUOTE:
            stop = at + 1
            while stop < end and text[stop] != _QUOTE:
                stop += 1
            if stop >= end or (stop + 1 < end and text[stop + 1] != delimiter):
                return READER
            begins[found], stops[found] = at + 1, stop
            stop += 1
        else:
            stop = at
            while stop < end and text[stop] != delimiter:
                if text[stop] == _QUOTE:
                    return READER
                stop += 1
            begins[found], stops[found] = at, stop
        found += 1
        if stop >= end:
            return found
        at = stop + 1


@compiled
def split_cells(
    text: Bytes,
    starts: Places,
    ends: Places,
    flags: Bytes,
    delimiter: int,
    begins: Cells,
    stops: Cells,
    counts: Places,
) -> None:
    """Cells of every plain line, (lines, most) each; `counts` are cells, or READER."""
    for line in range(len(starts)):
        plain = not flags[line] & (ODD | OPEN | BLANK) and ends[line] - starts[line] <= LONGEST
        counts[line] = READER
        if plain:
            counts[line] = _split_line(
                text, starts[line], ends[line], delimiter, begins[line], stops[line]
            )


@compiled
def _after_blanks(text: Bytes, at: int, end: int) -> int:
    while at < end and text[at] in (_SPACE, _TAB):
        at += 1
    return at


@compiled
def _trimmed(text: Bytes, at: int, end: int) -> tuple[int, int]:
    """A cell without blanks and text marks around it; READER if a tab stands inside."""
    at = _after_blanks(text, at, end)
    if at < end and text[at] in (_TICK, _BACKTICK):
        while at < end and text[at] in (_TICK, _BACKTICK):
            at += 1
        at = _after_blanks(text, at, end)
    while at < end and text[end - 1] in (_SPACE, _TAB):
        end -= 1
    for each in range(at, end):
        if text[each] == _TAB:
            return READER, end
    return at, end


@compiled
def clean_cells(
    text: Bytes,
    begins: Cells,
    stops: Cells,
    counts: Places,
    width: int,
    usual: int,
    clean_begins: Cells,
    clean_stops: Cells,
) -> None:
    """Cells without blanks and text marks around them, short lines padded to `width`.

    A line becomes READER's if it is longer than `usual`, holds a tab inside a cell or says
    anything beyond `width`.
    """
    for line in range(len(counts)):
        count = counts[line]
        if count > width and (count > usual or begins[line, width] < stops[line, width]):
            count = READER
        for cell in range(min(count, width)):
            at, end = _trimmed(text, begins[line, cell], stops[line, cell])
            clean_begins[line, cell], clean_stops[line, cell] = at, end
            if at == READER:
                count = READER
        counts[line] = READER if count > usual else count
        for cell in range(max(count, 0), width):
            clean_begins[line, cell] = clean_stops[line, cell] = 0
            begins[line, cell] = stops[line, cell] = 0


@compiled
def _copy(text: Bytes, begin: int, end: int, out: Bytes, to: int) -> int:
    """Copy some bytes; where they end in `out`. Unsigned places make it one move of memory."""
    source, target = np.uint64(begin), np.uint64(to)
    size, at = np.uint64(end - begin), np.uint64(0)
    while at < size:
        out[target + at] = text[source + at]
        at += np.uint64(1)
    return to + end - begin


@compiled
def copy_cells(text: Bytes, begins: Places, stops: Places, ends: Places, out: Bytes) -> None:
    """The bytes of one column's cells one after the other; `ends` has one more item than cells."""
    to = 0
    for row in range(len(begins)):
        to = _copy(text, begins[row], stops[row], out, to)
        ends[row + 1] = to


@compiled
def join_cells(text: Bytes, begins: Cells, stops: Cells, counts: Places,
               ends: Offsets, out: Bytes) -> None:  # fmt: skip
    """What a row's hash is made of: its cells as written, the unit separator between them."""
    to = 0
    width = begins.shape[1]
    for row in range(len(counts)):
        for cell in range(min(counts[row], width)):
            if cell:
                out[to] = _UNIT
                to += 1
            to = _copy(text, begins[row, cell], stops[row, cell], out, to)
        ends[row + 1] = to


@compiled
def size_json(text: Bytes, begins: Cells, stops: Cells, escapes: int,
              lengths: Places, ends: Offsets) -> None:  # fmt: skip
    """Where each row's object ends in what `write_json` writes; `lengths` are those of `keys`.

    `escapes`: whether any sign of the text needs one.
    """
    total = 0
    for row in range(len(begins)):
        size = 2
        for cell in range(begins.shape[1]):
            a, b = begins[row, cell], stops[row, cell]
            if a == b:
                continue
            size += lengths[cell] + b - a + (3 if size > 2 else 1)
            if escapes:
                for at in range(a, b):
                    size += text[at] in (_BACKSLASH, _TAB)
        total += size
        ends[row + 1] = total


@compiled
def _copy_escaped(text: Bytes, begin: int, end: int, out: Bytes, to: int) -> int:
    for at in range(begin, end):
        byte = text[at]
        if byte in (_BACKSLASH, _TAB):
            out[to] = _BACKSLASH
            to += 1
            byte = 116 if byte == _TAB else byte
        out[to] = byte
        to += 1
    return to


@compiled
def write_json(text: Bytes, begins: Cells, stops: Cells, escapes: int,
               keys: Bytes, key_ends: Places, out: Bytes) -> None:  # fmt: skip
    """An object of every row's cells that are not empty; `keys` hold `"name": "` of every cell."""
    to = 0
    for row in range(len(begins)):
        out[to] = 123
        to += 1
        first = True
        for cell in range(begins.shape[1]):
            a, b = begins[row, cell], stops[row, cell]
            if a == b:
                continue
            if not first:
                out[to], out[to + 1] = 44, _SPACE
                to += 2
            first = False
            to = _copy(keys, key_ends[cell], key_ends[cell + 1], out, to)
            to = _copy_escaped(text, a, b, out, to) if escapes else _copy(text, a, b, out, to)
            out[to] = _QUOTE
            to += 1
        out[to] = 125
        to += 1
