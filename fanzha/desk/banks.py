"""How the institutions answer, as the front-ends that serve them say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.models import Route
from fanzha.institutions.queries import all_institutions

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.channels.bank_gateway.models import FrontEnd
    from fanzha.institutions.models import Institution

ANSWERING, SILENT, UNCONNECTED = "answering", "silent", "unconnected"


@dataclass(frozen=True)
class Connected:
    """An institution with the front-end that reaches it, if any."""

    institution: Institution
    front_end: FrontEnd | None

    @property
    def health(self) -> str:
        """Whether it answers."""
        return _health(self.front_end)

    @property
    def last_answer_at(self) -> datetime | None:
        """When its front-end last answered."""
        return self.front_end.last_answer_at if self.front_end else None

    @property
    def failing_since(self) -> datetime | None:
        """Since when its front-end fails."""
        return self.front_end.failing_since if self.front_end else None


def connected() -> list[Connected]:
    """Every registered institution with its front-end: failing ones first, then by name."""
    routes = {
        route.institution_code: route.front_end
        for route in Route.objects.select_related("front_end")
    }
    found = [Connected(each, routes.get(each.code)) for each in all_institutions()]
    return sorted(found, key=lambda each: each.health == ANSWERING)


def answering(code: str) -> str:
    """Whether the institution with this code answers: answering, silent or unconnected."""
    route = Route.objects.select_related("front_end").filter(institution_code=code).first()
    return _health(route.front_end if route else None)


def _health(front_end: FrontEnd | None) -> str:
    if front_end is None:
        return UNCONNECTED
    return ANSWERING if front_end.failing_since is None else SILENT
