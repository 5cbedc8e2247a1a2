"""Sweep all rows once in order of time by FIFO (machine code): many payments together, no index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fanzha.tracing.engine.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_LOT: Final = -1
LAID, PAID = range(2)
FIRST, LAST = range(2)
PLACE, FEN, SEED, NEXT = range(4)
LEFT, RETURNED, OVERDRAFT = range(3)
"""The kinds of ends that a sweep counts; what it counts nowhere is still held."""
GOES_ON: Final = -1
AT_ROW, FREE, NEXT_SEED, FRESH = range(4)
WORD, BITS, ONE = 5, 31, np.uint32(1)
MOST_NEW: Final = 2
"""A row needs at most one lot for what it splits and one for a payment."""


class Rows(NamedTuple):
    """The columns that a sweep reads, and the payments: rows ascending."""

    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    seeds: NDArray[np.int64]


class Queues(NamedTuple):
    """The state of all accounts, and what has ended.

    By account `sums` (fen laid on its line, fen paid), `ends` (first and last traced lot) and
    one bit of `touched` where there is one. `lots` (place on the line, fen, payment, next lot) also
    holds the free ones, linked. `ended` is fen by payment and kind. `state`: the next row, first
    free lot, next payment, first lot that was never used.
    """

    sums: NDArray[np.int64]
    ends: NDArray[np.int32]
    touched: NDArray[np.uint32]
    lots: NDArray[np.int64]
    ended: NDArray[np.int64]
    state: NDArray[np.int64]


@compiled
def is_touched(touched: NDArray[np.uint32], account: int) -> bool:
    """Whether any traced money lies in the account; the bits of all accounts fit near the core."""
    return bool((touched[account >> WORD] >> np.uint32(account & BITS)) & ONE)


@compiled
def land(queues: Queues, account: int, lot: int) -> bool:
    """Lay a lot behind the account's last one, less what fills a debt; whether any is left."""
    lots = queues.lots
    filled = min(max(queues.sums[account, PAID] - lots[lot, PLACE], 0), lots[lot, FEN])
    queues.ended[lots[lot, SEED], OVERDRAFT] += filled
    lots[lot, PLACE] += filled
    lots[lot, FEN] -= filled
    if lots[lot, FEN] == 0:
        return False
    lots[lot, NEXT] = NO_LOT
    if is_touched(queues.touched, account):
        lots[queues.ends[account, LAST], NEXT] = lot
    else:
        queues.ends[account, FIRST] = lot
        queues.touched[account >> WORD] |= ONE << np.uint32(account & BITS)
    queues.ends[account, LAST] = lot
    return True


@compiled
def new_lot(queues: Queues) -> int:
    """Take a free lot, or one that was never used."""
    lot = queues.state[FREE]
    if lot != NO_LOT:
        queues.state[FREE] = queues.lots[lot, NEXT]
        return int(lot)
    lot = queues.state[FRESH]
    queues.state[FRESH] = lot + 1
    return int(lot)


@compiled
def cut(queues: Queues, lot: int, stop: int) -> int:
    """Cut the lot at `stop` on its line: a new lot for what lies before."""
    lots = queues.lots
    part = new_lot(queues)
    lots[part, PLACE], lots[part, SEED] = lots[lot, PLACE], lots[lot, SEED]
    lots[part, FEN] = stop - lots[lot, PLACE]
    lots[lot, FEN] -= lots[part, FEN]
    lots[lot, PLACE] = stop
    return part


@compiled
def carry(queues: Queues, payer: int, payee: int, fen: int, kind: int) -> None:
    """Let a row take the traced lots that it overlaps and lay them on; or end them as `kind`."""
    lots = queues.lots
    begin = queues.sums[payer, PAID]
    lot = queues.ends[payer, FIRST]
    while lot != NO_LOT and lots[lot, PLACE] < begin + fen:
        following = lots[lot, NEXT]
        taken = lot
        if lots[lot, PLACE] + lots[lot, FEN] > begin + fen:
            taken, following = cut(queues, lot, begin + fen), lot
        if kind == GOES_ON:
            lots[taken, PLACE] += queues.sums[payee, LAID] - begin
        else:
            queues.ended[lots[taken, SEED], kind] += lots[taken, FEN]
        if kind != GOES_ON or not land(queues, payee, taken):
            lots[taken, NEXT] = queues.state[FREE]
            queues.state[FREE] = taken
        lot = following
    queues.ends[payer, FIRST] = lot
    if lot == NO_LOT:
        queues.touched[payer >> WORD] &= ~(ONE << np.uint32(payer & BITS))


@compiled
def pay(queues: Queues, payee: int, fen: int, seed: int) -> None:
    """Lay a victim's payment as a lot of its own."""
    if payee < 0:
        queues.ended[seed, LEFT] += fen
        return
    lot = new_lot(queues)
    queues.lots[lot, PLACE], queues.lots[lot, FEN] = queues.sums[payee, LAID], fen
    queues.lots[lot, SEED] = seed
    if not land(queues, payee, lot):
        queues.lots[lot, NEXT] = queues.state[FREE]
        queues.state[FREE] = lot


@compiled
def play_payment(rows: Rows, queues: Queues, row: int, seed: int) -> None:
    """Play a victim's payment: what was traced in it returns, all of it is a lot of its own."""
    payer, payee, fen = rows.payer[row], rows.payee[row], rows.fen[row]
    if fen == 0:
        return
    if payer >= 0:
        if is_touched(queues.touched, payer):
            carry(queues, payer, payee, fen, RETURNED)
        queues.sums[payer, PAID] += fen
    pay(queues, payee, fen, seed)
    if payee >= 0:
        queues.sums[payee, LAID] += fen


@compiled
def play_rows(rows: Rows, queues: Queues, first: int, last: int) -> int:
    """Play rows without payments until `last`, or until the lots run out; the next row.

    The way of a row without traced money is kept as short as a ledger's.
    """
    sums = queues.sums
    for row in range(np.uint64(first), np.uint64(last)):
        payer, payee, fen = rows.payer[row], rows.payee[row], rows.fen[row]
        if payer == payee:
            continue
        if payer >= 0:
            if is_touched(queues.touched, payer) and fen > 0:
                if queues.state[FRESH] + MOST_NEW > len(queues.lots):
                    return int(row)
                carry(queues, payer, payee, fen, LEFT if payee < 0 else GOES_ON)
            sums[np.uint32(payer), PAID] += fen
        if payee >= 0:
            sums[np.uint32(payee), LAID] += fen
    return last


@compiled
def sweep_lots(rows: Rows, queues: Queues) -> bool:
    """Play on from the next row; False if the lots run out: call again with more."""
    state = queues.state
    while state[AT_ROW] < len(rows.fen):
        seed = state[NEXT_SEED]
        payment = rows.seeds[seed] if seed < len(rows.seeds) else len(rows.fen)
        state[AT_ROW] = play_rows(rows, queues, state[AT_ROW], payment)
        if state[AT_ROW] < payment or state[FRESH] + MOST_NEW > len(queues.lots):
            return False
        if payment < len(rows.fen):
            play_payment(rows, queues, payment, seed)
            state[AT_ROW] = payment + 1
            state[NEXT_SEED] = seed + 1
    return True
