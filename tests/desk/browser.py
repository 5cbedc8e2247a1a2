"""A browser for tests of screens: logged in as an officer, reading English; and what is stored."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.test import Client

from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

HTMX = {"hx-request": "true"}


def browser(officer: Officer | None = None, language: str = "en") -> Client:
    """Open a browser; without an officer nobody is logged in."""
    client = Client(headers={"accept-language": language}, SERVER_NAME="127.0.0.1")
    if officer is not None:
        client.force_login(officer, backend="fanzha.identity.backends.OfficerBackend")
    return client


def shown(answer: Any) -> str:
    """Give the page with its white space made single."""
    return re.sub(r"\s+", " ", answer.content.decode())


def stored(model: Any, **conditions: Any) -> list[Any]:
    """Give the rows of a table as the system sees them, oldest first."""
    with system_scope("test"):
        return list(model.objects.filter(**conditions).order_by("pk"))
