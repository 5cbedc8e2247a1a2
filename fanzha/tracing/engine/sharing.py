"""Sweeps by rolling pro rata and for reach (machine code): one number per account.

Self-transfers move nothing: such a row takes as much out of a balance as it brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.sweeping import LEFT, OVERDRAFT, RETURNED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fanzha.tracing.engine.sweeping import Rows

WORD, BITS, ONE = np.uint32(5), np.uint32(31), np.uint32(1)
CRUMBS: Final = 3
"""A kind of end beside those of `sweeping`: shares too small to be followed."""


class Balances(NamedTuple):
    """What lay in each row's payer before it, and what its payee owed (fen by row)."""

    room: NDArray[np.int64]
    owed: NDArray[np.int64]


class Shares(NamedTuple):
    """Traced fen: `taint` by account, `ended` by kind.

    One bit of `touched` by account + 1 (OUTSIDE first, never set) marks who has any: a look at
    the bits, which fit near the core, spares most looks at the accounts. A row that would
    carry less than `least` carries nothing on: its share ends as crumbs.
    """

    taint: NDArray[np.float64]
    touched: NDArray[np.uint32]
    ended: NDArray[np.float64]
    least: float


@compiled
def has_share(shares: Shares, account: int) -> bool:
    """Whether any traced money lies in the account; never in OUTSIDE."""
    mark = np.uint32(account + 1)
    return bool((shares.touched[mark >> WORD] >> (mark & BITS)) & ONE)


@compiled
def leave(shares: Shares, account: int, fen: int, there: int) -> float:
    """Take `fen` out of an account that holds `there` and some traced money; how much of that."""
    moved = shares.taint[account]
    if fen < there:
        moved *= fen / there
        shares.taint[account] -= moved
    else:
        shares.taint[account] = 0.0
        mark = np.uint32(account + 1)
        shares.touched[mark >> WORD] &= ~(ONE << (mark & BITS))
    return float(moved)


@compiled
def come(shares: Shares, account: int, fen: int, owed: int, moved: float) -> None:
    """Bring `fen` into an account, `moved` of it traced; a debt takes the same fraction of both."""
    if owed > 0:
        filled = moved * (min(owed, fen) / fen)
        shares.ended[OVERDRAFT] += filled
        moved -= filled
    if moved > 0:
        shares.taint[account] += moved
        mark = np.uint32(account + 1)
        shares.touched[mark >> WORD] |= ONE << (mark & BITS)


@compiled
def go_on(shares: Shares, account: int, fen: int, owed: int, moved: float) -> None:
    """Bring traced money of an ordinary row to where it leads."""
    if moved < shares.least:
        shares.ended[CRUMBS] += moved
    elif account < 0:
        shares.ended[LEFT] += moved
    else:
        come(shares, account, fen, owed, moved)


@compiled
def pay(shares: Shares, account: int, fen: int, owed: int, returned: float) -> None:
    """Bring a victim's payment; what was traced in it has returned."""
    shares.ended[RETURNED] += returned
    if account < 0:
        shares.ended[LEFT] += fen
    else:
        come(shares, account, fen, owed, float(fen))


@compiled
def pay_from(rows: Rows, held: NDArray[np.int64], shares: Shares, payment: int) -> None:
    """Play a victim's payment, balances included."""
    payer, payee, fen = rows.payer[payment], rows.payee[payment], rows.fen[payment]
    moved, owed = 0.0, 0
    if payer >= 0:
        if has_share(shares, payer):
            moved = leave(shares, payer, fen, held[payer])
        held[payer] -= fen
    if payee >= 0:
        owed = -held[payee]
        held[payee] += fen
    pay(shares, payee, fen, owed, moved)


@compiled
def share_rows(rows: Rows, held: NDArray[np.int64], shares: Shares, first: int, last: int) -> None:
    """Play rows without payments, balances included.

    The way of a row without traced money is kept as short as a ledger's.
    """
    for at in range(np.uint64(first), np.uint64(last)):
        payer, payee, fen = rows.payer[at], rows.payee[at], rows.fen[at]
        if payer >= 0:
            there = held[np.uint32(payer)]
            held[np.uint32(payer)] = there - fen
            if has_share(shares, payer) and payer != payee and fen > 0:
                moved = leave(shares, payer, fen, there)
                owed = -held[np.uint32(payee)] if payee >= 0 else 0
                go_on(shares, payee, fen, owed, moved)
        if payee >= 0:
            held[np.uint32(payee)] += fen


@compiled
def sweep_shares(rows: Rows, held: NDArray[np.int64], shares: Shares) -> None:
    """Play all rows by rolling pro rata; `held` (fen by account) begins with the openings."""
    row = 0
    for payment in rows.seeds:
        share_rows(rows, held, shares, row, payment)
        pay_from(rows, held, shares, payment)
        row = payment + 1
    share_rows(rows, held, shares, row, len(rows.fen))


@compiled
def share_rows_with(rows: Rows, balances: Balances, shares: Shares, first: int, last: int) -> None:
    """Play rows without payments, with balances given: most cost a look at their payer's bit."""
    for at in range(np.uint64(first), np.uint64(last)):
        payer = rows.payer[at]
        if has_share(shares, payer):
            payee, fen = rows.payee[at], rows.fen[at]
            if payer != payee and fen > 0:
                moved = leave(shares, payer, fen, balances.room[at])
                go_on(shares, payee, fen, balances.owed[at], moved)


@compiled
def sweep_shares_with(rows: Rows, balances: Balances, shares: Shares) -> None:
    """Do the same with balances given."""
    row = 0
    for payment in rows.seeds:
        share_rows_with(rows, balances, shares, row, payment)
        payer, payee, fen = rows.payer[payment], rows.payee[payment], rows.fen[payment]
        moved = 0.0
        if has_share(shares, payer):
            moved = leave(shares, payer, fen, balances.room[payment])
        pay(shares, payee, fen, balances.owed[payment], moved)
        row = payment + 1
    share_rows_with(rows, balances, shares, row, len(rows.fen))


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
