"""Sweeps by rolling pro rata and for reach (machine code): one number per account."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.sweeping import LEFT, OVERDRAFT, RETURNED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fanzha.tracing.engine.sweeping import Rows

HELD, TAINT = range(2)
WORD, BITS, ONE = 5, 31, np.uint32(1)


@compiled
def leave(held: NDArray[np.int64], taint: NDArray[np.float64], account: int, fen: int) -> float:
    """Take `fen` out of an account; how much of it is traced. Without a branch: guesses fail."""
    at = np.uint32(account)
    there = held[at, HELD]
    held[at, HELD] = there - fen
    moved = taint[at, TAINT] * (fen / max(there, fen))
    taint[at, TAINT] -= moved
    return float(moved)


@compiled
def come(
    held: NDArray[np.int64],
    taint: NDArray[np.float64],
    ended: NDArray[np.float64],
    account: int,
    fen: int,
    moved: float,
) -> None:
    """Bring `fen` into an account, `moved` of it traced; a debt takes the same fraction of both."""
    at = np.uint32(account)
    there = held[at, HELD]
    held[at, HELD] = there + fen
    if there < 0:
        filled = moved * (min(-there, fen) / fen)
        ended[OVERDRAFT] += filled
        moved -= filled
    taint[at, TAINT] += moved


@compiled
def sweep_shares(
    rows: Rows, held: NDArray[np.int64], taint: NDArray[np.float64], ended: NDArray[np.float64]
) -> None:
    """Play all rows by rolling pro rata.

    `held` (fen) and `taint` (traced fen) are two views of one array by account: one look
    brings both; `ended` is traced fen by kind.
    """
    seed, row = 0, 0
    while row < len(rows.fen):
        payment = rows.seeds[seed] if seed < len(rows.seeds) else len(rows.fen)
        for at in range(row, payment):
            payer, payee, fen = rows.payer[at], rows.payee[at], rows.fen[at]
            if payer == payee or fen == 0:
                continue
            moved = leave(held, taint, payer, fen) if payer >= 0 else 0.0
            if payee >= 0:
                come(held, taint, ended, payee, fen, moved)
            else:
                ended[LEFT] += moved
        if payment < len(rows.fen):
            payer, payee, fen = rows.payer[payment], rows.payee[payment], rows.fen[payment]
            if payer >= 0:
                ended[RETURNED] += leave(held, taint, payer, fen)
            if payee >= 0:
                come(held, taint, ended, payee, fen, float(fen))
            else:
                ended[LEFT] += fen
            seed += 1
        row = payment + 1


class Balances(NamedTuple):
    """What lay in each row's payer before it, and what its payee owed (fen by row)."""

    room: NDArray[np.int64]
    owed: NDArray[np.int64]


@compiled
def leave_with(
    balances: Balances,
    touched: NDArray[np.uint32],
    taint: NDArray[np.float64],
    account: int,
    row: int,
    fen: int,
) -> float:
    """Take `fen` out of an account whose balance is given; how much of it is traced."""
    moved = taint[account]
    if fen < balances.room[row]:
        moved *= fen / balances.room[row]
        taint[account] -= moved
    else:
        taint[account] = 0.0
        touched[account >> WORD] &= ~(ONE << np.uint32(account & BITS))
    return float(moved)


@compiled
def come_with(
    balances: Balances,
    touched: NDArray[np.uint32],
    taint: NDArray[np.float64],
    ended: NDArray[np.float64],
    account: int,
    row: int,
    fen: int,
    moved: float,
) -> None:
    """Bring `moved` traced fen into an account whose debt is given."""
    if balances.owed[row] > 0:
        filled = moved * (min(balances.owed[row], fen) / fen)
        ended[OVERDRAFT] += filled
        moved -= filled
    if moved > 0:
        taint[account] += moved
        touched[account >> WORD] |= ONE << np.uint32(account & BITS)


@compiled
def sweep_shares_with(
    rows: Rows,
    balances: Balances,
    taint: NDArray[np.float64],
    touched: NDArray[np.uint32],
    ended: NDArray[np.float64],
) -> None:
    """Do the same with balances given; `touched` is one bit per account with traced money.

    A row whose payer is not touched costs no look at its amount or its balances.
    """
    seed, row = 0, 0
    while row < len(rows.fen):
        payment = rows.seeds[seed] if seed < len(rows.seeds) else len(rows.fen)
        for at in range(row, payment):
            payer = rows.payer[at]
            if payer < 0 or (touched[payer >> WORD] >> np.uint32(payer & BITS)) & ONE == 0:
                continue
            payee, fen = rows.payee[at], rows.fen[at]
            if payer == payee or fen == 0:
                continue
            moved = leave_with(balances, touched, taint, payer, at, fen)
            if payee >= 0:
                come_with(balances, touched, taint, ended, payee, at, fen, moved)
            else:
                ended[LEFT] += moved
        if payment < len(rows.fen):
            payer, payee, fen = rows.payer[payment], rows.payee[payment], rows.fen[payment]
            if payer >= 0:
                ended[RETURNED] += leave_with(balances, touched, taint, payer, payment, fen)
            if payee >= 0:
                come_with(balances, touched, taint, ended, payee, payment, fen, float(fen))
            else:
                ended[LEFT] += fen
            seed += 1
        row = payment + 1


@compiled
def sweep_reach(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    touched: NDArray[np.uint8],
    first: int,
    last: int,
) -> None:
    """Let rows `first..last` pass on the touch; `touched` is by account + 1, OUTSIDE first.

    Without a branch, which would be guessed wrong where many accounts are touched.
    """
    for row in range(first, last):
        touched[np.uint32(payee[row] + 1)] |= touched[np.uint32(payer[row] + 1)]
        touched[0] = 0


@compiled
def sweep_reach_known(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    followed: NDArray[np.uint8],
    touched: NDArray[np.uint8],
    first: int,
    last: int,
) -> None:
    """Do the same where only accounts with 1 in `followed` (also by account + 1) pass it on."""
    for row in range(first, last):
        account = np.uint32(payer[row] + 1)
        touched[np.uint32(payee[row] + 1)] |= touched[account] & followed[account]
        touched[0] = 0
