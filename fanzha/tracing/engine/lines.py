"""What a walk reads (machine code): laid lines, the rows under them, and matches beside them.

Rows are numbered in the order in which they were handed in; those that came after the lines were
laid stand in a second, small part. `key_of` is their place in the one order of all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ROW_STEP: Final = 32
"""Between two laid rows there are so many bits of room for rows that came later."""
DEBT: Final = -2
"""The outflow of a match whose fen filled a debt."""
IN_LO, IN_HI, OUT_ROW, OUT_LO, NEXT = range(5)
"""The places of a match: fen of the inflow, its outflow and their place there, the next match."""


class Part(NamedTuple):
    """The columns of some rows; an empty `channel`, `foreign` or `arrived` was given nowhere."""

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    time: NDArray[np.int64]
    channel: NDArray[np.uint8]
    foreign: NDArray[np.uint8]
    arrived: NDArray[np.int64]


class Lines(NamedTuple):
    """All lines. `base` are the rows that were laid together, `more` those that came later.

    `start` is each row's start on its payee's line; `out` (begin on the line, row) lists each
    account's outflows between its `bounds`, with a sentinel behind the last. An account with later
    rows has a `slot` (else -1; no slots at all without later rows): its line is laid anew in
    `more_bounds` and `more_out`; `more_start` are the starts of its inflows `more_rows`.
    """

    base: Part
    start: NDArray[np.int64]
    bounds: NDArray[np.int64]
    out: NDArray[np.int64]
    more: Part
    more_key: NDArray[np.int64]
    slot: NDArray[np.int32]
    more_rows: NDArray[np.int64]
    more_start: NDArray[np.int64]
    more_bounds: NDArray[np.int64]
    more_out: NDArray[np.int64]


class Matches(NamedTuple):
    """Which outflow took which fen, for the inflows of the accounts marked in `laid`.

    The last place of `laid` is the world outside, for exits that were reversed. `head` is the first
    match of each of `rows` (ascending) or, if `newest_first`, of every row, `table` its links; fen
    between the matches of an inflow are still there. If `newest_first`, the last fen left first.
    """

    laid: NDArray[np.uint8]
    rows: NDArray[np.int64]
    head: NDArray[np.int64]
    table: NDArray[np.int64]
    newest_first: bool


@compiled
def key_of(lines: Lines, row: int) -> int:
    """The place of a row in the order of all rows."""
    later = row - len(lines.base.fen)
    return (row + 1) << ROW_STEP if later < 0 else int(lines.more_key[later])


@compiled
def payer_of(lines: Lines, row: int) -> int:
    """The payer's code, below 0 for the world outside."""
    later = row - len(lines.base.fen)
    return int(lines.base.payer[row]) if later < 0 else int(lines.more.payer[later])


@compiled
def payee_of(lines: Lines, row: int) -> int:
    """The payee's code, below 0 for the world outside."""
    later = row - len(lines.base.fen)
    return int(lines.base.payee[row]) if later < 0 else int(lines.more.payee[later])


@compiled
def fen_of(lines: Lines, row: int) -> int:
    """The whole amount."""
    later = row - len(lines.base.fen)
    return int(lines.base.fen[row]) if later < 0 else int(lines.more.fen[later])


@compiled
def time_of(lines: Lines, row: int) -> int:
    """When the row left."""
    later = row - len(lines.base.fen)
    return int(lines.base.time[row]) if later < 0 else int(lines.more.time[later])


@compiled
def arrival_of(lines: Lines, row: int) -> int:
    """When the row arrived, which is never before it left."""
    left = time_of(lines, row)
    later = row - len(lines.base.fen)
    if later >= 0:
        return max(left, int(lines.more.arrived[later])) if len(lines.more.arrived) else left
    return max(left, int(lines.base.arrived[row])) if len(lines.base.arrived) else left


@compiled
def is_foreign(lines: Lines, row: int) -> bool:
    """Whether the row stands in another currency than the trace."""
    later = row - len(lines.base.fen)
    if later >= 0:
        return len(lines.more.foreign) > 0 and lines.more.foreign[later] != 0
    return len(lines.base.foreign) > 0 and lines.base.foreign[row] != 0


@compiled
def exit_of(lines: Lines, row: int, unknown: int) -> int:
    """The kind of end of what leaves the account world by the row."""
    later = row - len(lines.base.fen)
    if later >= 0:
        return int(lines.more.channel[later]) if len(lines.more.channel) else unknown
    return int(lines.base.channel[row]) if len(lines.base.channel) else unknown


@compiled
def find(rows: NDArray[np.int64], row: int, low: int, high: int) -> int:
    """Find `row` in the ascending `rows` between two places; -1 if it is not there."""
    stop = high
    while low < high:
        middle = (low + high) // 2
        if rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low if low < stop and rows[low] == row else -1


@compiled
def last_not_after(out: NDArray[np.int64], low: int, high: int, place: int) -> int:
    """The last entry between two places that does not begin after `place`; else `low` - 1."""
    while low < high:
        middle = (low + high) // 2
        if out[middle, 0] <= place:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def slot_of(matches: Matches, account: int, row: int) -> int:
    """Where the matches of an inflow begin in `head`; -1 if it lies on a plain line."""
    if len(matches.laid) == 0 or matches.laid[account] == 0:
        return -1
    if matches.newest_first:
        return row
    return find(matches.rows, row, 0, len(matches.rows))
