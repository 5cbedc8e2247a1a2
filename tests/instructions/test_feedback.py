"""Feedback that cannot be the answer of whoever was asked moves nothing and waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.audit.models import Entry
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.codec import Message as Xml
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.events import MessageReceived
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, answers, guarding, reactions
from fanzha.instructions.actions import Answer
from fanzha.instructions.guards import NAMED_BY_BANK
from fanzha.instructions.rules import Kind, Move, State
from fanzha.instructions.sweeps import lapse_due
from tests import build
from tests.cast import DUTY, NOON
from tests.instructions.follow import STOP_END, answered, carried, extension, fresh, hold

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

pytestmark = pytest.mark.usefixtures("db")


def feedback(
    stop: Instruction,
    *,
    account: str = "",
    through: FrontEnd | None = None,
    result: str = "0000",
    code: str = "100102",
) -> Message:
    """The bank's `result` of the stop as it comes in; what became of the message."""
    body = {
        "ApplicationID": stop.application_id, "Result": result,
        "AccountNumber": account or stop.account, "AccountBalance": "100.00",
        "StartTime": f"{NOON:%Y%m%d%H%M%S}",
    }  # fmt: skip
    content = encode(Xml(code, "S1", to=build.BANK, body=body))
    with system_scope("test") as system:
        line = through or FrontEnd.objects.get()
        gateway.keep_received(system, line, [Item(7, content)], at=NOON, ground=DUTY)
        (received,) = Message.objects.filter(outgoing=False).order_by("-pk")[:1]
    reactions.read_message(MessageReceived(received.pk))
    with system_scope("test"):
        return Message.objects.get(pk=received.pk)


def test_the_answer_of_the_bank_that_was_asked_takes_effect() -> None:
    stop = hold(answered_at_all=False)
    assert feedback(stop).state == Message.State.HANDLED
    assert fresh(stop).state == State.EFFECTIVE


def test_a_bank_that_guards_the_account_puts_it_on_our_list() -> None:
    stop = hold(answered_at_all=False)
    assert feedback(stop, result="0302").state == Message.State.HANDLED
    assert fresh(stop).state == State.FAILED
    entry = guarding.guard_of(stop.account)
    assert entry is not None
    assert (entry.group, "0302" in entry.source) == (NAMED_BY_BANK, True)


def test_an_extension_beyond_the_law_waits_for_a_person(lin: Officer) -> None:
    stop = hold()
    made = carried(extension(stop))
    with clock.held_at(STOP_END):
        assert lapse_due() == 1
    with acting_for(lin):
        actions.draft(lin, fresh(stop).case, [build.draft()], at=STOP_END, ground=DUTY)
    told = feedback(made, code="100106")
    assert (told.state, told.note) == (Message.State.UNKNOWN, answers.ONE_TOO_MANY)


def test_an_answer_over_another_banks_line_moves_nothing() -> None:
    stop = hold(answered_at_all=False)
    build.bank("990100000002", "别家银行", "http://127.0.0.1:8")
    with system_scope("test"):
        other = FrontEnd.objects.get(url="http://127.0.0.1:8")
    before = stop.state
    told = feedback(stop, through=other)
    assert (told.state, told.note) == (Message.State.UNKNOWN, answers.OTHER_LINE)
    assert fresh(stop).state == before
    with system_scope("test"):
        entry = Entry.objects.filter(object_id=f"in-{told.pk}").latest("pk")
    assert entry.facts["state"] == Message.State.UNKNOWN


def test_an_answer_for_another_account_moves_nothing() -> None:
    stop = hold(answered_at_all=False)
    told = feedback(stop, account="6299010000000000999")
    assert (told.state, told.note) == (Message.State.UNKNOWN, answers.OTHER_ACCOUNT)
    assert fresh(stop).state != State.EFFECTIVE


def test_a_yes_after_a_no_waits_for_a_person() -> None:
    stop = answered(hold(answered_at_all=False), Answer(Move.FAIL, "0600", ""))
    told = feedback(stop)
    assert (told.state, told.note) == (Message.State.UNKNOWN, answers.AFTER_A_NO)
    assert fresh(stop).state == State.FAILED


def test_the_same_yes_again_is_handled_once() -> None:
    stop = hold(Kind.STOP)
    told = feedback(stop)
    assert (told.state, told.note) == (Message.State.HANDLED, "answered before")
