"""How addresses name an account of a case's statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings

from fanzha.desk.flow.picture import opaque_id

if TYPE_CHECKING:
    from fanzha.cases.models import Case


def ref_of(case: Case, key: str) -> str:
    """An account in addresses: says nothing of its number, and is the same each time."""
    secret = case.public_id.encode() + settings.SECRET_KEY.encode()
    return opaque_id(secret, "statement account", key)
