"""How well shapes are named on somebody else's labelled schemes: one verdict per scheme.

A scheme is traced as one network, its background beside it. Its rows change currencies on the way
without saying at what rate, so all amounts are taken at the rounded rates of `data/rates.yaml`,
in US cents; these networks are for shapes only, never for sums.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

import yaml

from fanzha.tracing.amlworld import MINOR_UNITS, UNNAMED, USUAL_MINOR_UNITS, first_hops
from fanzha.tracing.engine import Movement, Movements, Seeds, trace
from fanzha.tracing.shapes import Kind, shapes_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fanzha.tracing.amlworld import Schemes, Transfer

RATES: Final = Path(__file__).parent / "data" / "rates.yaml"
NONE: Final = "none"
LEAST_ROWS: Final = {
    Kind.FAN_IN: 2,
    Kind.FAN_OUT: 2,
    Kind.CYCLE: 2,
    Kind.BIPARTITE: 2,
    Kind.SCATTER_GATHER: 4,
    Kind.GATHER_SCATTER: 4,
    Kind.STACK: 4,
}
"""A labelled scheme with fewer rows between two accounts cannot show its shape."""


class Verdict(NamedTuple):
    """The label of a scheme and the name of its largest shape, or NONE.

    A label that is no shape (RANDOM) is right with NONE. `small`: too few rows for its label.
    """

    scheme: str
    label: str
    named: str
    small: bool

    @property
    def right(self) -> bool:
        """A hit: the largest shape bears the label's name; no shape where the label is none."""
        return self.named == (self.label if self.label in set(Kind) else NONE)


class Quality(NamedTuple):
    """One label's figures: `fair` counts its schemes that are not too small."""

    label: str
    schemes: int
    fair: int
    named: int
    right: int
    fair_right: int

    @property
    def precision(self) -> float | None:
        """Of the schemes that were given this name, the part that bears the label."""
        return self.right / self.named if self.named else None

    @property
    def recall(self) -> float | None:
        """Of the schemes with the label, the part that was given its name."""
        return self.right / self.schemes if self.schemes else None

    @property
    def fair_recall(self) -> float | None:
        """The same without the schemes that are too small."""
        return self.fair_right / self.fair if self.fair else None


def verdicts(
    found: Schemes, part: tuple[int, int] = (0, 1), rule: str = "fifo"
) -> Iterator[Verdict]:
    """Judge the labelled schemes of a file, or those whose id falls into part k of n.

    Schemes of unknown shape have no verdict, nor those in a currency without a rate.
    """
    rates = _rates()
    for name, rows in found.schemes.items():
        if rows[0].shape == UNNAMED or crc32(name.encode()) % part[1] != part[0]:
            continue
        moving, first = first_hops(rows)
        beside = found.beside(moving)
        if {row.paid_currency for row in (*moving, *beside)} - set(rates):
            continue
        label = rows[0].shape.lower().replace("-", "_").replace(" ", "_")
        small = label in set(Kind) and len(moving) < LEAST_ROWS[Kind(label)]
        yield Verdict(name, label, _named(moving, first, beside, rule), small)


def _named(rows: list[Transfer], first: list[bool], beside: list[Transfer], rule: str) -> str:
    """Trace the first hops through scheme and background, and name the largest shape."""
    if not rows:
        return NONE
    movements = Movements.build(
        Movement(str(at), row.time, row.payer, row.payee, _cents(row))
        for at, row in enumerate([*rows, *beside])
        if row.payer != row.payee
    )
    seeds = [str(at) for at, begins in enumerate(first) if begins]
    result = trace(movements, Seeds.of(movements, ((name, name) for name in seeds)), rule=rule)
    shapes = shapes_of(result)
    return shapes[0].kind.value if shapes else NONE


@cache
def _rates() -> dict[str, Fraction]:
    loaded = yaml.safe_load(RATES.read_text(encoding="utf-8"))["rates"]
    return {currency: Fraction(str(rate)) for currency, rate in loaded.items()}


def _cents(row: Transfer) -> int:
    places = MINOR_UNITS.get(row.paid_currency, USUAL_MINOR_UNITS)
    units = Fraction(row.paid, 10**places) * _rates()[row.paid_currency]
    return max(round(units * 100), 1)


def confusion(found: Iterable[Verdict]) -> dict[str, Counter[str]]:
    """Count, per label, the names given."""
    table: dict[str, Counter[str]] = {}
    for verdict in found:
        table.setdefault(verdict.label, Counter())[verdict.named] += 1
    return dict(sorted(table.items()))


def qualities(found: Iterable[Verdict]) -> list[Quality]:
    """Precision and recall of every label; a label that is no shape asks for no name."""
    verdicts = list(found)
    lines = []
    for label in sorted({verdict.label for verdict in verdicts}):
        own = [verdict for verdict in verdicts if verdict.label == label]
        name = label if label in set(Kind) else NONE
        lines.append(
            Quality(
                label=label,
                schemes=len(own),
                fair=sum(not verdict.small for verdict in own),
                named=sum(verdict.named == name for verdict in verdicts),
                right=sum(verdict.right for verdict in own),
                fair_right=sum(verdict.right and not verdict.small for verdict in own),
            )
        )
    return lines
