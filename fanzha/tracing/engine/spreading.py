"""Where claim money can have come at all, and which accounts have rows without an order.

Machine code over all rows: what `ranges.py` and `order.py` ask of the rows in question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEVER: Final = 2**62
LATE: Final = 3
"""A mark for accounts that have rows with a second time, and therefore any other."""


class Whole(NamedTuple):
    """All rows; an empty `dated`, `arrived` or `reverses` was given nowhere.

    `day` is the width of a row that is `dated`; else a row's time is exact to the second.
    """

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    time: NDArray[np.int64]
    dated: NDArray[np.uint8]
    arrived: NDArray[np.int64]
    reverses: NDArray[np.int64]
    day: int


@compiled
def end_of(rows: Whole, row: int) -> int:
    """The first second that is certainly after the row's leaving."""
    wide = len(rows.dated) > 0 and rows.dated[row] != 0
    return int(rows.time[row] + (rows.day if wide else 1))


@compiled
def come_by(rows: Whole, row: int, touched: NDArray[np.int64]) -> int:
    """When claim money that lies with its payer can leave by the row; NEVER if it cannot."""
    payer = rows.payer[row]
    if payer < 0 or payer == rows.payee[row] or rows.fen[row] == 0:
        return NEVER
    at = touched[payer]
    return max(at, rows.time[row]) if at < end_of(rows, row) else NEVER


@compiled
def carry(rows: Whole, row: int, followed: NDArray[np.uint8], touched: NDArray[np.int64]) -> bool:
    """Let one row carry claim money on; whether it came anywhere earlier than known."""
    payee, by, payer = rows.payee[row], row, rows.payer[row]
    if payee < 0:
        return False
    if payer < 0:
        # Out of an exit money comes back by a reversal only.
        by = rows.reverses[row] if len(rows.reverses) else -1
        if by < 0 or rows.payee[by] >= 0:
            return False
        payer = rows.payer[by]
    if payer < 0 or followed[payer] == 0:
        return False
    at = come_by(rows, by, touched)
    if by != row:
        at = max(at, rows.time[row])
    if at >= touched[payee]:
        return False
    touched[payee] = at
    return True


@compiled
def spread(rows: Whole, followed: NDArray[np.uint8], touched: NDArray[np.int64]) -> None:
    """Let all rows carry claim money on, whatever the order of rows of one time.

    `touched` is by account the earliest second at which claim money can be there; accounts that are
    not `followed` pass nothing on. Rows that may be of one time are gone through until nothing
    changes: all of them where only dates are known, else those of each second.
    """
    first, count = 0, len(rows.fen)
    while first < count:
        stop = first + 1
        while stop < count and (len(rows.dated) > 0 or rows.time[stop] == rows.time[first]):
            stop += 1
        changed = True
        while changed:
            changed = False
            for row in range(first, stop):
                changed |= carry(rows, row, followed, touched)
            changed = changed and stop > first + 1
        first = stop


class Ties(NamedTuple):
    """1 for accounts that have rows without a certain order, and for such rows; a few too many."""

    accounts: NDArray[np.uint8]
    rows: NDArray[np.uint8]


@compiled
def mark_at(ties: Ties, account: int, row: int, begin: int, latest: NDArray[np.int64]) -> None:
    """Mark a row, the account and the row before it there if that may be the later one.

    `latest` is by account the end of its rows until here, and the last of them.
    """
    if begin < latest[account, 0]:
        ties.accounts[account] |= 1
        ties.rows[row] = 1
        ties.rows[latest[account, 1]] = 1


@compiled
def mark_tied(rows: Whole, latest: NDArray[np.int64], ties: Ties) -> None:
    """Mark all ties; `latest` (end, row by account) begins below all times.

    An account with a second time is marked with all its rows: their order there is another.
    """
    for row in range(len(rows.fen)):
        payer, payee = rows.payer[row], rows.payee[row]
        if payer == payee or rows.fen[row] == 0:
            continue
        end = end_of(rows, row)
        if payer >= 0:
            mark_at(ties, payer, row, rows.time[row], latest)
            latest[payer, 0], latest[payer, 1] = max(latest[payer, 0], end), row
        if payee >= 0:
            if len(rows.arrived) > 0 and rows.arrived[row] > rows.time[row]:
                ties.accounts[payee] = LATE
            mark_at(ties, payee, row, rows.time[row], latest)
            latest[payee, 0], latest[payee, 1] = max(latest[payee, 0], end), row
    for row in range(len(rows.arrived)):
        payer, payee = rows.payer[row], rows.payee[row]
        late = payer >= 0 and ties.accounts[payer] == LATE
        if late or (payee >= 0 and ties.accounts[payee] == LATE):
            ties.rows[row] = 1


@compiled
def count_tied(rows: Whole, latest: NDArray[np.int64], touched: NDArray[np.int64]) -> int:
    """How many rows are tied with one before them while claim money can be at an end of theirs.

    For rows without second times; `latest` begins below all times.
    """
    count = 0
    for row in range(len(rows.fen)):
        payer, payee = rows.payer[row], rows.payee[row]
        if payer == payee or rows.fen[row] == 0:
            continue
        time, end = rows.time[row], end_of(rows, row)
        tied, reached = False, False
        if payer >= 0:
            tied, reached = time < latest[payer], touched[payer] < end
            latest[payer] = max(latest[payer], end)
        if payee >= 0:
            tied, reached = tied or time < latest[payee], reached or touched[payee] < end
            latest[payee] = max(latest[payee], end)
        count += tied and reached
    return count
