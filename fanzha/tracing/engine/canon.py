"""The canonical lines of rows, written by machine code: what `fingerprint.py` writes, byte by byte.

Texts are handed in as they stand in JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.model import NO_BALANCE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

COMMA, QUOTE, MINUS, ZERO, OPEN, CLOSE, NEWLINE = 44, 34, 45, 48, 91, 93, 10
NULL: Final = (110, 117, 108, 108)
MOST_BESIDE_TEXTS: Final = 256
"""So many bytes of a line are numbers and signs, at most."""

AT_ONCE: Final = 256
"""So many rows are looked at together."""


class Script(NamedTuple):
    """Texts behind each other, as they stand in JSON."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]


class Pages(NamedTuple):
    """All rows; an empty column was given nowhere, and an empty `place` changes no order."""

    time: NDArray[np.int64]
    arrived: NDArray[np.int64]
    dated: NDArray[np.uint8]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    balance_from: NDArray[np.int64]
    balance_to: NDArray[np.int64]
    channel: NDArray[np.uint8]
    currency: NDArray[np.uint8]
    reverses: NDArray[np.int64]
    place: NDArray[np.int64]
    ids: Script
    names: Script
    kinds: Script
    currencies: Script
    day: int
    unknown: int


@compiled
def put_text(out: NDArray[np.uint8], at: int, texts: Script, number: int) -> int:
    """Write a comma and a quoted text, an empty one below 0."""
    out[at], out[at + 1] = COMMA, QUOTE
    at += 2
    if number >= 0:
        for place in range(texts.starts[number], texts.starts[number + 1]):
            out[at] = texts.data[place]
            at += 1
    out[at] = QUOTE
    return at + 1


@compiled
def put_number(out: NDArray[np.uint8], at: int, number: int) -> int:
    """Write a comma and a number, null for a balance that is not stated."""
    out[at] = COMMA
    at += 1
    if number == NO_BALANCE:
        for letter in NULL:
            out[at] = letter
            at += 1
        return at
    if number < 0:
        out[at] = MINUS
        at += 1
        number = -number
    rest, digits = number // 10, 1
    while rest > 0:
        rest, digits = rest // 10, digits + 1
    for back in range(digits):
        out[at + digits - 1 - back] = ZERO + number % 10
        number //= 10
    return at + digits


@compiled
def id_of(pages: Pages, row: int) -> int:
    """Where the row's id stands."""
    return int(pages.place[row]) if len(pages.place) else row


@compiled
def put_line(pages: Pages, row: int, out: NDArray[np.uint8], at: int) -> int:
    """Write one row from `at` on; where it ends."""
    first, time, payee = at, pages.time[row], pages.payee[row]
    at = put_text(out, at, pages.ids, id_of(pages, row))
    out[first] = OPEN
    at = put_number(out, at, time)
    at = put_text(out, at, pages.names, pages.payer[row])
    at = put_text(out, at, pages.names, payee)
    at = put_number(out, at, pages.fen[row])
    stated = pages.balance_from
    at = put_number(out, at, stated[row] if len(stated) else NO_BALANCE)
    stated = pages.balance_to
    at = put_number(out, at, stated[row] if len(stated) else NO_BALANCE)
    kind = pages.channel[row] if len(pages.channel) else pages.unknown
    at = put_text(out, at, pages.kinds, -1 if payee >= 0 else kind)
    at = put_text(out, at, pages.currencies, pages.currency[row] if len(pages.currency) else 0)
    original = pages.reverses[row] if len(pages.reverses) else -1
    at = put_text(out, at, pages.ids, id_of(pages, original) if original >= 0 else -1)
    arrived = pages.arrived[row] if len(pages.arrived) else time
    width = pages.day if len(pages.dated) and pages.dated[row] else 1
    if arrived != time or width != 1:
        at = put_number(out, at, arrived)
        at = put_number(out, at, width)
    out[at], out[at + 1] = CLOSE, NEWLINE
    return at + 2


@compiled
def look_at(pages: Pages, first: int, stop: int) -> int:
    """Look at the names of some rows before they are written; a sum of what was seen.

    No look waits for another, so that the memory answers many at once.
    """
    names, seen = pages.names, 0
    for row in range(first, stop):
        payer, payee = pages.payer[row], pages.payee[row]
        seen += names.starts[payer] if payer >= 0 else 0
        seen += names.starts[payee] if payee >= 0 else 0
    for row in range(first, stop):
        payer, payee = pages.payer[row], pages.payee[row]
        seen += names.data[names.starts[payer]] if payer >= 0 else 0
        seen += names.data[names.starts[payee]] if payee >= 0 else 0
    return int(seen)


@compiled
def put_lines(
    pages: Pages, row: int, longest: int, out: NDArray[np.uint8], used: NDArray[np.int64]
) -> int:
    """Write rows from `row` on while there is room for a `longest` one; the next row.

    `used` is set to the bytes that were written, and to what keeps the looks from being left out.
    """
    at, seen = 0, 0
    while row < len(pages.fen) and at + longest <= len(out):
        if row % AT_ONCE == 0:
            seen += look_at(pages, row, min(row + AT_ONCE, len(pages.fen)))
        at = put_line(pages, row, out, at)
        row += 1
    used[0], used[1] = at, seen
    return row
