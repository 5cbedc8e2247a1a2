"""Laundering schemes by shape: the eight shapes of AMLworld, and the layering chain.

A shape is a list of transfers between numbered accounts in the order in which they happen. The
money of each account is shared among its transfers; what the last one leaves behind stays there.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.random import Generator

    Edges = list[tuple[int, int]]

CASH: Final = -1
"""The payee of a transfer that leaves the account world."""
WIDTHS: Final = (4, 8, 16)
KEPT_SHARE: Final = 0.05
LEAST_FEN, MOST_FEN = 100_000, 30_000_000
PAUSE_SECONDS: Final = 900.0


class Leg(NamedTuple):
    """One transfer of a scheme; accounts are numbers within the scheme, CASH or VICTIM."""

    time: int
    payer: int
    payee: int
    fen: int


VICTIM: Final = -2


class Scheme(NamedTuple):
    """One scheme with its true answer.

    `payments` and `legs` are row numbers of the network, `accounts` are account numbers.
    `held` (fen by account) and `cash_fen` are where the money ends, under every rule, as long as
    nobody else pays into or out of its accounts, that is unless it is `mixed`.
    """

    shape: str
    accounts: tuple[int, ...]
    payments: tuple[int, ...]
    legs: tuple[int, ...]
    held: Mapping[int, int]
    cash_fen: int
    mixed: bool


def _chain(width: int, chance: Generator) -> Edges:
    return [*((at, at + 1) for at in range(width)), (width, CASH)]


def _fan_out(width: int, chance: Generator) -> Edges:
    return [(0, 1 + at) for at in range(width)]


def _fan_in(width: int, chance: Generator) -> Edges:
    return [*((at, width) for at in range(width)), (width, CASH)]


def _cycle(width: int, chance: Generator) -> Edges:
    return [(at, (at + 1) % width) for at in range(width)]


def _scatter_gather(width: int, chance: Generator) -> Edges:
    return [*((0, 2 + at) for at in range(width)), *((2 + at, 1) for at in range(width))]


def _gather_scatter(width: int, chance: Generator) -> Edges:
    gather = [(at, width) for at in range(width)]
    return [*gather, *((width, width + 1 + at) for at in range(width))]


def _bipartite(width: int, chance: Generator) -> Edges:
    return [(left, width + right) for left in range(width) for right in range(width // 2)]


def _stack(width: int, chance: Generator) -> Edges:
    first = _bipartite(width, chance)
    half = width // 2
    return [*first, *((width + at, width + half + to) for at in range(half) for to in range(half))]


def _random(width: int, chance: Generator) -> Edges:
    return [(int(chance.integers(0, at)), at) for at in range(1, width + 1)]


SHAPES: Final[Mapping[str, Callable[[int, Generator], Edges]]] = {
    "layering_chain": _chain,
    "fan_out": _fan_out,
    "fan_in": _fan_in,
    "cycle": _cycle,
    "scatter_gather": _scatter_gather,
    "gather_scatter": _gather_scatter,
    "bipartite": _bipartite,
    "stack": _stack,
    "random": _random,
}


class Played(NamedTuple):
    """A scheme before it has rows: its legs in order of time, and what is left where."""

    payments: list[Leg]
    legs: list[Leg]
    accounts: int
    left: dict[int, int]
    cash_fen: int


def play(shape: str, starts_at: int, chance: Generator) -> Played:
    """Play one scheme: victims pay the accounts that no transfer feeds, the shape moves it on."""
    edges = SHAPES[shape](int(chance.choice(WIDTHS)), chance)
    accounts = 1 + max(max(edge) for edge in edges)
    fed = {payee for _, payee in edges}
    sources = [at for at in range(accounts) if at not in fed] or [0]
    clock = _Clock(starts_at, chance)
    payments = []
    for source in sources:
        for _ in range(int(chance.integers(1, 3))):
            fen = int(chance.integers(LEAST_FEN, MOST_FEN))
            payments.append(Leg(clock.next(), VICTIM, source, fen))
    left: Counter[int] = Counter()
    for payment in payments:
        left[payment.payee] += payment.fen
    open_edges = Counter(payer for payer, _ in edges)
    legs, cash_fen = [], 0
    for payer, payee in edges:
        share = chance.uniform(0.7, 1.3) / open_edges[payer] if open_edges[payer] > 1 else 1.0
        keep = chance.uniform(0, KEPT_SHARE) if open_edges[payer] == 1 else 0.0
        fen = min(int(left[payer] * share * (1 - keep)), left[payer])
        open_edges[payer] -= 1
        left[payer] -= fen
        if payee == CASH:
            cash_fen += fen
        else:
            left[payee] += fen
        legs.append(Leg(clock.next(), payer, payee, fen))
    return Played(payments, legs, accounts, {at: fen for at, fen in left.items() if fen}, cash_fen)


class _Clock:
    """Moments of a scheme, each a little later than the one before."""

    def __init__(self, starts_at: int, chance: Generator) -> None:
        self.at, self.chance = float(starts_at), chance

    def next(self) -> int:
        self.at += 1 + self.chance.exponential(PAUSE_SECONDS)
        return int(np.floor(self.at))
