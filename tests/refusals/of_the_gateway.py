"""Trials of front-ends and of messages in every state of their delivery."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway import actions, operating
from fanzha.channels.bank_gateway.client import Ack, Item
from fanzha.channels.bank_gateway.models import FrontEnd, Message, Route
from fanzha.channels.bank_gateway.queries import UNDER_WAY
from fanzha.identity.acting import system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.rules import Kind
from tests import build
from tests.cast import DUTY, NOON
from tests.refusals.of_instructions import drafted, put
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System

DELIVERY = frozenset(Message.State) - {Message.State.RECEIVED, Message.State.HANDLED}
"""States of an outgoing message; of an incoming one it is the rest, and UNKNOWN."""
HANDLING = (Message.State.RECEIVED, Message.State.HANDLED, Message.State.UNKNOWN)


def _outgoing(system: System) -> Message:
    instruction = put(drafted(Kind.STOP)(system), "approved")
    with system_scope("test") as sender:
        instructions.send(sender, instruction, at=NOON, ground=DUTY)
    return Message.objects.select_related("front_end").get(outgoing=True)


def _incoming(_: System) -> Message:
    build.bank()
    with system_scope("test") as system:
        front_end = FrontEnd.objects.get()
        actions.keep_received(system, front_end, [Item(1, b"<x/>")], at=NOON, ground=DUTY)
    return Message.objects.get(outgoing=False)


def _put(message: Message, state: str) -> Message:
    facts: dict[str, Any] = {"state": state, "retry_at": NOON, "attempts": 1}
    with writing():
        Message.objects.filter(pk=message.pk).update(**facts)
        FrontEnd.objects.update(drained_at=NOON)
    message.refresh_from_db(fields=list(facts))
    return message


def _state_of(message: Message) -> str:
    return Message.objects.values_list("state", flat=True).get(pk=message.pk)


def _only_while(states: set[Message.State], after: Message.State) -> dict[str, Done]:
    """A settled message stays as it is, whatever is noted about its front-end."""
    return {
        state: Done(after if state in states else state, writes=state in states)
        for state in DELIVERY
    }


def _always(states: set[Message.State], after: Message.State) -> dict[str, Done]:
    """As `_only_while`, but the failure of the line is noted in any case."""
    return {state: replace(done, writes=True) for state, done in _only_while(states, after).items()}


def _outgoing_trials() -> Iterator[Trial]:
    posting = {Message.State.POSTING}
    base = Trial(
        actions.claim,
        lambda by, _: actions.claim(by, _route().pk, at=NOON, ground=DUTY),
        _outgoing, _put, _only_while(set(UNDER_WAY), Message.State.POSTING), _state_of,
    )  # fmt: skip
    yield base
    yield replace(
        base, action=actions.note_failure, states=_always(posting, Message.State.QUEUED),
        act=lambda by, message: actions.note_failure(
            by, _route().pk, [message.pk], "no answer", undelivered=True, at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    for code, after in (("100000", Message.State.DELIVERED), ("999999", Message.State.REJECTED)):

        def settle(by: Any, message: Message, code: str = code) -> object:
            acks = [(message.pk, Ack(message.serial, code, ""))]
            return actions.note_acks(by, _route().pk, acks, at=NOON, ground=DUTY)

        yield replace(
            base, action=actions.note_acks, act=settle, variant=after,
            states=_only_while(posting, after),
        )  # fmt: skip


def _route() -> Route:
    return Route.objects.get()


def _line(_: System) -> Route:
    build.bank()
    return _route()


def _paused(route: Route, state: str) -> Route:
    with writing():
        Route.objects.update(paused_at=NOON if state == "paused" else None)
    return _route()


def _pausing(route: Route) -> str:
    return "running" if _route().paused_at is None else "paused"


def _line_trials() -> Iterator[Trial]:
    because = replace(DUTY, reason="The bank asked for it by telephone")
    twice = Refused(operating.PausedAlready)
    base = Trial(
        operating.pause,
        lambda by, route: operating.pause(by, route, at=NOON, ground=because),
        _line, _paused, {"running": Done("paused"), "paused": twice}, _pausing,
    )  # fmt: skip
    yield base
    yield replace(
        base, action=operating.pause, variant="without a reason",
        act=lambda by, route: operating.pause(
            by, route, at=NOON, ground=replace(DUTY, reason=" ")
        ),
        states=dict.fromkeys(("running", "paused"), Refused(operating.PauseWithoutReason)),
    )  # fmt: skip
    yield replace(
        base, action=operating.resume,
        act=lambda by, route: operating.resume(by, route, at=NOON, ground=DUTY),
        states={"running": Refused(operating.NotPaused), "paused": Done("running")},
    )  # fmt: skip
    yield replace(
        base, action=operating.try_now,
        act=lambda by, route: operating.try_now(by, route, at=NOON, ground=DUTY),
        states={"running": Done("running"), "paused": twice},
    )  # fmt: skip


def _incoming_trials() -> Iterator[Trial]:
    base = Trial(
        actions.note_read,
        lambda by, message: actions.note_read(
            by, message, state="handled", tx_code="100102", application_id="", case_id=None,
            note="read", at=NOON, ground=DUTY,
        ),
        _incoming, _put, dict.fromkeys(HANDLING, Done(Message.State.HANDLED)), _state_of,
    )  # fmt: skip
    yield base
    yield replace(
        base, action=actions.dismiss,
        states=dict.fromkeys(HANDLING, Refused(actions.NothingToSettle))
        | {Message.State.UNKNOWN: Done(Message.State.HANDLED)},
        act=lambda by, message: actions.dismiss(by, message, at=NOON, ground=DUTY),
    )  # fmt: skip


def _front_end(_: System) -> FrontEnd:
    build.bank()
    return FrontEnd.objects.get()


def _fail(front_end: FrontEnd, state: str) -> FrontEnd:
    with writing():
        FrontEnd.objects.update(failing_since=NOON if state == "failing" else None)
    return front_end


def _front_end_trials() -> Iterator[Trial]:
    base = Trial(
        actions.connect,
        lambda by, _: actions.connect(
            by, institution_code=build.BANK, url="http://127.0.0.1:8", token="t",
            poll_seconds=1, at=NOON, ground=DUTY,
        ),
        _front_end, _fail, {"failing": Done(), "answering": Done()},
    )  # fmt: skip
    yield base
    yield replace(
        base, action=actions.keep_received,
        act=lambda by, front_end: actions.keep_received(
            by, front_end, [Item(5, b"<y/>")], at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        base, action=actions.note_health,
        act=lambda by, front_end: actions.note_health(
            by, front_end, "no answer", at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        base, action=actions.note_drained,
        act=lambda by, front_end: actions.note_drained(by, front_end, at=NOON, ground=DUTY),
    )  # fmt: skip


TRIALS = (*_outgoing_trials(), *_line_trials(), *_incoming_trials(), *_front_end_trials())
