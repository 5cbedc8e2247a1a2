"""Every rule side by side, per victim: how much the choice of the rule matters."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fanzha.core.refusal import gettext_noop as _
from fanzha.desk.flow.aim import RULES
from fanzha.desk.flow.result import follow
from fanzha.tracing.engine import FLOW_RULES, VALUATIONS, EndKind, account_ends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.desk.flow.result import CaseFlow
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.desk.flow.victims import Victim
    from fanzha.tracing.engine import Trace

VALUED: Final[Mapping[str, str]] = {
    "libr_cap": _("Lowest balance since, as a ceiling"),
    "libr_cap_then_share": _("Lowest balance since, then shared"),
    "pari_passu_end": _("Shared at the end by claims"),
    "timestamp_ladder": _("Single credit, time, then shares"),
}
"""Names of the rules that say what can be claimed of what is there."""
assert set(VALUED) == set(VALUATIONS)


@dataclass(frozen=True)
class Line:
    """One rule: what it leaves in accounts for each victim, and in all."""

    rule: str
    name: str
    flows: bool
    fen: tuple[int, ...]
    exact: bool

    @property
    def total(self) -> int:
        """For all victims."""
        return sum(self.fen)


@dataclass(frozen=True)
class Beside:
    """A line per rule, a column per victim; `least` and `most` of what is no mere ceiling."""

    victims: tuple[Victim, ...]
    lines: tuple[Line, ...]
    least: tuple[int, ...]
    most: tuple[int, ...]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Least and most for each victim, then for all together."""
        totals = [line.total for line in self.lines if line.rule != "libr_cap"]
        return [*zip(self.least, self.most, strict=True), (min(totals), max(totals))]


def beside(sheet: Sheet) -> Beside:
    """Trace the case under every rule; `poison` is no amount and has no place here."""
    victims = sheet.victims
    lines = tuple(_line(sheet.flow, rule, victims) for rule in (*FLOW_RULES, *VALUATIONS))
    firm = [line.fen for line in lines if line.rule != "libr_cap"]
    columns = list(zip(*firm, strict=True))
    return Beside(victims, lines, tuple(map(min, columns)), tuple(map(max, columns)))


def _line(flow: CaseFlow, rule: str, victims: tuple[Victim, ...]) -> Line:
    shown = flow.trace
    found = follow(flow.given, shown.movements, shown.seeds, rule, shown.limits)
    sums = _held(found)
    fen = tuple(sum(sums[claim] for claim in each.claims) for each in victims)
    name = RULES[rule][0] if rule in RULES else VALUED[rule]
    return Line(rule, name, rule in RULES, fen, found.exactness.kind == "exact")


def _held(found: Trace) -> Counter[str]:
    """What lies in accounts whose statements are known, by claim; others nobody can value."""
    sums: Counter[str] = Counter()
    if found.valuations:
        for each in found.valuations:
            sums.update(each.by_claim)
        return sums
    for end in account_ends(found):
        if end.kind is EndKind.HELD:
            sums.update(end.by_claim)
    return sums
