"""Money of several owners in one pot, of which every outflow takes the same fraction."""

from __future__ import annotations

from math import gcd
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fanzha.tracing.engine.rounding import Number


class Part(NamedTuple):
    """Whose money (None: own), and what limits and reversals ask of it (else 0, NO_ROW)."""

    claim: str | None
    row: int
    hop: int
    arrived: int


class Mix:
    """Parts of money, each `parts[part] / unit` fen.

    Exact while all numbers are whole: they then have no common divisor. With `unit` 1.0 they are
    floating point; every operation below rounds a part five times at most. `hops` are the fewest
    by which any of a part came.
    """

    __slots__ = ("hops", "parts", "unit")

    def __init__(self, unit: Number = 1) -> None:
        self.parts: dict[Part, Number] = {}
        self.hops: dict[Part, int] = {}
        self.unit = unit

    def total(self) -> Number:
        """All of it, in units."""
        return sum(self.parts.values())

    def put(self, part: Part, amount: Number, hop: int) -> None:
        """Put in an amount, in units."""
        if part in self.parts:
            self.parts[part] += amount
            self.hops[part] = min(self.hops[part], hop)
        else:
            self.parts[part] = amount
            self.hops[part] = hop

    def add(self, other: Mix) -> None:
        """Put all of another mix in."""
        if not other.parts:
            return
        if isinstance(self.unit, float):
            mine = theirs = common = 1
        else:
            common = gcd(int(self.unit), int(other.unit))
            mine, theirs = int(other.unit) // common, int(self.unit) // common
        if mine != 1:
            self.parts = {part: n * mine for part, n in self.parts.items()}
            self.unit *= mine
        for part, n in other.parts.items():
            self.put(part, n * theirs, other.hops[part])
        if common != 1:
            self._reduce(common)

    def take(self, part: Number, whole: Number) -> Mix:
        """Take the fraction `part / whole` of everything out."""
        taken = Mix(self.unit)
        if part >= whole:
            taken.parts, taken.hops = self.parts, self.hops
            self.parts, self.hops = {}, {}
            return taken
        if part > 0:
            taken.parts, taken.hops = self.parts, dict(self.hops)
            taken._scale(part, whole)
            self._scale(whole - part, whole)
        return taken

    def pick(self, wanted: Callable[[Part], bool]) -> Mix:
        """Take some parts out whole."""
        picked = Mix(self.unit)
        for part in [part for part in self.parts if wanted(part)]:
            picked.parts[part] = self.parts.pop(part)
            picked.hops[part] = self.hops.pop(part)
        return picked

    def relabelled(self, parts: Iterable[tuple[Part, Part]], *, hops: int = 0) -> Mix:
        """Make a mix in which each old part has become a new one, so many hops further."""
        mix = Mix(self.unit)
        for old, new in parts:
            mix.put(new, self.parts[old], self.hops[old] + hops)
        return mix

    def _scale(self, part: Number, whole: Number) -> None:
        """Multiply everything by `part / whole`."""
        if isinstance(self.unit, float):
            self.parts = {name: n * part / whole for name, n in self.parts.items()}
            return
        part, whole, unit = int(part), int(whole), int(self.unit)
        common = gcd(part, whole)
        part, whole = part // common, whole // common
        common = gcd(part, unit)
        part, unit = part // common, unit // common
        common = gcd(whole, *(int(n) for n in self.parts.values()))
        self.unit = unit * (whole // common)
        self.parts = {name: int(n) // common * part for name, n in self.parts.items()}

    def _reduce(self, common: int) -> None:
        """Divide by what all numbers have in common; it divides `common`."""
        common = gcd(common, *(int(n) for n in self.parts.values()))
        if common > 1:
            self.parts = {name: int(n) // common for name, n in self.parts.items()}
            self.unit = int(self.unit) // common
