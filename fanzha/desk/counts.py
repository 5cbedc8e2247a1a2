"""Figures of the navigation and the bank line: a few cheap reads, made only when a page asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.instructions import levels
from fanzha.instructions.models import Package
from fanzha.instructions.rules import State

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.identity.models import Officer


@dataclass(frozen=True)
class Line:
    """The line to the banks: ok, slow (a front-end fails) or down (all fail); the last answer."""

    state: str
    seen_at: datetime | None


def approvals_waiting(officer: Officer) -> int:
    """How many packages this officer may approve."""
    mine = [name for name in levels.permissions() if officer.may(name)]
    if not mine:
        return 0
    waiting = Package.objects.filter(
        permission__in=mine, instructions__state=State.AWAITING_APPROVAL
    )
    return waiting.exclude(drafted_by_id=officer.pk).distinct().count()


def unknown_messages() -> QuerySet[Message]:
    """Received messages that nobody understood, newest first."""
    return Message.objects.filter(outgoing=False, state=Message.State.UNKNOWN).order_by("-id")


def bank_line() -> Line | None:
    """How the front-ends answer; None while none is connected."""
    ends = list(FrontEnd.objects.values_list("failing_since", "last_answer_at"))
    if not ends:
        return None
    failing = sum(since is not None for since, _ in ends)
    state = "ok" if not failing else "down" if failing == len(ends) else "slow"
    return Line(state, max((seen for _, seen in ends if seen), default=None))
