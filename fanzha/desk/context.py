"""What every page needs around its work: who I am, where I may go, what waits there."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from fanzha.desk import counts
from fanzha.desk.kept import kept
from fanzha.desk.look.navigation import PLACES
from fanzha.identity.rules import roles
from fanzha.instructions import queries
from fanzha.scope.current import current
from fanzha.scope.sight import Sight, sight

if TYPE_CHECKING:
    from django.http import HttpRequest

    from fanzha.identity.models import Officer

PERMISSIONS_OF_SECTION: dict[str, tuple[str, ...]] = {
    "intake": ("report.file",),
    "approvals": (
        "instruction.approve_stop", "instruction.approve_query", "instruction.approve_freeze",
        "instruction.approve_beyond",
    ),
    "cases": ("case.read",),
    "instructions": ("instruction.read",),
    "orders": ("order.read",),
    "institutions": ("institution.manage", "instruction.read"),
    "leads": ("report.file",),
    "unknown": ("unknown.resolve",),
}  # fmt: skip
"""One of these opens the section; a section that is not listed is open to everybody."""


class Shell:
    """The frame's facts, each read when the page asks for it: error pages ask for none."""

    def __init__(self, officer: Officer) -> None:
        self.officer = officer

    @cached_property
    def post(self) -> str:
        """The officer's roles in words."""
        chinese = (get_language() or "zh").startswith("zh")
        known = [roles()[code] for code in sorted(self.officer.role_codes) if code in roles()]
        return "、".join(role.zh for role in known) if chinese else ", ".join(r.en for r in known)

    @cached_property
    def sections(self) -> frozenset[str]:
        """Where this officer has work."""
        needed = PERMISSIONS_OF_SECTION
        return frozenset(
            place.section
            for place in PLACES
            if place.section not in needed
            or any(self.officer.may(each) for each in needed[place.section])
        )

    @cached_property
    def seen(self) -> Sight | None:
        """What the officer sees while the frame is made, after all that the request wrote."""
        return sight() if current() else None

    @cached_property
    def approvals(self) -> int | None:
        """Packages that wait for this officer."""
        officer = self.officer
        make = partial(counts.approvals_waiting, officer)
        return (
            kept(self.seen, "approvals", officer.pk, officer.role_codes, make=make)
            if current()
            else None
        )

    @cached_property
    def unknown(self) -> int | None:
        """Messages that nobody understood."""
        make = counts.unknown_messages().count
        return kept(self.seen, "unknown", make=make) if current() else None

    @cached_property
    def leads(self) -> int | None:
        """Reports by banks that wait for a decision."""
        return kept(self.seen, "leads", make=queries.leads().count) if current() else None

    @cached_property
    def channel(self) -> counts.Line | None:
        """The line to the banks."""
        return kept(self.seen, "line", make=counts.bank_line)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give the frame its facts; nothing for whoever is not logged in."""
    user = getattr(request, "user", None)
    return {"shell": Shell(user)} if user is not None and user.is_authenticated else {}
