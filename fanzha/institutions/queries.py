"""Reads about institutions; open to every officer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.institutions.models import Institution

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet


def all_institutions() -> QuerySet[Institution]:
    """Every registered institution by name."""
    return Institution.objects.order_by("name")


def by_code(code: str) -> Institution | None:
    """The institution with this code."""
    return Institution.objects.filter(code=code).first()


def prefixes() -> dict[str, str]:
    """Card prefix -> institution name, as registered institutions told us."""
    return {
        prefix: institution.name
        for institution in Institution.objects.all()
        for prefix in institution.card_prefixes
    }


def unreached(accounts: Iterable[str]) -> set[str]:
    """Those of the accounts whose prefix no registered institution named: nobody to ask."""
    known = tuple(prefixes())
    return {account for account in accounts if not account.startswith(known)}


def holder_of(account: str, named: str = "") -> Institution | None:
    """The registered institution of an account: by its longest card prefix, else by name."""
    best: tuple[int, Institution] | None = None
    for institution in Institution.objects.all():
        for prefix in institution.card_prefixes:
            if account.startswith(prefix) and (best is None or len(prefix) > best[0]):
                best = (len(prefix), institution)
    if best:
        return best[1]
    return Institution.objects.filter(name=named).first() if named else None
