"""Reads of stored traces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.tracing.models import StoredTrace

if TYPE_CHECKING:
    from collections.abc import Iterable


def latest(case_id: int) -> StoredTrace | None:
    """The newest result of the case."""
    return StoredTrace.objects.filter(case_id=case_id).order_by("-id").first()


def latest_figures(case_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Figures of the newest result per case: paid, stopped, frozen, transit, unknown, gone."""
    rows = (
        StoredTrace.objects.filter(case_id__in=list(case_ids))
        .order_by("case_id", "-id")
        .distinct("case_id")
        .values_list("case_id", "result__figures")
    )
    return dict(rows)
