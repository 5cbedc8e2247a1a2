"""What a benchmark gives back: goals with figures, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Goal:
    """One figure beside its target, and beside a peer where there is one.

    `target` is the most that `ours` may be, or with `on_ratio` the least that the ratio may be.
    None: reported, not judged.
    """

    id: str
    ours: float
    unit: str
    target: float | None = None
    peer: float | None = None
    on_ratio: bool = False

    @property
    def ratio(self) -> float | None:
        """Above 1 is good: the peer's time over ours, or without a peer the target over ours."""
        other = self.target if self.peer is None else self.peer
        return other / self.ours if other is not None and self.ours else None

    @property
    def met(self) -> bool | None:
        """Whether the target is kept; None where nothing was promised."""
        if self.target is None:
            return None
        if self.on_ratio:
            return self.ratio is not None and self.ratio >= self.target
        return self.ours <= self.target

    def as_dict(self) -> dict[str, Any]:
        """The goal as it is printed."""
        ratio = None if self.ratio is None else round(self.ratio, 2)
        return {
            "id": self.id,
            "ours": _round(self.ours),
            "peer": None if self.peer is None else _round(self.peer),
            "unit": self.unit,
            "ratio": ratio,
            "target": self.target,
            "met": self.met,
        }


def report(size: str, goals: Sequence[Goal]) -> dict[str, Any]:
    """The report of one benchmark."""
    return {"machine": machine(), "size": size, "goals": [goal.as_dict() for goal in goals]}


def machine() -> dict[str, Any]:
    """What the figures depend on, and nothing that names the machine."""
    from fanzha.wiring.postgres import server_version

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory / 2**30),
        "python": platform.python_version(),
        "postgresql": server_version(),
    }


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    ranked = sorted(values)
    rank = -(-len(ranked) * percent // 100)
    return ranked[max(int(rank) - 1, 0)]


def _round(value: float) -> float:
    return round(value, 1 if abs(value) >= 10 else 3)  # noqa: PLR2004 - digits that mean something
