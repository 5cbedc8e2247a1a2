"""Whether anything changed since a page was made: cheap enough to be asked every few seconds."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from fanzha.cases import queries as cases
from fanzha.movements import queries as movements
from fanzha.tracing.models import StoredTrace


@dataclass(frozen=True)
class News:
    """What came since: rows of statements; 0 when only a hold or a report changed."""

    rows: int
    mark: str


def mark(case_id: int) -> str:
    """The state of what is known: the newest trace, joins, hubs that are followed, the rows."""
    newest = (
        StoredTrace.objects.filter(case_id=case_id)
        .order_by("-id")
        .values_list("pk", flat=True)
        .first()
    )
    rows = movements.statements_of_case(case_id).aggregate(rows=Sum("rows_kept"))["rows"]
    by_hand = [cases.bridges_of(case_id), cases.followed_hubs(case_id)]
    made = "-".join(".".join(map(str, each.values_list("pk", flat=True))) for each in by_hand)
    return f"{newest or 0}-{made}-{rows or 0}"


def since(case_id: int, seen: str) -> News | None:
    """What is new since `seen`; None if nothing is."""
    present = mark(case_id)
    if present == seen:
        return None
    return News(_rows(present) - _rows(seen), present)


def _rows(text: str) -> int:
    rows = text.rpartition("-")[2]
    return int(rows) if rows.isdecimal() else 0
