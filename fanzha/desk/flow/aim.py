"""What a reader asks of the fund flow: rule, victim, limits, how much is drawn. Pure.

The address of the page says it all, so that an address can be sent to a colleague. Limits are those
of the engine: they cut what is followed and never change whose money is whose.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from fanzha.core.money import FEN_PER_YUAN
from fanzha.core.refusal import gettext_noop as _
from fanzha.desk.flow.picture import AT_FIRST, MOST_NODES
from fanzha.tracing.engine import FLOW_RULES, NO_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

HOUSE_RULE: Final = "fifo"
"""Drafts, lists and stored results rest on this rule."""
RULES: Final[Mapping[str, tuple[str, str]]] = {
    "fifo": (_("First in, first out"), _("What came first leaves first.")),
    "lifo": (_("Last in, first out"), _("What came last leaves first.")),
    "rolling_pro_rata": (_("In proportion"), _("Every outflow takes the same part of all money.")),
    "own_first": (_("Own money first"), _("The holder's own money leaves before any victim's.")),
}
"""Name and meaning (msgids) of the rules that say whose money leaves."""
FORMS: Final = (
    ("sheet.xlsx", _("Fund-flow sheet, XLSX")),
    ("sheet.pdf", _("Fund-flow sheet, PDF")),
    ("report.pdf", _("Report, PDF")),
    ("picture.pdf", _("Picture, PDF")),
    ("picture.svg", _("Picture, SVG")),
    ("flow.csv", _("Transfers, CSV")),
    ("flow.graphml", _("Graph, GraphML")),
    ("flow.ftm.json", _("FollowTheMoney, JSON")),
)
"""What can be kept: its name in the address, its word (msgid)."""
LEAST_YUAN: Final = (0, 500, 2_000, 10_000, 50_000)
HOURS: Final = (0, 2, 24, 72)
assert set(RULES) == set(FLOW_RULES)


@dataclass(frozen=True)
class Aim:
    """`least` yuan per transfer and `hours` from arrival to onward transfer bound the walk.

    `plain` leaves out what was joined by hand.
    """

    rule: str = HOUSE_RULE
    victim: str = ""
    least: int = 0
    hours: int = 0
    all: int = 0
    plain: int = 0

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Aim:
        """Read an address; what is no choice of ours counts as not asked."""
        rule, victim = asked.get("rule", ""), asked.get("victim", "")
        return cls(
            rule if rule in RULES else HOUSE_RULE,
            victim if victim.isalnum() and victim.isascii() else "",
            _one_of(asked.get("least", ""), LEAST_YUAN),
            _one_of(asked.get("hours", ""), HOURS),
            int(asked.get("all") == "1"),
            int(asked.get("plain") == "1"),
        )

    @property
    def limits(self) -> Limits:
        """The same for the engine."""
        if not (self.least or self.hours):
            return NO_LIMITS
        return Limits(
            min_amount_fen=self.least * FEN_PER_YUAN,
            hop_window=self.hours * 3600 if self.hours else None,
        )

    @property
    def at_most(self) -> int:
        """How many nodes are drawn where all are asked for."""
        return MOST_NODES

    @property
    def most(self) -> int:
        """How many nodes are drawn."""
        return MOST_NODES if self.all else AT_FIRST

    @property
    def query(self) -> str:
        """The end of the address, `?` included; empty where nothing is asked."""
        return f"?{urlencode(self.told)}" if self.told else ""

    @property
    def told(self) -> dict[str, str | int]:
        """What is asked beyond the usual, by its name in the address."""
        plain = Aim()
        return {
            each.name: getattr(self, each.name)
            for each in fields(self)
            if getattr(self, each.name) != getattr(plain, each.name)
        }

    @property
    def rules(self) -> list[tuple[str, str, str, str]]:
        """Every rule: id, name and meaning (msgids), the end of its address."""
        return [(rule, *told, self.but(rule=rule)) for rule, told in RULES.items()]

    @property
    def forms(self) -> tuple[tuple[str, str], ...]:
        """What can be kept of it."""
        return FORMS

    @property
    def name(self) -> str:
        """Name of the rule (msgid)."""
        return RULES[self.rule][0]

    @property
    def meaning(self) -> str:
        """Meaning of the rule (msgid)."""
        return RULES[self.rule][1]

    @property
    def for_all(self) -> str:
        """The end of the address for all victims."""
        return self.but(victim="")

    @property
    def with_all(self) -> str:
        """The end of the address that draws small ones too."""
        return self.but(all=1)

    @property
    def by_house(self) -> str:
        """The end of the address by the rule that drafts rest on."""
        return self.but(rule=HOUSE_RULE, least=0, hours=0, plain=1)

    @property
    def with_joined(self) -> str:
        """The end of the address of the picture with what was joined by hand."""
        return self.but(plain=0)

    @property
    def without_joined(self) -> str:
        """The end of the address of the picture without what was joined by hand."""
        return self.but(plain=1)

    @property
    def larger(self) -> str:
        """The end of the address that follows larger transfers only; empty at the largest."""
        more = [yuan for yuan in LEAST_YUAN if yuan > self.least]
        return self.but(least=more[0]) if more else ""

    def but(self, **changes: str | int) -> str:
        """The end of the address of a neighbouring picture."""
        return replace(self, **changes).query  # type: ignore[arg-type] # each is a field's own type


def _one_of(text: str, choices: tuple[int, ...]) -> int:
    known = {str(choice): choice for choice in choices}
    return known.get(text, 0)
