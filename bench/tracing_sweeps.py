"""Sweeps over all rows, beside plain Python and a pass that only keeps balances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.goals import Goal
from bench.ground import AnswersDiffer, same
from bench.timing import once, race
from bench.tracing_plain import LEAST_FEN, held_by_queues, held_by_shares
from fanzha.tracing.engine.sweeps import sweep_fifo, sweep_pro_rata, sweep_pro_rata_with

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.ground import Ground

TIMES_PLAIN = 150
OF_LEDGER, OF_LEDGER_WITH_BALANCES = 0.45, 1.5
NEAR = 1e-6
LEFT_BEHIND = "cut-off 1 yuan"


def goals_of(ground: Ground, *, full: bool) -> list[Goal]:
    """FIFO and pro rata, all payments at once."""
    columns, payments, opening = ground.columns, ground.payments, ground.city.opening_fen
    balances = ground.index.balances
    ledger = np.zeros(columns.accounts, np.int64)
    fifo, own, given, bare, whole, every = race(
        lambda: sweep_fifo(columns, payments, opening),
        lambda: sweep_pro_rata(columns, payments, opening, least_fen=LEAST_FEN),
        lambda: sweep_pro_rata_with(columns, payments, balances, least_fen=LEAST_FEN),
        lambda: ground.ledger(ledger),
        lambda: sweep_pro_rata(columns, payments, opening),
        lambda: sweep_pro_rata_with(columns, payments, balances),
    )
    goals = [
        Goal("pro-rata sweep without cut-off (ledger pass)", whole.best, "s", peer=bare.best),
        Goal(
            "pro-rata sweep with balances, without cut-off (ledger pass)", every.best, "s",
            peer=bare.best,
        ),
        Goal(
            f"pro-rata sweep, {LEFT_BEHIND} (ledger pass)", own.best, "s", peer=bare.best,
            target=OF_LEDGER if full else None, on_ratio=True,
        ),
        Goal(
            f"pro-rata sweep with balances, {LEFT_BEHIND} (ledger pass)", given.best, "s",
            peer=bare.best,
            target=OF_LEDGER_WITH_BALANCES if full else None, on_ratio=True,
        ),
    ]  # fmt: skip
    if ground.huge:
        return [Goal("FIFO sweep", fifo.best, "s"), *goals]
    queues, shares = _plain(ground)
    target = TIMES_PLAIN if full else None
    return [
        Goal(
            "FIFO sweep (plain Python)", fifo.best, "s", peer=queues, target=target, on_ratio=True
        ),
        Goal(
            f"pro-rata sweep, {LEFT_BEHIND} (plain Python)",
            own.best,
            "s",
            peer=shares,
            target=target,
            on_ratio=True,
        ),
        *goals,
    ]


def _plain(ground: Ground) -> tuple[float, float]:
    """Seconds of both plain peers, once their answers are the same as ours."""
    columns, payments, opening = ground.columns, ground.payments, ground.city.opening_fen
    found: list[NDArray[np.int64]] = []
    queues = once(lambda: found.append(held_by_queues(ground, payments)))
    held = np.zeros(columns.accounts, np.int64)
    lots = sweep_fifo(columns, payments, opening).lots
    np.add.at(held, lots[:, 0], lots[:, 2])
    same("FIFO in plain Python", held, found.pop())
    told: list[NDArray[np.float64]] = []
    shares = once(lambda: told.append(held_by_shares(ground, payments)))
    for swept in (
        sweep_pro_rata(columns, payments, opening, least_fen=LEAST_FEN),
        sweep_pro_rata_with(columns, payments, ground.index.balances, least_fen=LEAST_FEN),
    ):
        if not np.allclose(swept.held, told[0], rtol=NEAR, atol=NEAR):
            raise AnswersDiffer("pro rata in plain Python")
    return queues.best, shares.best
