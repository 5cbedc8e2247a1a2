"""What a person does to the line to an institution: pause it, resume it, try again at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.actions import hand_over_soon
from fanzha.channels.bank_gateway.models import Message, Route
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import action, record

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer


class PausedAlready(Refusal):
    """The line is paused: there is nothing to pause, and nothing to try."""

    message = gettext_noop("Institution %(code)s is paused already.")


class NotPaused(Refusal):
    """Only a paused line is resumed."""

    message = gettext_noop("Institution %(code)s is not paused.")


class PauseWithoutReason(Refusal):
    """Whoever holds back orders to a bank says why."""

    message = gettext_noop("Write why nothing may go out to institution %(code)s.")


@action("instruction.send")
def pause(by: Officer, route: Route, *, at: datetime, ground: Ground) -> None:
    """Hand nothing over to the institution until somebody resumes; what waits keeps its place."""
    if not ground.reason.strip():
        raise PauseWithoutReason(code=route.institution_code)
    won = Route.objects.filter(pk=route.pk, paused_at=None).update(
        paused_at=at, paused_by_id=by.pk, pause_reason=ground.reason[:300]
    )
    if not won:
        raise PausedAlready(code=route.institution_code)
    record("institution", route.institution_code, paused=True)


@action("instruction.send")
def resume(by: Officer, route: Route, *, at: datetime, ground: Ground) -> None:
    """Let messages go again, in their order."""
    won = Route.objects.filter(pk=route.pk, paused_at__isnull=False).update(
        paused_at=None, paused_by_id=None, pause_reason=""
    )
    if not won:
        raise NotPaused(code=route.institution_code)
    record("institution", route.institution_code, paused=False)
    hand_over_soon(route)


@action("instruction.send")
def try_now(by: Officer, route: Route, *, at: datetime, ground: Ground) -> None:
    """End the rest of the institution. What may have arrived still waits for its evidence."""
    if not Route.objects.filter(pk=route.pk, paused_at=None).update(rest_until=None):
        raise PausedAlready(code=route.institution_code)
    waiting = Message.objects.filter(
        outgoing=True, institution_code=route.institution_code, state=Message.State.QUEUED
    )
    record("institution", route.institution_code, tried=waiting.update(retry_at=at))
    hand_over_soon(route)
