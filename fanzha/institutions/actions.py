"""Writes about institutions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import Actor, action, record
from fanzha.institutions.models import Institution

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground


class BadInstitution(Refusal):
    """Code, name or prefixes cannot be used."""

    message = gettext_noop("%(field)s: %(value)s cannot be used.")


@action("institution.manage", system=True)
def register(
    by: Actor,
    *,
    code: str,
    name: str,
    kind: str = "bank",
    card_prefixes: list[str],
    at: datetime,
    ground: Ground,
) -> Institution:
    """Register an institution, or change the name and prefixes of one that is registered."""
    if not re.fullmatch(r"[0-9A-Za-z]{1,12}", code):
        raise BadInstitution(field="code", value=code)
    if not name.strip():
        raise BadInstitution(field="name", value=name)
    for prefix in card_prefixes:
        if not re.fullmatch(r"[0-9]{3,12}", prefix):
            raise BadInstitution(field="card_prefixes", value=prefix)
    institution, made = Institution.objects.update_or_create(
        code=code,
        defaults={"name": name.strip(), "kind": kind, "card_prefixes": card_prefixes},
        create_defaults={
            "name": name.strip(), "kind": kind, "card_prefixes": card_prefixes,
            "registered_at": at,
        },
    )  # fmt: skip
    record("institution", code, name=name, made=made)
    return institution
