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
    Lines = tuple[Places, Places, Bytes, Places, Places]

BLANK, ODD, QUOTED, OPEN, MASKED = 1, 2, 4, 8, 16
"""What a line is: only blanks; with signs that need judgement; with quotes; with an odd number;
with tabs or backslashes."""
READER = -1
"""Instead of a count of cells: this line is for the row-by-row reader."""
LONGEST = 100_000
"""Bytes of a line; a longer one is for the reader."""

_TAB, _LF, _CR, _SPACE, _QUOTE, _TICK, _BACKTICK = 9, 10, 13, 32, 34, 39, 96
_BACKSLASH, _UNIT = 92, 0x1F
_SEEN, _CONTROL, _MASKED, _CUT, _LEAD, _MARK, _END = 1, 2, 4, 8, 16, 32, 64
"""Kinds of bytes; those from _CUT on end a run of bytes that need no look."""


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


def kinds_of(delimiter: int) -> Bytes:
    """What every byte is to `find_lines`; a delimiter is nothing else."""
    kinds = np.full(256, _SEEN, np.uint8)
    kinds[:_SPACE] = _CONTROL
    kinds[[_SPACE, _TAB]] = 0, _MASKED
    kinds[_BACKSLASH] |= _MASKED
    kinds[[0xC2, 0xE1, 0xE2, 0xE3, 0xEF]] |= _LEAD
    kinds[[_LF, _CR]] = _END
    kinds[_QUOTE] |= _MARK
    kinds[delimiter] = (kinds[delimiter] & _SEEN) | _CUT
    return kinds


@compiled
def find_lines(text: Bytes, kinds: Bytes, starts: Places, ends: Places, flags: Bytes,
               firsts: Places, cuts: Places) -> tuple[int, int]:  # fmt: skip
    """Where the lines are (ended by LF, CR or CRLF) and what they are; how many, all kinds of byte.

    `cuts`: where delimiters stand, also in quotes; those of a line begin at its `firsts`, which has
    one item more than there are lines. Unsigned places spare a look for negative ones.
    """
    size, step = np.uint64(len(text)), np.uint64(1)
    count = start = at = told = np.uint64(0)
    quotes = kind = odd = whole = 0
    firsts[0] = 0
    while at <= size:
        one = _END
        while at < size:
            one = kinds[text[at]]
            kind |= one
            if one >= _CUT:
                break
            at += step
        if at == size:
            one = _END
        if one & _CUT:
            cuts[told] = at
            told += step
        elif one & _LEAD:
            odd |= _is_odd(text, int(at), int(size))
        elif one & _MARK:
            quotes += 1
        else:
            if at == size and start == size:
                break
            starts[count], ends[count] = start, at
            flags[count] = (
                (0 if kind & _SEEN else BLANK)
                | (ODD if odd or kind & _CONTROL else 0)
                | ((OPEN if quotes & 1 else QUOTED) if quotes else 0)
                | (MASKED if kind & _MASKED else 0)
            )
            count += step
            firsts[count] = told
            if at + step < size and text[at] == _CR and text[at + step] == _LF:
                at += step
            whole |= kind
            start, kind, odd, quotes = at + step, 0, 0, 0
        at += step
    return int(count), whole & _MASKED


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
    lines: Lines,
    delimiter: int,
    begins: Cells,
    stops: Cells,
    counts: Places,
) -> None:
    """Cells of every plain line, (lines, most) each; `counts` are cells, or READER.

    `lines` are the arrays that `find_lines` fills.
    """
    starts, ends, flags, firsts, cuts = lines
    most = begins.shape[1]
    for line in range(len(starts)):
        mark = flags[line]
        counts[line] = READER
        if mark & (ODD | OPEN | BLANK) or ends[line] - starts[line] > LONGEST:
            continue
        if mark & QUOTED:
            counts[line] = _split_line(
                text, starts[line], ends[line], delimiter, begins[line], stops[line]
            )
            continue
        first, found = firsts[line], firsts[line + 1] - firsts[line] + 1
        if found > most:
            continue
        at = starts[line]
        for cell in range(found - 1):
            begins[line, cell] = at
            stops[line, cell] = cuts[first + cell]
            at = cuts[first + cell] + 1
        begins[line, found - 1], stops[line, found - 1] = at, ends[line]
        counts[line] = found


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
def _is_edge(byte: int) -> bool:
    """Whether a cell that begins so may have something to take off, tabs aside."""
    return byte in (_SPACE, _TICK, _BACKTICK)


@compiled
def clean_cells(  # noqa: PLR0917 - compiled loops take arrays by place
    text: Bytes,
    flags: Bytes,
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
        # A tab that separates cells is no mask; in quotes it may stand within one.
        masked = flags[line] & (MASKED | QUOTED)
        for cell in range(min(count, width)):
            at, end = begins[line, cell], stops[line, cell]
            if at < end and (masked or _is_edge(text[at]) or text[end - 1] == _SPACE):
                at, end = _trimmed(text, at, end)
            clean_begins[line, cell], clean_stops[line, cell] = at, end
            if at == READER:
                count = READER
        counts[line] = READER if count > usual else count
        for cell in range(max(count, 0), width):
            clean_begins[line, cell] = clean_stops[line, cell] = 0
            begins[line, cell] = stops[line, cell] = 0


@compiled
def copy_bytes(text: Bytes, begin: int, end: int, out: Bytes, to: int) -> int:
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
        to = copy_bytes(text, begins[row], stops[row], out, to)
        ends[row + 1] = to


@compiled
def _copy_line(text: Bytes, begin: int, end: int, delimiter: int, out: Bytes, to: int) -> int:
    """Copy the cells of a line without quotes, the unit separator for the delimiter."""
    source, target = np.uint64(begin), np.uint64(to)
    size, at = np.uint64(end - begin), np.uint64(0)
    while at < size:
        byte = text[source + at]
        out[target + at] = _UNIT if byte == delimiter else byte
        at += np.uint64(1)
    return to + end - begin


@compiled
def join_cells(text: Bytes, begins: Cells, stops: Cells, counts: Places, flags: Bytes,
               delimiter: int, ends: Offsets, out: Bytes) -> None:  # fmt: skip
    """What a row's hash is made of: its cells as written, the unit separator between them."""
    to = 0
    width = begins.shape[1]
    for row in range(len(counts)):
        count = min(counts[row], width)
        if flags[row] & QUOTED:
            for cell in range(count):
                if cell:
                    out[to] = _UNIT
                    to += 1
                to = copy_bytes(text, begins[row, cell], stops[row, cell], out, to)
        else:
            to = _copy_line(text, begins[row, 0], stops[row, count - 1], delimiter, out, to)
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
            to = copy_bytes(keys, key_ends[cell], key_ends[cell + 1], out, to)
            to = _copy_escaped(text, a, b, out, to) if escapes else copy_bytes(text, a, b, out, to)
            out[to] = _QUOTE
            to += 1
        out[to] = 125
        to += 1
