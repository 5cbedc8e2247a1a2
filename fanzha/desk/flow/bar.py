"""Figures as the money bar takes them: parts that sum to what was paid. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTS = ("stopped", "frozen", "transit", "unknown", "gone")


def bar(figures: Mapping[str, int] | None, paid: int = 0) -> dict[str, int]:
    """Parts of `paid`; a case that nobody traced yet has all that was told (`paid`) unknown."""
    if figures is None:
        figures = {"paid": paid, "unknown": paid}
    parts = {name: figures.get(name, 0) for name in PARTS}
    return {
        "paid": figures["paid"], **parts, "returned": figures["paid"] - sum(parts.values()),
    }  # fmt: skip
