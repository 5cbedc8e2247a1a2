"""Handing over to the simulated banks over HTTP, with a clock that the test turns."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import psycopg
import pytest
from django.conf import settings

from fanzha.channels.bank_gateway import actions, delivery, operating
from fanzha.channels.bank_gateway.client import Ack
from fanzha.channels.bank_gateway.delivery import Circuit
from fanzha.channels.bank_gateway.models import Message
from fanzha.channels.bank_gateway.rules import RESENDS_MAX
from fanzha.identity.acting import acting_for, system_scope
from tests.cast import DUTY
from tests.channels.line import Line, circuit, officer, read, route, states
from tests.simulation.build import NORTH, SECOND, VICTIM

BUSY = "200008"
"""The limit of calls of the front-end is reached."""


def test_messages_arrive_in_their_order_a_batch_at_a_time(line: Line) -> None:
    sent = line.put(*(line.town.query() for _ in range(2 * delivery.BATCH + 3)))
    line.hand_over()
    assert line.posted == [delivery.BATCH, delivery.BATCH, 3]
    assert line.arrived() == [each.serial for each in sent]
    assert set(states()) == {Message.State.DELIVERED}


def test_a_bank_that_is_down_for_an_hour_gets_everything_once_and_without_a_herd(
    line: Line,
) -> None:
    line.close()
    sent = line.put(
        line.town.stop(), line.town.stop(VICTIM), *(line.town.query() for _ in range(38))
    )
    for _ in range(120):
        line.hand_over(30)
    assert set(states()) == {Message.State.QUEUED}
    # After the first batch only one message was tried: an hour of rests of two minutes each.
    assert [read(each).attempts for each in sent[1:]] == [1] * 24 + [0] * 15
    assert 20 < read(sent[0]).attempts < 60
    # The state is in the database: this process has forgotten everything else.
    opened = route().opened_at
    assert opened is not None
    assert line.now - opened > timedelta(minutes=55)
    line.posted.clear()
    line.open()
    line.hand_over(delivery.LONGEST_PAUSE * 2)
    assert line.posted == [1, delivery.BATCH, 14]
    assert line.arrived() == [each.serial for each in sent]
    assert line.effects() == {each.application_id: 1 for each in sent}
    assert (route().failures, route().opened_at, route().rest_until) == (0, None, None)


def test_the_circuit_opens_after_three_failures_asks_for_health_and_closes(line: Line) -> None:
    line.put(line.town.stop())
    seen = []
    line.close()
    for _ in range(delivery.OPENS_AFTER):
        seen.append(circuit(line.now))
        line.hand_over(delivery.LONGEST_PAUSE)
    assert seen == [Circuit.CLOSED] * delivery.OPENS_AFTER
    assert circuit(line.now) is Circuit.OPEN
    line.open()
    line.posted.clear()
    line.hand_over()
    assert line.posted == []
    assert circuit(line.now + timedelta(seconds=delivery.LONGEST_PAUSE * 2)) is Circuit.HALF_OPEN
    # It listens again but is not well: the question after its health fails, nothing is posted.
    line.fault(kind="http_500", count=1)
    line.hand_over(delivery.LONGEST_PAUSE * 2)
    assert len(line.posted) <= 1
    line.town.clock[0] += timedelta(seconds=delivery.LONGEST_PAUSE * 2)
    line.poll()
    line.hand_over()
    assert circuit(line.now) is Circuit.CLOSED
    assert states() == [Message.State.DELIVERED]


def test_a_release_never_overtakes_its_stop_and_other_accounts_do_not_wait(line: Line) -> None:
    stop = line.town.stop()
    line.fault(kind="lost_ack", count=1)
    line.fault(kind="drop_reply", bank=NORTH, count=9)
    line.put(stop)
    line.hand_over()
    assert states() == [Message.State.POSTING]
    release, other, query = line.put(
        line.town.release(stop), line.town.stop(VICTIM), line.town.query()
    )
    line.hand_over(30)
    assert read(release).state == Message.State.QUEUED
    assert read(release).attempts == 0
    assert (read(other).state, read(query).state) == ("delivered", "delivered")
    line.hand_over(60)
    line.poll()
    line.hand_over()
    assert set(states()) == {Message.State.DELIVERED}
    assert line.arrived()[-1] == release.serial


def acked(line: Line, message: Message, serial: str, code: str) -> Message:
    """Claim the message and note this acknowledgement of it."""
    with system_scope("test") as system:
        batch = actions.claim(system, route().pk, at=line.now, ground=DUTY)
        assert batch is not None
        assert batch.numbers == [message.pk]
        said = [(message.pk, Ack(serial, code, ""))]
        actions.note_acks(system, route().pk, said, at=line.now, ground=DUTY)
    return read(message)


def test_an_acknowledgement_of_another_serial_settles_nothing(line: Line) -> None:
    (sent,) = line.put(line.town.stop())
    found = acked(line, sent, "another", "100000")
    assert found.state == Message.State.POSTING
    assert found.retry_at == line.now + timedelta(seconds=60)


def test_a_front_end_that_is_busy_gets_the_same_bytes_after_a_rest(line: Line) -> None:
    (sent,) = line.put(line.town.stop())
    found = acked(line, sent, sent.serial, BUSY)
    assert found.state == Message.State.QUEUED
    assert route().failures == 1
    line.hand_over()
    assert read(sent).attempts == 1
    line.hand_over(delivery.LONGEST_PAUSE)
    assert (read(sent).state, read(sent).attempts) == (Message.State.DELIVERED, 2)


def test_a_network_error_of_the_front_end_is_answered_three_times_then_by_waiting(
    line: Line,
) -> None:
    (sent,) = line.put(line.town.stop())
    for count in range(1, RESENDS_MAX + 1):
        found = acked(line, sent, sent.serial, "603202")
        assert (found.state, found.resends) == (Message.State.QUEUED, count)
        line.town.clock[0] += timedelta(seconds=30)
    found = acked(line, sent, sent.serial, "603202")
    assert found.state == Message.State.POSTING
    assert found.retry_at == line.now + timedelta(seconds=60)


def test_two_workers_never_hand_over_to_one_institution_at_a_time(line: Line) -> None:
    (sent,) = line.put(line.town.stop())
    parts = settings.DATABASES["default"]
    with psycopg.connect(
        host=parts["HOST"], port=parts["PORT"] or None, dbname=parts["NAME"],
        user=parts["USER"], password=parts["PASSWORD"],
    ) as other:  # fmt: skip
        other.execute("SELECT pg_advisory_lock(hashtext('gateway.deliver'), %s)", [route().pk])
        line.hand_over()
        assert read(sent).attempts == 0
    # The other worker died: its lock went with it.
    line.hand_over(1)
    assert read(sent).state == Message.State.DELIVERED


def test_a_pause_holds_everything_back_and_loses_nothing(line: Line) -> None:
    head = officer("zhao")
    because = replace(DUTY, reason="The bank moves its machines")
    with acting_for(head):
        operating.pause(head, route(), at=line.now, ground=because)
    sent = line.put(line.town.stop(), line.town.query(SECOND, bank=NORTH))
    line.hand_over(24 * 3600)
    assert (line.posted, line.arrived()) == ([], [])
    with acting_for(head):
        operating.resume(head, route(), at=line.now, ground=because)
    line.hand_over()
    assert line.arrived() == [each.serial for each in sent]


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_a_settled_message_stays_as_it_is(line: Line, seed: int) -> None:
    chance = Random(seed)
    (sent,) = line.put(line.town.stop())
    content, settled = bytes(sent.content), ""
    for _ in range(25):
        line.town.clock[0] += timedelta(seconds=chance.choice((0, 1, 70, 700)))
        happens(line, sent, chance)
        found = read(sent)
        assert (bytes(found.content), found.serial) == (content, sent.serial)
        assert found.attempts >= sent.attempts
        assert not settled or found.state == settled
        if found.state in (Message.State.DELIVERED, Message.State.REJECTED):
            settled = found.state
            assert found.settled_at is not None
        else:
            # What is not settled is never forgotten: it has a moment at which it is due.
            assert found.retry_at is not None
            assert found.retry_at <= line.now + timedelta(seconds=600)


def happens(line: Line, message: Message, chance: Random) -> None:
    """One thing that a worker or a bank may do, in the right order or not."""
    what, at = chance.choice(("claim", "lost", "unsure", "acked", "acked")), line.now
    with system_scope("test") as system:
        number = route().pk
        if what == "claim":
            actions.claim(system, number, at=at, ground=DUTY)
        elif what == "acked":
            serial = chance.choice((message.serial, "", "another"))
            said = Ack(serial, chance.choice(("100000", "200003", BUSY, "603202", "x")), "")
            actions.note_acks(system, number, [(message.pk, said)], at=at, ground=DUTY)
        else:
            actions.note_failure(
                system, number, [message.pk], "broken", undelivered=what == "lost", at=at,
                ground=DUTY,
            )  # fmt: skip
