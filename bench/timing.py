"""How long things take: ours and the peers' in turns, so that all meet the same noise."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FEWEST, MOST = 3, 50
LONG_ENOUGH_SECONDS = 4.0


@dataclass(frozen=True)
class Taken:
    """Seconds of all tries. Judged is the best: what disturbs a run only ever makes it longer."""

    tries: tuple[float, ...]

    @property
    def best(self) -> float:
        """The shortest try."""
        return min(self.tries)

    @property
    def median(self) -> float:
        """The try in the middle."""
        return median(self.tries)


def race(*works: Callable[[], object]) -> list[Taken]:
    """Time the works in turns, after one untimed turn that compiles and warms."""
    taken: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    begun = time.perf_counter()
    while len(taken[0]) < FEWEST or (
        len(taken[0]) < MOST and time.perf_counter() - begun < LONG_ENOUGH_SECONDS
    ):
        for work, mine in zip(works, taken, strict=True):
            mine.append(seconds(work))
    return [Taken(tuple(mine)) for mine in taken]


def once(work: Callable[[], object]) -> Taken:
    """Time what is too long to try twice."""
    return Taken((seconds(work),))


def seconds(work: Callable[[], object]) -> float:
    """How long one try takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
