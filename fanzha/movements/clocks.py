"""By how much two institutions' clocks differ, learnt from pairs of rows that are sure."""

from __future__ import annotations

from collections import defaultdict
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.weighing import config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.movements.leg import Leg


class Clock(NamedTuple):
    """The payee's side writes a transfer `seconds` after the payer's, by so many sure pairs."""

    payer: str
    payee: str
    seconds: int
    pairs: int


class Clocks:
    """The learnt differences; 0 where too little is known.

    `banks` maps an account to whoever keeps its clock; an account without one keeps its own.
    """

    def __init__(self, sure: Iterable[tuple[Leg, Leg]], banks: Mapping[str, str]) -> None:
        self._banks = banks
        seen: dict[tuple[str, str], list[int]] = defaultdict(list)
        most = config()["clock"]["most_seconds"]
        for out, into in sure:
            seconds = into.at - out.at
            if out.time_precision == into.time_precision == "second" and abs(seconds) <= most:
                seen[self._of(out), self._of(into)].append(seconds)
        self.known: dict[tuple[str, str], Clock] = {}
        for sides, told in seen.items():
            learnt = _learnt(told)
            if learnt is not None:
                self.known[sides] = Clock(*sides, learnt, len(told))
        self.widest = max((abs(each.seconds) for each in self.known.values()), default=0)

    def skew(self, out: Leg, into: Leg) -> int:
        """Seconds by which the payee's clock is usually ahead of the payer's."""
        if not self.known:
            return 0
        known = self.known.get((self._of(out), self._of(into)))
        return known.seconds if known else 0

    def _of(self, leg: Leg) -> str:
        return self._banks.get(leg.account) or leg.account


def _learnt(told: list[int]) -> int | None:
    clock = config()["clock"]
    if len(told) < clock["least_pairs"]:
        return None
    middle = median_low(told)
    close = sum(abs(each - middle) <= clock["spread_seconds"] for each in told)
    return middle if close * 100 >= clock["share_percent"] * len(told) else None
