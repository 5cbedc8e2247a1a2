"""Reads about officers and units. These tables are open to every officer: names and posts only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.identity.models import Officer, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def units_below(path: str) -> QuerySet[Unit]:
    """The unit at `path` and everything below it, in tree order."""
    return Unit.objects.filter(path__within=path).order_by("path")


def unit_at(path: str) -> Unit | None:
    """The unit with exactly this path."""
    return Unit.objects.filter(path=path).first()


def unit_name(path: str) -> str:
    """Name of the unit at `path`, or the path when it is gone."""
    unit = unit_at(path)
    return unit.name if unit else path


def unit_names(paths: Iterable[str]) -> dict[str, str]:
    """Names of the units at these paths by path; a path whose unit is gone names itself."""
    wanted = set(paths)
    known = Unit.objects.filter(path__in=wanted).values_list("path", "name")
    return {path: path for path in wanted} | dict(known)


def officers_of(path: str) -> QuerySet[Officer]:
    """Active officers of the unit and below."""
    return Officer.objects.filter(unit__path__within=path, is_active=True).order_by("username")


def officer_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of officers by id, of those who left too."""
    return dict(Officer.objects.filter(pk__in=set(ids)).values_list("pk", "name"))


def any_officer() -> bool:
    """False until the first run has made an administrator."""
    return Officer.objects.exists()
