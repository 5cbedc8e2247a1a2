"""Handing over to the simulated banks over HTTP, with a clock that the test turns."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings

from fanzha.channels.bank_gateway import actions, delivery, operating, queries, tasks
from fanzha.channels.bank_gateway.client import Ack, FrontEnd, Item
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.delivery import Circuit
from fanzha.channels.bank_gateway.models import Message, Route
from fanzha.channels.bank_gateway.rules import RESENDS_MAX
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.models import Officer
from fanzha.simulation.banks.server import FrontEndServer, Tokens
from tests import build
from tests.cast import DUTY
from tests.refusals.trial import writing
from tests.simulation.build import NORTH, SECOND, VICTIM, Town, open_town

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.channels.bank_gateway.codec import Message as Xml

BUSY = "200008"
"""The limit of calls of the front-end is reached."""


class Line:
    """A town behind a door that opens and closes, and what our side has for it."""

    def __init__(self, town: Town, posted: list[int]) -> None:
        self.town, self.posted, self.port = town, posted, 0
        self.server: FrontEndServer | None = None
        self.case = build.case(officer("lin")).pk

    def open(self) -> None:
        """Serve; the second time on the same port."""
        self.server = FrontEndServer(self.port, self.town.world, Tokens("t", "control"))
        self.port = self.server.server_port
        self._thread = threading.Thread(target=self.server.serve)
        self._thread.start()

    def close(self) -> None:
        """Refuse connections. Our side forgets its own, as a process that starts again."""
        if self.server is not None:
            self.server.stop()
            self._thread.join()
            self.server = None
        tasks._client(f"http://127.0.0.1:{self.port}", "t").close()
        tasks._client.cache_clear()

    def fault(self, **order: Any) -> None:
        """Order a fault."""
        self.town.world.order_fault(order)

    @property
    def now(self) -> Any:
        """The moment, for both sides."""
        return self.town.clock[0]

    def put(self, *messages: Xml, order_key: str = "") -> list[Message]:
        """Queue messages for the northern bank."""
        with clock.held_at(self.now), system_scope("test"), writing():
            return [
                actions.enqueue(
                    each, institution_code=NORTH, case_id=self.case, at=self.now,
                    order_key=order_key or each.body["AccountNumber"],
                )
                for each in messages
            ]  # fmt: skip

    def hand_over(self, seconds: float = 0) -> None:
        """Let time pass, then let the worker look."""
        self.town.clock[0] += timedelta(seconds=seconds)
        with clock.held_at(self.now):
            with system_scope("test"):
                due = queries.routes_due(self.now)
            for number in due:
                tasks.deliver(route_id=number)

    def arrived(self) -> list[str]:
        """The serials that the bank took over, in its order, repetitions included."""
        rows = self.town.world.store.all("SELECT serial, code FROM message ORDER BY id")
        return [row["serial"] for row in rows]

    def effects(self) -> dict[str, int]:
        """How often each application took effect at the bank."""
        self.town.wait(5)
        rows = self.town.world.store.all(
            "SELECT application_id, count(*) AS n FROM effect GROUP BY 1"
        )
        return {row["application_id"]: row["n"] for row in rows}


def officer(name: str) -> Officer:
    """One of the cast."""
    with system_scope("test"):
        return Officer.objects.get(username=name)


def route() -> Route:
    """The line to the northern bank."""
    with system_scope("test"):
        return Route.objects.get(institution_code=NORTH)


def states() -> list[str]:
    """Every outgoing message, oldest first."""
    with system_scope("test"):
        found = Message.objects.filter(outgoing=True).order_by("pk")
        return list(found.values_list("state", flat=True))


def read(message: Message) -> Message:
    """The message as it is now."""
    with system_scope("test"):
        return Message.objects.get(pk=message.pk)


def circuit(at: Any) -> Circuit:
    """Whether messages pass."""
    found = route()
    return delivery.circuit(found.failures, found.rest_until, at)


@pytest.fixture
def line(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    posted: list[int] = []
    post = FrontEnd.post

    def counted(self: FrontEnd, messages: list[bytes]) -> list[Ack]:
        posted.append(len(messages))
        return post(self, messages)

    monkeypatch.setattr(FrontEnd, "post", counted)
    tasks._client.cache_clear()
    town = open_town(tmp_path)
    opened = Line(town, posted)
    opened.open()
    build.bank(NORTH, "北城银行", f"http://127.0.0.1:{opened.port}")
    yield opened
    opened.close()
    town.world.store.close()


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
    line.hand_over(delivery.LONGEST_PAUSE * 2)
    assert circuit(line.now) is Circuit.CLOSED
    assert states() == [Message.State.DELIVERED]


def test_a_release_never_overtakes_its_stop_and_other_accounts_do_not_wait(line: Line) -> None:
    stop = line.town.stop()
    line.fault(kind="lost_ack", count=1)
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
    line.hand_over()
    assert set(states()) == {Message.State.DELIVERED}
    assert line.arrived()[-1] == release.serial


def test_a_lost_acknowledgement_waits_for_evidence_then_the_same_bytes_go_again(
    line: Line,
) -> None:
    stop = line.town.stop()
    line.fault(kind="lost_ack", count=1)
    (sent,) = line.put(stop)
    line.hand_over()
    wait = delivery.WAIT_FOR_EVIDENCE["100101"]
    line.hand_over(wait - 1)
    assert read(sent).attempts == 1
    line.hand_over(2)
    # The bank says that it has it already: that is an acknowledgement, too.
    assert (read(sent).state, read(sent).attempts) == (Message.State.DELIVERED, 2)
    assert bytes(read(sent).content) == encode(stop)
    assert line.effects() == {stop.application_id: 1}


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
