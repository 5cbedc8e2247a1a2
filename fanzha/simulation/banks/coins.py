"""Which coins leave an account: the truth that the simulator decides. Pure.

A lot is some fen with the claim they were stolen under, or None for the holder's own money; an
account holds its lots in order of arrival. Rules: `fifo` (first in, first out; the default),
`lifo`, and `own_first` (own money leaves before any stolen money, each in order of arrival).
"""

from __future__ import annotations

from dataclasses import dataclass

RULES = ("fifo", "lifo", "own_first")


@dataclass(frozen=True)
class Lot:
    """`fen` coins of one claim, or own money when `claim` is None."""

    claim: str | None
    fen: int


def take(lots: list[Lot], fen: int, rule: str = "fifo") -> tuple[list[Lot], list[Lot]]:
    """Take `fen` out of `lots`: (the coins taken, in the order they leave; the lots that stay).

    Raises ValueError when there is not enough or the rule is unknown.
    """
    if sum(lot.fen for lot in lots) < fen:
        raise ValueError(f"there are fewer than {fen} fen")
    leaving = {
        "fifo": range(len(lots)),
        "lifo": range(len(lots) - 1, -1, -1),
        "own_first": sorted(range(len(lots)), key=lambda place: lots[place].claim is not None),
    }.get(rule)
    if leaving is None:
        raise ValueError(f"{rule!r} is no rule of coins")
    taken, stays = [], [lot.fen for lot in lots]
    for place in leaving:
        part = min(fen, stays[place])
        if part:
            taken.append(Lot(lots[place].claim, part))
            stays[place] -= part
            fen -= part
    return taken, [Lot(lot.claim, rest) for lot, rest in zip(lots, stays, strict=True) if rest]


def merged(lots: list[Lot]) -> list[Lot]:
    """Join neighbours of one claim, which keeps the order of coins."""
    joined: list[Lot] = []
    for lot in lots:
        if joined and joined[-1].claim == lot.claim:
            joined[-1] = Lot(lot.claim, joined[-1].fen + lot.fen)
        elif lot.fen:
            joined.append(lot)
    return joined


def by_claim(lots: list[Lot]) -> dict[str, int]:
    """Sum stolen fen per claim; own money is left out."""
    sums: dict[str, int] = {}
    for lot in lots:
        if lot.claim is not None:
            sums[lot.claim] = sums.get(lot.claim, 0) + lot.fen
    return sums
