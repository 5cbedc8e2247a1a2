"""Rounding of shares to whole fen: floor, then the spare fen to the largest remainders."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction


def apportion(total: int, shares: Sequence[Fraction | float]) -> list[int]:
    """Round shares that sum to `total` so that the rounded ones do too.

    Ties go to the earlier place: callers hand the shares over in order of arrival.
    """
    fens = [floor(share) for share in shares]
    remainders = [share - fen for share, fen in zip(shares, fens, strict=True)]
    order = sorted(range(len(shares)), key=lambda at: (-remainders[at], at))
    for at in order[: total - sum(fens)]:
        fens[at] += 1
    return fens


def in_proportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` in proportion to `weights` (not all 0), exactly, rounded as `apportion` does."""
    whole = sum(weights)
    fens = [total * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda at: (-(total * weights[at] % whole), at))
    for at in order[: total - sum(fens)]:
        fens[at] += 1
    return fens
