"""Rounding of shares to whole fen: floor, then the spare fen to the largest remainders."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

Number = int | float
FINE: Final = 2**64
"""Remainders are compared to this part of a fen; only where that is a tie are they exactly."""


def apportion(total: int, parts: Sequence[Number], units: Sequence[Number]) -> list[int]:
    """Round shares `part / unit` that sum to `total` so that the rounded ones do too.

    Ties go to the earlier place: callers hand the shares over in order of arrival. Where floating
    point misses the sum by more than one fen each, the largest shares bear it.
    """
    fens = [int(part // unit) for part, unit in zip(parts, units, strict=True)]
    spare = total - sum(fens)
    if not 0 <= spare <= len(fens):
        return _forced(fens, spare)
    rests = [part - fen * unit for part, fen, unit in zip(parts, fens, units, strict=True)]
    coarse = [int(rest * FINE // unit) for rest, unit in zip(rests, units, strict=True)]
    order = sorted(range(len(fens)), key=lambda at: (-coarse[at], at))
    if 0 < spare < len(order) and coarse[order[spare - 1]] == coarse[order[spare]]:
        exact = {
            at: Fraction(rests[at]) / Fraction(units[at])
            for at in order
            if coarse[at] == coarse[order[spare]]
        }
        order.sort(key=lambda at: (-coarse[at], -exact.get(at, Fraction()), at))
    for at in order[:spare]:
        fens[at] += 1
    return fens


def in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` in proportion to `weights` (not all 0), rounded as `apportion` does."""
    whole = sum(weights)
    return apportion(total, [total * weight for weight in weights], [whole] * len(weights))


def _forced(fens: list[int], spare: int) -> list[int]:
    """Let the largest share bear the difference; none falls below 0."""
    for at in sorted(range(len(fens)), key=lambda at: -fens[at]):
        change = max(spare, -fens[at])
        fens[at] += change
        spare -= change
    return fens
