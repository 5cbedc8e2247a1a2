"""What the one button of the intake screen will draft, and what not and why. Writes nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fanzha.cases.models import Case
from fanzha.core.refusal import Refusal
from fanzha.desk.actions import draft_for_payment
from fanzha.desk.banks import answering
from fanzha.desk.words import say
from fanzha.instructions import actions as instructions
from fanzha.instructions.rules import Kind
from fanzha.intake import queries as intake
from fanzha.intake.models import Payment
from fanzha.intake.rules import payment_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fanzha.identity.models import Officer
    from fanzha.intake.rules import ToldPayment, ToldReport


@dataclass
class Line:
    """One payee: what is drafted, at which institution, whether it answers, what is not and why."""

    payment: ToldPayment
    institution: str = ""
    health: str = ""
    kinds: list[Kind] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    urgent: bool = False

    @property
    def stops(self) -> bool:
        """Whether a stop is drafted."""
        return Kind.STOP in self.kinds

    @property
    def queries(self) -> bool:
        """Whether a query is drafted."""
        return Kind.QUERY in self.kinds


@dataclass(frozen=True)
class Forecast:
    """All lines in the order of the payments, and their sums."""

    lines: tuple[Line, ...] = ()
    joins: bool = False

    @property
    def stops(self) -> int:
        """How many stops."""
        return sum(line.stops for line in self.lines)

    @property
    def queries(self) -> int:
        """How many queries."""
        return sum(line.queries for line in self.lines)

    @property
    def stop_fen(self) -> int:
        """What was paid into the accounts to be stopped."""
        stopped = {line.payment.to_account for line in self.lines if line.stops}
        return sum(
            line.payment.amount_fen for line in self.lines if line.payment.to_account in stopped
        )

    @property
    def paid_fen(self) -> int:
        """All that was told."""
        return sum(line.payment.amount_fen for line in self.lines)


def foresee(by: Officer, told: ToldReport) -> Forecast:
    """Say what taking this report would draft; the action itself checks again."""
    known, case_id = intake.matches(told)
    seen: set[str] = set()
    lines = []
    for index, payment in enumerate(told.payments):
        line = Line(payment)
        lines.append(line)
        if index in known:
            line.notes.append(_("Told before through another report; it is one payment, not two."))
        elif not payment_kinds()[payment.kind]["by_message"]:
            _without_message(line)
        elif payment.to_account and payment.to_account in seen:
            line.notes.append(_("The same account as above; one stop covers both."))
        else:
            seen.add(payment.to_account)
            _draft(by, line)
    return Forecast(tuple(lines), joins=case_id is not None)


def _draft(by: Officer, line: Line) -> None:
    payment = Payment(**asdict(line.payment), complete=line.payment.complete)
    case = Case(number="", filed_at=None)
    refused: dict[str, list[Kind]] = {}
    for kind in (Kind.STOP, Kind.QUERY):
        wanted = draft_for_payment(payment, kind)
        line.institution = wanted.institution_name
        try:
            instructions.check_draft(by, case, wanted)
        except Refusal as refusal:
            refused.setdefault(say(refusal), []).append(kind)
        else:
            line.kinds.append(kind)
            line.health = answering(wanted.institution_code)
    line.notes += refused


def _without_message(line: Line) -> None:
    kind = payment_kinds()[line.payment.kind]
    name = kind["zh"] if (get_language() or "zh").startswith("zh") else kind["en"]
    if kind.get("call_courier"):
        line.urgent = True
        line.notes.append(
            _("%(kind)s: send police after the courier; no message stops it.") % {"kind": name}
        )
    else:
        line.notes.append(_("%(kind)s: no message can stop it; kept in the case.") % {"kind": name})


def seen_elsewhere(values: Sequence[tuple[str, str]]) -> dict[str, int]:
    """In how many cases of the city each entity occurs; those that occur in none are left out."""
    from fanzha.entities.queries import known

    found = {value: known(kind, value).cases for kind, value in dict.fromkeys(values) if value}
    return {value: cases for value, cases in found.items() if cases}
