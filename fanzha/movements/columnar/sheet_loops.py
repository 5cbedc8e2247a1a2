"""Loops over the XML of a sheet: where its cells and the workbook's shared texts stand.

They know the elements that programs write for plain tables; anything else makes them give up, and
the library reads the workbook.
"""

# ruff: noqa: PLR2004 - signs of a text are their numbers

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.compiled import compiled
from fanzha.movements.columnar.loops import copy_bytes

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int32]

GIVEN_UP = -1
TEXT, ODD_TEXT, ODD_NUMBER, SHARED, FLAG = range(5)
"""What a cell is: its bytes as they stand, a text with signs that CSV or XML writes otherwise, a
number that may read otherwise, a place among the shared texts, a truth value."""
_BLANKS = (32, 9, 10, 13)
_DIGITS = 15
_LETTERS = 26


@compiled
def _is(xml: Bytes, at: int, one: int, two: int, three: int) -> bool:
    return at + 2 < len(xml) and xml[at] == one and xml[at + 1] == two and xml[at + 2] == three


@compiled
def _to(xml: Bytes, at: int, sign: int) -> int:
    """Where a sign stands next, or the end."""
    while at < len(xml) and xml[at] != sign:
        at += 1
    return at


@compiled
def _behind(xml: Bytes, at: int) -> tuple[int, bool]:
    """Behind the tag whose name or attributes `at` stands in, and whether it closes itself."""
    end = _to(xml, at, 62)
    return end + 1, xml[end - 1] == 47


@compiled
def _attribute(xml: Bytes, at: int) -> tuple[int, int, int, int]:
    """Name (of one letter, else 0), value's bounds and what follows; name GIVEN_UP at the end."""
    while at < len(xml) and xml[at] in _BLANKS:
        at += 1
    if at >= len(xml) or xml[at] in (47, 62):
        return GIVEN_UP, at, at, at
    begin = at
    while at < len(xml) and xml[at] not in (61, 62):
        at += 1
    if at + 1 >= len(xml) or xml[at] != 61 or xml[at + 1] != 34:
        return GIVEN_UP, at, at, GIVEN_UP
    stop = _to(xml, at + 2, 34)
    return xml[begin] if at - begin == 1 else 0, at + 2, stop, stop + 1


@compiled
def _number(xml: Bytes, at: int, end: int) -> int:
    """A whole number of at most nine digits, or GIVEN_UP."""
    if not 0 < end - at <= 9:
        return GIVEN_UP
    value = 0
    for each in range(at, end):
        if not 48 <= xml[each] <= 57:
            return GIVEN_UP
        value = value * 10 + xml[each] - 48
    return value


@compiled
def _place(xml: Bytes, at: int, end: int) -> tuple[int, int]:
    """Row and column of a name such as AH12, both from 1."""
    column = 0
    while at < end and 65 <= xml[at] <= 90 and column <= 16_384:
        column = column * _LETTERS + xml[at] - 64
        at += 1
    return _number(xml, at, end), column


@compiled
def _text(xml: Bytes, at: int) -> tuple[int, bool]:
    """Where a text ends, and whether it has signs that are written otherwise elsewhere."""
    odd = False
    while at < len(xml) and xml[at] != 60:
        one = xml[at]
        if one < 32 or one in (34, 38, 44):
            odd = True
        elif one in (0xC2, 0xE2) and at + 2 < len(xml):
            two, three = xml[at + 1], xml[at + 2]
            odd |= (one == 0xC2 and two == 0x85) or (
                one == 0xE2 and two == 0x80 and three in (0xA8, 0xA9)
            )
        at += 1
    return at, odd


@compiled
def _is_usual(xml: Bytes, at: int, end: int) -> bool:
    """Whether a number reads as it stands: at most 15 digits, no zero too many."""
    if at < end and xml[at] == 45:
        at += 1
        if at + 1 == end and xml[at] == 48:
            return False
    digits, point = 0, GIVEN_UP
    for each in range(at, end):
        if 48 <= xml[each] <= 57:
            digits += 1
        elif xml[each] == 46 and point == GIVEN_UP and each > at:
            point = each
        else:
            return False
    whole = (end if point == GIVEN_UP else point) - at
    no_zero_before = whole == 1 or xml[at] != 48
    no_zero_behind = point == GIVEN_UP or 49 <= xml[end - 1] <= 57
    return 0 < digits <= _DIGITS and whole > 0 and no_zero_before and no_zero_behind


@compiled
def _t(xml: Bytes, at: int) -> tuple[int, int, int, bool]:
    """A `<t>` element: its text's bounds, what follows (or GIVEN_UP), whether it is odd."""
    if at + 2 >= len(xml) or xml[at + 2] not in (32, 47, 62):
        return at, at, GIVEN_UP, False
    begin, closed = _behind(xml, at)
    if closed:
        return begin, begin, begin, False
    stop, odd = _text(xml, begin)
    if not (_is(xml, stop, 60, 47, 116) and _is(xml, stop + 1, 47, 116, 62)):
        return begin, stop, GIVEN_UP, odd
    return begin, stop, stop + 4, odd


@compiled
def find_strings(xml: Bytes, at: int, begins: Places, stops: Places, odds: Bytes) -> int:
    """The shared texts from the first `<si>` on; how many, GIVEN_UP for texts of several looks."""
    count = 0
    while at < len(xml):
        if xml[at] in _BLANKS:
            at += 1
        elif _is(xml, at, 60, 47, 115) and _is(xml, at + 3, 115, 116, 62):
            return count
        elif _is(xml, at, 60, 115, 105):
            at, closed = _behind(xml, at)
            begins[count] = stops[count] = odds[count] = 0
            if not closed:
                if not _is(xml, at, 60, 116, xml[min(at + 2, len(xml) - 1)]):
                    return GIVEN_UP
                begins[count], stops[count], at, odds[count] = _t(xml, at)
                if at == GIVEN_UP or not _is(xml, at, 60, 47, 115):
                    return GIVEN_UP
                if not _is(xml, at + 2, 115, 105, 62):
                    return GIVEN_UP
                at += 5
            count += 1
        else:
            return GIVEN_UP
    return GIVEN_UP


@compiled
def _value(xml: Bytes, at: int) -> tuple[int, int, int, bool]:
    """What follows a `<c ...>` up to its `</c>`: the value's bounds (or GIVEN_UP), the rest."""
    begin = stop = 0
    odd = False
    while at < len(xml):
        if _is(xml, at, 60, 47, 99) and at + 3 < len(xml) and xml[at + 3] == 62:
            return begin, stop, at + 4, odd
        if _is(xml, at, 60, 118, 62) and not begin:
            begin = at + 3
            stop, odd = _text(xml, begin)
            at = stop + 4
            if not (_is(xml, stop, 60, 47, 118) and _is(xml, stop + 1, 47, 118, 62)):
                return begin, stop, GIVEN_UP, odd
        elif _is(xml, at, 60, 102, 62) or _is(xml, at, 60, 102, 32):
            at, closed = _behind(xml, at)
            if not closed:
                at, _ = _behind(xml, _to(xml, at, 60))
        elif _is(xml, at, 60, 105, 115) and _is(xml, at + 3, 62, 60, 116) and not begin:
            begin, stop, at, odd = _t(xml, at + 4)
            if at == GIVEN_UP or not (_is(xml, at, 60, 47, 105) and _is(xml, at + 3, 115, 62, 60)):
                return begin, stop, GIVEN_UP, odd
            at += 5
        else:
            break
    return begin, stop, GIVEN_UP, odd


@compiled
def _kind(xml: Bytes, at: int, end: int) -> int:
    """By the attribute `t`: TEXT, ODD_NUMBER, SHARED or FLAG."""
    size = end - at
    if size == 0 or (size == 1 and xml[at] == 110):
        return ODD_NUMBER
    if size == 1 and xml[at] == 115:
        return SHARED
    if size == 1 and xml[at] == 98:
        return FLAG
    if (size == 3 and _is(xml, at, 115, 116, 114)) or (size == 9 and _is(xml, at, 105, 110, 108)):
        return TEXT
    return GIVEN_UP


@compiled
def _named(xml: Bytes, at: int) -> tuple[tuple[int, int], int, tuple[int, int], int]:
    """Bounds of the attribute `r`, the style, bounds of `t`; what follows, or GIVEN_UP."""
    place, style, kind = (0, 0), 0, (0, 0)
    while True:
        name, begin, stop, following = _attribute(xml, at)
        if name == GIVEN_UP:
            break
        at = following
        if name == 114:
            place = begin, stop
        elif name == 115:
            style = _number(xml, begin, stop)
        elif name == 116:
            kind = begin, stop
    return place, style, kind, GIVEN_UP if following == GIVEN_UP else at


@compiled
def _row(xml: Bytes, at: int, row: int) -> tuple[int, int]:
    """The number of the row whose tag begins there, after `row`; what follows, or GIVEN_UP."""
    place, _style, _kind_of, at = _named(xml, at + 4)
    told = _number(xml, place[0], place[1]) if place[0] else row + 1
    if at == GIVEN_UP or told <= row:
        return row, GIVEN_UP
    return told, _behind(xml, at)[0]


@compiled
def _cell(xml: Bytes, at: int, row: int, column: int) -> tuple[int, int, int, int]:
    """Column (at least `column`), kind, style of the cell whose tag begins there; where it ends."""
    place, style, of, at = _named(xml, at + 2)
    kind = _kind(xml, of[0], of[1])
    if place[0]:
        named, told = _place(xml, place[0], place[1])
        column = told if named == row and told >= column else GIVEN_UP
    if GIVEN_UP in (at, kind, style, column):
        return column, kind, style, GIVEN_UP
    return column, kind, style, at


@compiled
def _settled(xml: Bytes, kind: int, begin: int, stop: int, odd: int) -> tuple[int, int, int]:
    """Kind and bounds of a value; of a SHARED one its number, or GIVEN_UP."""
    if kind == ODD_NUMBER and _is_usual(xml, begin, stop):
        return TEXT, begin, stop
    if kind == TEXT and odd:
        return ODD_TEXT, begin, stop
    if kind == SHARED:
        number = _number(xml, begin, stop)
        return SHARED, number, number
    return kind, begin, stop


@compiled
def find_cells(
    xml: Bytes, at: int, plain: Bytes, rows: Places, columns: Places, begins: Places,
    stops: Places, kinds: Bytes,
) -> int:  # fmt: skip
    """The cells that say something, from behind `<sheetData>` on; how many, or GIVEN_UP.

    Rows and columns count from 1. `plain` says of every style whether its numbers are numbers. A
    SHARED cell begins and stops at the number of its text.
    """
    count = row = column = 0
    while 0 <= at < len(xml):
        if xml[at] in _BLANKS:
            at += 1
        elif _is(xml, at, 60, 99, 32) or _is(xml, at, 60, 99, 62):
            column, kind, style, at = _cell(xml, at, row, column + 1)
            if at == GIVEN_UP or style >= len(plain):
                break
            at, closed = _behind(xml, at)
            begin = stop = odd = 0
            if not closed:
                begin, stop, at, odd = _value(xml, at)
            if begin and (begin < stop or kind == TEXT):
                if kind == ODD_NUMBER and not plain[style]:
                    break
                kinds[count], begins[count], stops[count] = _settled(xml, kind, begin, stop, odd)
                if begins[count] < 0:
                    break
                rows[count], columns[count] = row, column
                count += 1
        elif _is(xml, at, 60, 47, 114):
            at, _ = _behind(xml, at)
        elif _is(xml, at, 60, 114, 111):
            row, at = _row(xml, at, row)
            column = 0
        elif _is(xml, at, 60, 47, 115) and _is(xml, at + 3, 104, 101, 101):
            return count
        else:
            break
    return GIVEN_UP


@compiled
def write_lines(
    texts: tuple[Bytes, Bytes, Bytes], rows: Places, columns: Places, begins: Places,
    stops: Places, sources: Bytes, width: int, out: Bytes,
) -> None:  # fmt: skip
    """CSV of so many cells a row; line n is row n, and a cell stands in one of the `texts`."""
    sheet, shared, made = texts
    to, row, column = 0, 1, 1
    for cell in range(len(rows)):
        while row < rows[cell]:
            out[to : to + width - column] = 44
            to += width - column
            out[to] = 10
            to, row, column = to + 1, row + 1, 1
        while column < columns[cell]:
            out[to] = 44
            to, column = to + 1, column + 1
        if sources[cell] == 0:
            to = copy_bytes(sheet, begins[cell], stops[cell], out, to)
        elif sources[cell] == 1:
            to = copy_bytes(shared, begins[cell], stops[cell], out, to)
        else:
            to = copy_bytes(made, begins[cell], stops[cell], out, to)
    out[to : to + width - column] = 44
    out[to + width - column] = 10
