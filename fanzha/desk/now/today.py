"""The figures of today over the desk: reports, how fast stops took effect, where money stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from fanzha.core import clock
from fanzha.desk.flow.bar import bar
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from fanzha.intake.models import Payment, Report
from fanzha.intake.rules import payment_kinds
from fanzha.tracing import queries as tracing

if TYPE_CHECKING:
    from datetime import datetime

PROMPT = timedelta(minutes=15)
"""A stop in effect so soon after the report counts as prompt (the centre's own goal; assumed)."""


@dataclass(frozen=True)
class Today:
    """Counts of reports and sums in fen since midnight."""

    reports: int
    stoppable: int
    prompt: int
    stopped_fen: int
    frozen_fen: int
    transit_fen: int
    gone_fen: int
    unknown_fen: int

    @property
    def held_fen(self) -> int:
        """Stopped and frozen."""
        return self.stopped_fen + self.frozen_fen

    @property
    def prompt_share(self) -> str:
        """The share of prompt stops with one decimal; empty when there was nothing to stop."""
        return f"{self.prompt * 1000 // self.stoppable / 10:.1f}" if self.stoppable else ""


def today(at: datetime) -> Today:
    """The figures of the reports since midnight in the centre's zone."""
    midnight = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    reports = Report.objects.filter(reported_at__gte=midnight)
    by_message = [kind for kind, facts in payment_kinds().items() if facts["by_message"]]
    payee = Payment.objects.filter(case_id=OuterRef("case_id"), complete=True, kind__in=by_message)
    stop = Instruction.objects.filter(
        case_id=OuterRef("case_id"),
        kind=Kind.STOP,
        effective_at__lte=OuterRef("reported_at") + PROMPT,
    )
    rows = reports.annotate(stoppable=Exists(payee), prompt=Exists(stop))
    told = list(rows.values_list("case_id", "stoppable", "prompt"))
    case_ids = {case_id for case_id, _, _ in told if case_id is not None}
    sums = dict.fromkeys(("stopped", "frozen", "transit", "gone", "unknown"), 0)
    for figures in tracing.latest_figures(case_ids).values():
        parts = bar(figures)
        for name in sums:
            sums[name] += parts[name]
    return Today(
        reports=len(told),
        stoppable=sum(stoppable for _, stoppable, _ in told),
        prompt=sum(stoppable and prompt for _, stoppable, prompt in told),
        **{f"{name}_fen": fen for name, fen in sums.items()},
    )
