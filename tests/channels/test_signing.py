"""Where an institution is set to sign, both sides sign every body (X-Signature)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fanzha.audit.models import Entry
from fanzha.channels.bank_gateway import actions
from fanzha.channels.bank_gateway.line import own_key
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.core.signing import HEADER, Key, Seal
from fanzha.identity.acting import system_scope
from tests.cast import DUTY
from tests.channels.line import Line, read, route, states_received
from tests.simulation.build import NORTH

if TYPE_CHECKING:
    from collections.abc import Callable

BANK, STRANGER = Key("the bank's secret"), Key("somebody else's")


def set_to_sign(line: Line, their_key: str) -> None:
    """Register the bank's key on our side, ours on the bank's."""
    line.close()
    line.seal = Seal(BANK, own_key().public)
    line.open()
    with system_scope("test") as system:
        actions.connect(
            system, institution_code=NORTH, url=route().front_end.url, token="t",
            poll_seconds=1, at=line.now, ground=DUTY, their_key=their_key,
        )  # fmt: skip


def test_signed_messages_go_and_signed_answers_come(line: Line) -> None:
    set_to_sign(line, BANK.public)
    (sent,) = line.put(line.town.stop())
    line.hand_over()
    assert read(sent).state == Message.State.DELIVERED
    line.town.wait(5)
    line.poll()
    assert states_received() == [Message.State.RECEIVED]


def test_answers_signed_by_somebody_else_are_not_taken_and_stand_in_the_audit_log(
    line: Line,
) -> None:
    set_to_sign(line, STRANGER.public)
    (sent,) = line.put(line.town.stop())
    line.hand_over()
    assert read(sent).state == Message.State.POSTING
    line.town.wait(5)
    line.poll()
    assert states_received() == []
    with system_scope("test"):
        assert "did not sign" in FrontEnd.objects.get().last_failure
        told = [str(each.facts) for each in Entry.objects.filter(object_kind="front_end")]
    assert any("did not sign" in each for each in told)


@pytest.mark.parametrize(
    "heads",
    [lambda _: {}, lambda body: {HEADER: STRANGER.sign(body)}, lambda _: {HEADER: "no Base64 ü"}],
    ids=["unsigned", "by somebody else", "garbage"],
)
def test_the_bank_takes_nothing_that_we_did_not_sign(
    line: Line, heads: Callable[[bytes], dict[str, str]]
) -> None:
    set_to_sign(line, BANK.public)
    body = b'{"messages": ["QQ=="]}'
    shown = {"Authorization": "Bearer t"} | heads(body)
    raw = {name.encode(): value.encode() for name, value in shown.items()}
    answer = httpx.post(f"{route().front_end.url}/messages", content=body, headers=raw)
    assert (answer.status_code, line.arrived()) == (401, [])


def test_a_changed_byte_breaks_the_signature() -> None:
    seal = Seal(STRANGER, BANK.public)
    signature = BANK.sign(b"a body")
    assert seal.holds(b"a body", signature)
    assert not seal.holds(b"b body", signature)
    assert not seal.holds(b"a body", signature[:-4])


def test_a_key_that_is_none_is_refused(line: Line) -> None:
    with pytest.raises(actions.BadKey):
        set_to_sign(line, "QUJD")
    with system_scope("test"):
        assert FrontEnd.objects.get().their_key == ""
