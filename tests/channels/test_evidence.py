"""What proves that bytes arrived, and when they may go a second time: decision 0013."""

from __future__ import annotations

from datetime import timedelta

from fanzha.channels.bank_gateway import actions, delivery, operating, queries
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.models import Message
from fanzha.identity.acting import acting_for, system_scope
from tests.cast import DUTY
from tests.channels.line import Line, officer, read, route, states_received
from tests.simulation.build import NORTH, VICTIM


def test_a_lost_acknowledgement_waits_for_evidence_then_the_same_bytes_go_again(
    line: Line,
) -> None:
    stop = line.town.stop()
    line.fault(kind="lost_ack", count=1)
    line.fault(kind="drop_reply", bank=NORTH, count=9)
    (sent,) = line.put(stop)
    line.hand_over()
    wait = delivery.WAIT_FOR_EVIDENCE["100101"]
    line.hand_over(wait - 1)
    line.poll()
    line.hand_over(2)
    assert read(sent).attempts == 1
    line.poll()
    line.hand_over()
    # The bank says that it has it already: that is an acknowledgement, too.
    assert (read(sent).state, read(sent).attempts) == (Message.State.DELIVERED, 2)
    assert bytes(read(sent).content) == encode(stop)
    assert line.effects() == {stop.application_id: 1}


def test_no_bytes_go_again_while_an_answer_may_lie_unasked_for_or_unread(line: Line) -> None:
    line.fault(kind="lost_ack", count=1)
    (sent,) = line.put(line.town.stop())
    line.hand_over()
    line.town.wait(5)
    line.hand_over(3600)
    assert read(sent).attempts == 1
    line.poll()
    line.hand_over()
    assert states_received() == [Message.State.RECEIVED]
    assert read(sent).attempts == 1
    # Nobody can read it: after a while it holds nothing up any more.
    line.town.clock[0] += queries.UNREAD_COUNTS
    line.poll()
    line.hand_over()
    assert read(sent).attempts == 2


def test_a_front_end_that_cannot_be_asked_gets_nothing_a_second_time(line: Line) -> None:
    line.fault(kind="lost_ack", count=1)
    (sent,) = line.put(line.town.stop())
    line.hand_over()
    line.fault(kind="http_500", count=1)
    line.town.clock[0] += timedelta(seconds=90)
    line.poll()
    line.hand_over()
    assert read(sent).attempts == 1


def test_an_answer_settles_a_message_whose_acknowledgement_was_lost(line: Line) -> None:
    line.fault(kind="lost_ack", count=1)
    (sent,) = line.put(line.town.stop())
    line.hand_over()
    with system_scope("test") as system:
        front_end = route().front_end
        actions.keep_received(system, front_end, [Item(1, b"<answer/>")], at=line.now, ground=DUTY)
        answer = Message.objects.get(outgoing=False)
        for _ in range(2):  # a bank that says yes twice
            actions.note_read(
                system, answer, state="handled", tx_code="100102", note="",
                application_id=sent.application_id, case_id=line.case, at=line.now, ground=DUTY,
            )  # fmt: skip
    assert (read(sent).state, read(sent).answered_at) == (Message.State.DELIVERED, line.now)
    line.hand_over(3600)
    assert read(sent).attempts == 1


def test_trying_now_ends_the_rest_but_not_the_wait_for_evidence(line: Line) -> None:
    head = officer("zhao")
    line.fault(kind="lost_ack", count=1)
    (uncertain,) = line.put(line.town.stop())
    line.hand_over()
    (waiting,) = line.put(line.town.stop(VICTIM))
    line.hand_over()
    assert read(waiting).attempts == 0
    with acting_for(head):
        operating.try_now(head, route(), at=line.now, ground=DUTY)
    line.hand_over()
    assert (read(waiting).state, read(uncertain).state) == ("delivered", "posting")
