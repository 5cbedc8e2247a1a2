"""The money bar: all that was paid, split by what became of it, always in the same order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

FATES = ("stopped", "frozen", "returned", "transit", "unknown", "gone")
"""Stopped ends by itself, frozen holds, returned is with the victim again; in transit can still be
saved; unknown; gone."""
SELDOM = frozenset({"returned"})
"""Fates that are left out of figures and legends where there is nothing of them."""

PER_MILLE = 1000


class FiguresDoNotAddError(ValueError):
    """The parts of a bar do not sum to what was paid, or one of them is negative."""


@dataclass(frozen=True)
class Part:
    """One stretch of a bar: `start` and `width` in percent, `share` as printed ("38.2")."""

    fate: str
    fen: int
    start: str
    width: str
    share: str

    @property
    def is_listed(self) -> bool:
        """Whether the figures name it: a quiet 0 is news, except for the seldom fates."""
        return self.fen > 0 or self.fate not in SELDOM


def split(paid_fen: int, fen_by_fate: dict[str, int]) -> tuple[Part, ...]:
    """Give the parts in the order of FATES, their ends touching exactly.

    Raises FiguresDoNotAddError unless the parts are not negative and sum to `paid_fen`.
    """
    fens = [fen_by_fate.get(fate, 0) for fate in FATES]
    if set(fen_by_fate) - set(FATES):
        raise FiguresDoNotAddError(f"no such fate: {sorted(set(fen_by_fate) - set(FATES))}")
    if min(fens) < 0 or sum(fens) != paid_fen:
        listed = ", ".join(f"{fate} {fen}" for fate, fen in zip(FATES, fens, strict=True))
        raise FiguresDoNotAddError(f"{listed} is not {paid_fen} fen in all")
    shares = _shares(fens, paid_fen)
    parts, before = [], 0
    for fate, fen, share in zip(FATES, fens, shares, strict=True):
        start, end = _percent(before, paid_fen), _percent(before + fen, paid_fen)
        parts.append(Part(fate, fen, f"{start:f}", f"{end - start:f}", share))
        before += fen
    return tuple(parts)


def _percent(fen: int, paid_fen: int) -> Decimal:
    if not paid_fen:
        return Decimal(0)
    return (Decimal(fen) * 100 / paid_fen).quantize(Decimal("0.000001"))


def _shares(fens: list[int], paid_fen: int) -> list[str]:
    """Percentages with one decimal that sum to 100.0 (largest remainder)."""
    if not paid_fen:
        return ["0.0"] * len(fens)
    floors = [fen * PER_MILLE // paid_fen for fen in fens]
    by_remainder = sorted(range(len(fens)), key=lambda i: -(fens[i] * PER_MILLE % paid_fen))
    for index in by_remainder[: PER_MILLE - sum(floors)]:
        floors[index] += 1
    return [f"{floor // 10}.{floor % 10}" for floor in floors]
