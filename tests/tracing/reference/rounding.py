"""Whole fen out of fractions."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from fractions import Fraction

Name = TypeVar("Name", bound="Hashable")


def rounded(parts: Mapping[Name, Fraction | int]) -> dict[Name, int]:
    """Round the parts so that they still sum to their whole sum.

    Every part is floored; the fen that are then missing go one by one to the largest remainders,
    among equal ones to the part that stands earlier.
    """
    whole = {name: floor(part) for name, part in parts.items()}
    total = sum(parts.values())
    spare = floor(total) - sum(whole.values())
    by_remainder = sorted(parts, key=lambda name: whole[name] - parts[name])
    for name in by_remainder[:spare]:
        whole[name] += 1
    return whole
