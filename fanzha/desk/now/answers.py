"""How the institutions answer just now: from the front-ends and from what was asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Min

from fanzha.channels.bank_gateway.models import Route
from fanzha.institutions.queries import all_institutions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import WAITING_STATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    Columns = Mapping[str, Any]

SILENT_AFTER = timedelta(minutes=2)
"""A front-end that fails so long is silent (assumed)."""
SLOW_AFTER = timedelta(minutes=10)
"""An instruction unanswered for so long makes its institution slow (assumed)."""
SLOW_MEDIAN = timedelta(minutes=5)
"""So does a median above this (assumed)."""
WINDOW = timedelta(hours=1)
MOST_SHOWN = 14
ORDER = ("silent", "slow", "answering", "idle")


@dataclass(frozen=True)
class Answers:
    """One institution: state, unanswered instructions, age of the oldest, median answer time."""

    name: str
    code: str
    state: str
    waiting: int
    oldest: timedelta | None
    median: timedelta | None
    answered: int
    failing_since: datetime | None


class Median(Aggregate):
    """The middle value."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    name = "Median"
    output_field = DurationField()


def institutions(at: datetime) -> tuple[list[Answers], int]:
    """The institutions, those that do not answer first; how many are not shown."""
    failing = dict(Route.objects.values_list("institution_code", "front_end__failing_since"))
    waiting, answered = _waiting(), _answered(at)
    found = [
        _answers(each.code, each.name, at, failing, waiting.get(each.code), answered.get(each.code))
        for each in all_institutions()
    ]
    found.sort(key=lambda each: (ORDER.index(each.state), -each.waiting, each.name))
    return found[:MOST_SHOWN], max(len(found) - MOST_SHOWN, 0)


def _waiting() -> Mapping[str, Columns]:
    rows = (
        Instruction.objects.filter(state__in=sorted(WAITING_STATES))
        .values("institution_code")
        .annotate(n=Count("pk"), oldest=Min("sent_at"))
    )
    return {row["institution_code"]: row for row in rows}


def _answered(at: datetime) -> Mapping[str, Columns]:
    took = ExpressionWrapper(F("answered_at") - F("sent_at"), output_field=DurationField())
    rows = (
        Instruction.objects.filter(answered_at__gt=at - WINDOW, sent_at__isnull=False)
        .values("institution_code")
        .annotate(n=Count("pk"), median=Median(took))
    )
    return {row["institution_code"]: row for row in rows}


def _answers(
    code: str,
    name: str,
    at: datetime,
    failing: Mapping[str, datetime | None],
    waiting: Columns | None,
    answered: Columns | None,
) -> Answers:
    since = failing.get(code)
    oldest = at - waiting["oldest"] if waiting and waiting["oldest"] else None
    median = answered["median"] if answered else None
    slow = (oldest and oldest > SLOW_AFTER) or (median and median > SLOW_MEDIAN)
    if since is not None and at - since > SILENT_AFTER:
        state = "silent"
    elif slow or since is not None:
        state = "slow"
    else:
        state = "answering" if waiting or answered else "idle"
    return Answers(
        name, code, state, waiting["n"] if waiting else 0, oldest, median,
        answered["n"] if answered else 0, since,
    )  # fmt: skip
