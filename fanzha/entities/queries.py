"""Reads about entities. Number and "known or not" are city-wide; holders and links are scoped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from fanzha.entities.models import Mention
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet


@dataclass(frozen=True)
class Known:
    """In how many cases of the whole city the entity occurs, and when it last did."""

    cases: int
    last_at: datetime | None


def known(kind: str, value: str) -> Known:
    """The one city-wide door: a count and a time, no case, no holder."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cases, last_at FROM entities_known(%s, %s)", [kind, value])
        cases, last_at = cursor.fetchone()
    return Known(cases, last_at)


def restricting(accounts: Iterable[str]) -> list[tuple[str, int]]:
    """(account, case) wherever a restricted case of the whole city mentions one of the accounts."""
    with system_scope("entities.restricting"):
        found = Mention.objects.filter(
            entity__kind="account", entity__value__any_of=accounts, restricted=True
        )  # fmt: skip
        told = found.values_list("entity__value", "case_id").distinct()
        return [(account, case) for account, case in told if case is not None]


def cases_of(kind: str, value: str) -> set[int]:
    """Cases in scope that mention the entity."""
    found = Mention.objects.filter(entity__kind=kind, entity__value=value)
    return {each for each in found.values_list("case_id", flat=True) if each is not None}


def spellings(kind: str, value: str) -> list[str]:
    """Every spelling of the holder's name that the viewer may see."""
    found = Mention.objects.filter(entity__kind=kind, entity__value=value)
    return sorted({name for name in found.values_list("name_as_written", flat=True) if name})


def mentions_in_case(case_id: int) -> QuerySet[Mention]:
    """What the case knows: accounts, phones, sites, apps."""
    return Mention.objects.filter(case_id=case_id).select_related("entity").order_by("id")
