"""By how much two institutions' clocks differ, learnt from pairs of rows that are sure."""

from __future__ import annotations

from collections import defaultdict
from statistics import median_low
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.weighing import config

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.movements.leg import Leg


MOST_STEPS = 3
"""Differences add up along so many clocks, and so do their errors."""


class Clock(NamedTuple):
    """The payee's side writes a transfer `seconds` after the payer's, by so many sure pairs."""

    payer: str
    payee: str
    seconds: int
    pairs: int


class Clocks:
    """The learnt differences, by way of other clocks too; 0 where too little is known.

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
        self._next: dict[str, dict[str, int]] = defaultdict(dict)
        for (payer, payee), clock in self.known.items():
            self._next[payer][payee] = clock.seconds
            self._next[payee].setdefault(payer, -clock.seconds)
        self._found: dict[tuple[str, str], int] = {}
        widest = max((abs(each.seconds) for each in self.known.values()), default=0)
        self.widest = MOST_STEPS * widest

    def skew(self, out: Leg, into: Leg) -> int:
        """Seconds by which the payee's clock is usually ahead of the payer's."""
        if not self.known:
            return 0
        sides = self._of(out), self._of(into)
        if sides not in self._found:
            self._found[sides] = self._along(*sides)
        return self._found[sides]

    def _along(self, payer: str, payee: str) -> int:
        """The sum along the shortest way from clock to clock."""
        if payer == payee or payer not in self._next or payee not in self._next:
            return self._next.get(payer, {}).get(payee, 0)
        reached = {payer: 0}
        for _ in range(MOST_STEPS):
            for clock, seconds in list(reached.items()):
                for other, more in sorted(self._next[clock].items()):
                    reached.setdefault(other, seconds + more)
            if payee in reached:
                return reached[payee]
        return 0

    def _of(self, leg: Leg) -> str:
        return self._banks.get(leg.account) or leg.account


def _learnt(told: list[int]) -> int | None:
    clock = config()["clock"]
    if len(told) < clock["least_pairs"]:
        return None
    middle = median_low(told)
    close = sum(abs(each - middle) <= clock["spread_seconds"] for each in told)
    return middle if close * 100 >= clock["share_percent"] * len(told) else None
