"""What the day came to, per case, from the platform's own stored times and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.cases.models import Case
from fanzha.identity.acting import system_scope
from fanzha.instructions import queries as instructions
from fanzha.instructions.rules import Kind
from fanzha.intake import queries as intake
from fanzha.outbox.queries import has_work
from fanzha.tracing import queries as tracing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta


@dataclass(frozen=True)
class Line:
    """One case: seconds from the first report, and money by fate."""

    number: str
    sent: timedelta | None
    effective: timedelta | None
    figures: Mapping[str, int]


def lines() -> list[Line]:
    """One line per case in the order of the reports."""
    with system_scope("demo.summary"):
        cases = list(Case.objects.order_by("opened_at", "id"))
        figures = tracing.latest_figures(case.pk for case in cases)
        return [_line(case, figures.get(case.pk, {})) for case in cases]


def is_busy() -> bool:
    """Whether an instruction waits for somebody, or an answer has still to be worked out."""
    with system_scope("demo.summary"):
        waiting = ["awaiting_approval", "approved", "sent", "accepted"]
        return instructions.visible().filter(state__in=waiting).exists() or has_work()


def _line(case: Case, figures: Mapping[str, int]) -> Line:
    report = intake.reports_of_case(case.pk).first()
    stops = instructions.of_case(case.pk).filter(kind=Kind.STOP)
    sent = min((each.sent_at for each in stops if each.sent_at), default=None)
    effective = min((each.effective_at for each in stops if each.effective_at), default=None)
    start = report.reported_at if report else case.opened_at
    return Line(
        case.number,
        sent - start if sent else None,
        effective - start if effective else None,
        figures,
    )
