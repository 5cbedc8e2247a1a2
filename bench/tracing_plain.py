"""The peers in plain Python: what anybody would write first, over all rows."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.ground import Ground

    Lots = deque[tuple[int, int]]

OWN = -1
LEAST_FEN = 100.0
"""One yuan: what a row carries below that is not followed under pro rata."""


def held_by_queues(ground: Ground, payments: list[int]) -> NDArray[np.int64]:
    """Fen of all payments together that are still held, by account, under FIFO.

    One queue of lots per account; own money is a lot like any other.
    """
    rows = ground.columns
    queues: list[Lots] = [
        deque([(OWN, fen)] if fen else []) for fen in ground.city.opening_fen.tolist()
    ]
    debts = [0] * rows.accounts
    paid = set(payments)
    columns = rows.from_account.tolist(), rows.to_account.tolist(), rows.amount_fen.tolist()
    for row, (payer, payee, fen) in enumerate(zip(*columns, strict=True)):
        lots: list[tuple[int, int]] = []
        if payer >= 0:
            lots = _take(queues[payer], fen)
            debts[payer] += fen - sum(part for _, part in lots)
        if payee < 0:
            continue
        short = fen - sum(part for _, part in lots)
        arriving = [(row, fen)] if row in paid else [*lots, (OWN, short)] if short else lots
        if debts[payee]:
            queue = deque(arriving)
            debts[payee] -= sum(part for _, part in _take(queue, debts[payee]))
            arriving = list(queue)
        queues[payee].extend(arriving)
    return np.array(
        [sum(fen for claim, fen in queue if claim != OWN) for queue in queues], np.int64
    )


def _take(lots: Lots, fen: int) -> list[tuple[int, int]]:
    """Take `fen`, or all there is, from the front."""
    taken = []
    while fen and lots:
        claim, there = lots.popleft()
        if there > fen:
            lots.appendleft((claim, there - fen))
            there = fen
        taken.append((claim, there))
        fen -= there
    return taken


def held_by_shares(ground: Ground, payments: list[int]) -> NDArray[np.float64]:
    """Traced fen that are still held, by account, under rolling pro rata.

    A row that would carry less than LEAST_FEN carries nothing on.
    """
    rows = ground.columns
    held = ground.city.opening_fen.tolist()
    traced = [0.0] * rows.accounts
    paid = set(payments)
    columns = rows.from_account.tolist(), rows.to_account.tolist(), rows.amount_fen.tolist()
    for row, (payer, payee, fen) in enumerate(zip(*columns, strict=True)):
        moved = 0.0
        if payer >= 0:
            there = held[payer]
            held[payer] = there - fen
            moved = traced[payer]
            if moved:
                if fen < there:
                    moved *= fen / there
                traced[payer] -= moved
                if moved < LEAST_FEN:
                    moved = 0.0
        if row in paid:
            moved = float(fen)
        if payee >= 0:
            there = held[payee]
            held[payee] = there + fen
            if moved:
                if there < 0:
                    moved -= moved * min(-there, fen) / fen
                traced[payee] += moved
    return np.array(traced)
