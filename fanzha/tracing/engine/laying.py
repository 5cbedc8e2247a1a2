"""Lay the lines of all accounts at once (machine code): what `line.py` does for one account.

The starts of the inflows follow from one pass in order of time. The outflows are first dealt into
blocks of accounts, then sorted block by block, so that the memory written to stays near.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_BALANCE: Final = -(2**63)
FEN, ROW = 0, 1
ROW_BITS: Final = 32
LOW_BITS: Final = 2**32 - 1
SENTINEL: Final = -1
"""The row of the entry behind an account's last outflow, which begins where that one ends."""


@compiled
def count_outflows(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    count: NDArray[np.int64],
) -> None:
    """Add each account's number of outflows to `count`."""
    for row in range(len(fen)):
        if payer[row] >= 0 and payer[row] != payee[row] and fen[row] > 0:
            count[payer[row]] += 1


@compiled
def lay_inflows(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    laid: NDArray[np.int64],
    start: NDArray[np.int64],
) -> None:
    """Write each row's start on its payee's line; `laid` (fen by account) begins with openings."""
    for row in range(len(fen)):
        account = payee[row]
        if account >= 0 and payer[row] != account:
            start[row] = laid[account]
            laid[account] += fen[row]
        else:
            start[row] = 0


@compiled
def lay_inflows_with_missing(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    balance: NDArray[np.int64],
    laid: NDArray[np.int64],
    paid: NDArray[np.int64],
    start: NDArray[np.int64],
) -> None:
    """Do the same where balances are stated: a shortage that one proves is laid before its outflow.

    `paid` (fen by account) begins with debts.
    """
    for row in range(len(fen)):
        start[row] = 0
        if payer[row] == payee[row]:
            continue
        account = payer[row]
        if account >= 0:
            paid[account] += fen[row]
            short = paid[account] - laid[account]
            if short > 0 and balance[row] != NO_BALANCE and fen[row] > 0:
                laid[account] += max(min(short, short + balance[row]), 0)
        account = payee[row]
        if account >= 0:
            start[row] = laid[account]
            laid[account] += fen[row]


@compiled
def deal(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    shift: int,
    place: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Write every outflow into its block of 2**shift accounts, in `seq` order.

    `place` is where each block begins in `out` (fen; row and payer in one number).
    """
    for row in range(len(fen)):
        account = payer[row]
        if account >= 0 and account != payee[row] and fen[row] > 0:
            at = place[account >> shift]
            place[account >> shift] = at + 1
            out[at, FEN] = fen[row]
            out[at, ROW] = (np.int64(row) << ROW_BITS) | account


@compiled
def sort_blocks(
    bounds: NDArray[np.int64],
    shift: int,
    debt: NDArray[np.int64],
    place: NDArray[np.int64],
    block: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """Turn the dealt blocks into (begin on the line, row) by account, each closed by a sentinel.

    `bounds` is where each account begins in `out`; `place` and `block` are room to work in, `debt`
    is where each account's outflows begin.
    """
    accounts = len(bounds) - 1
    for low in range(0, accounts, 1 << shift):
        high = min(accounts, low + (1 << shift))
        first = bounds[low]
        dealt = bounds[high] - first - (high - low)
        for at in range(dealt):
            block[at, FEN], block[at, ROW] = out[first + at, FEN], out[first + at, ROW]
        for account in range(low, high):
            place[account - low] = bounds[account]
        for at in range(dealt):
            packed = block[at, ROW]
            account = packed & LOW_BITS
            to = place[account - low]
            place[account - low] = to + 1
            out[to, FEN] = debt[account]
            out[to, ROW] = packed >> ROW_BITS
            debt[account] += block[at, FEN]
        for account in range(low, high):
            last = bounds[account + 1] - 1
            out[last, FEN] = debt[account]
            out[last, ROW] = SENTINEL


@compiled
def lay_rooms(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    balance: NDArray[np.int64],
    held: NDArray[np.int64],
    room: NDArray[np.int64],
    owed: NDArray[np.int64],
) -> None:
    """Write per row what lay in its payer just before it left, and what its payee owed (fen).

    Missing money is counted in; neither is below 0. `held` (fen by account) begins with openings
    less debts and is left as the closing balances.
    """
    for row in range(len(fen)):
        room[row] = 0
        owed[row] = 0
        if payer[row] == payee[row]:
            continue
        account = payer[row]
        if account >= 0:
            short = fen[row] - held[account]
            if len(balance) and short > 0 and balance[row] != NO_BALANCE and fen[row] > 0:
                held[account] += max(min(short, short + balance[row]), 0)
            room[row] = max(held[account], 0)
            held[account] -= fen[row]
        account = payee[row]
        if account >= 0:
            owed[row] = max(-held[account], 0)
            held[account] += fen[row]
