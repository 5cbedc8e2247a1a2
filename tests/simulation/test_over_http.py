from __future__ import annotations

import base64
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import httpx
import pytest

from fanzha.channels.bank_gateway.client import FrontEnd
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.failures import MalformedMessage, TransportFailure
from fanzha.channels.bank_gateway.replies import read_statement
from fanzha.simulation.banks.server import FrontEndServer, Tokens
from tests.simulation.build import MULE, NORTH, SECOND, SOUTH, VICTIM, Town, open_town

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE_SECONDS = 10
T = TypeVar("T")


class Line:
    """A town served on loopback: the platform's client, and the control door."""

    def __init__(self, town: Town, server: FrontEndServer) -> None:
        self.town = town
        url = f"http://127.0.0.1:{server.server_port}"
        self.front = FrontEnd(url, "front", timeout=2)
        self.control = httpx.Client(
            base_url=url + "/control",
            headers={"Authorization": "Bearer control"},
            trust_env=False,
        )

    def replies(self, count: int = 1) -> list[bytes]:
        """Wait for so many replies behind the last one that was read."""
        return until(lambda: self._read(count))

    def _read(self, count: int) -> list[bytes]:
        items = self.front.fetch(self.town.seen).items
        if len(items) >= count:
            self.town.seen = items[-1].cursor
            return [item.content for item in items]
        return []

    def send(self, message: Message) -> str:
        """Post one message; its gateway code."""
        (ack,) = self.front.post([encode(message)])
        assert ack.serial == message.serial
        return ack.code

    def fault(self, **order: Any) -> None:
        """Order a fault."""
        assert self.control.post("/faults", json=order).status_code == 200

    def ledger(self) -> dict[str, Any]:
        """Lay the ledger open."""
        found: dict[str, Any] = self.control.get("/ledger").json()
        return found


def until(found: Callable[[], T]) -> T:
    """Ask again until something is found, for some seconds."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < ends:
        result = found()
        if result:
            return result
        time.sleep(0.02)
    raise AssertionError("nothing came")


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    town = open_town(tmp_path)
    server = FrontEndServer(0, town.world, Tokens("front", "control"))
    thread = threading.Thread(target=server.serve)
    thread.start()
    opened = Line(town, server)
    yield opened
    opened.front.close()
    opened.control.close()
    server.stop()
    thread.join()
    town.world.store.close()


def test_a_stop_a_freeze_and_a_query_are_answered_over_the_wire(line: Line) -> None:
    messages = [line.town.stop(), line.town.freeze(SECOND), line.town.query()]
    acks = line.front.post([encode(each) for each in messages])
    assert [ack.code for ack in acks] == ["100000"] * 3
    answers = [decode(raw) for raw in line.replies(3)]
    assert [each.tx_code for each in answers] == ["100102", "100202", "100302"]
    assert [each.body["Result"] for each in answers] == ["0000"] * 3
    assert len(read_statement(answers[2]).rows) == 3


def test_messages_can_be_read_again_until_they_are_acknowledged(line: Line) -> None:
    line.send(line.town.stop())
    first = line.replies()
    assert [item.content for item in line.front.fetch(0).items] == first
    line.front.acknowledge(line.town.seen)
    assert line.front.fetch(0).items == ()


def test_pages_say_whether_more_waits(line: Line) -> None:
    for _ in range(3):
        line.send(line.town.query())
    line.replies(3)
    page = line.front.fetch(0, limit=2)
    assert len(page.items) == 2
    assert page.more
    assert not line.front.fetch(page.last or 0, limit=2).more


def test_health_names_the_institutions_behind_the_front_end(line: Line) -> None:
    assert line.front.health().institutions == (NORTH, SOUTH)


def test_the_doors_ask_for_their_own_tokens(line: Line) -> None:
    url = line.front.url
    with FrontEnd(url, "control") as wrong, pytest.raises(TransportFailure, match="401"):
        wrong.health()
    headers = {"Authorization": "Bearer front"}
    for path in ("/control/ledger", "/control/health"):
        answer = httpx.get(url + path, headers=headers, trust_env=False)
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/messages", b"{"),
        ("/messages", b"[]"),
        ("/messages", b"{}"),
        ("/messages", b'{"messages": []}'),
        ("/messages", b'{"messages": ["%"]}'),
        ("/messages", b'{"messages": [1]}'),
        ("/messages/ack", b'{"upto": "x"}'),
    ],
)
def test_calls_that_cannot_be_read_are_refused(line: Line, path: str, content: bytes) -> None:
    headers = {"Authorization": "Bearer front"}
    answer = httpx.post(line.front.url + path, content=content, headers=headers, trust_env=False)
    assert answer.status_code == 400
    assert line.ledger()["messages"] == []


def test_a_garbled_message_does_not_harm_the_others_of_its_call(line: Line) -> None:
    acks = line.front.post([b"garbage", encode(line.town.stop())])
    assert [ack.code for ack in acks] == ["200001", "100000"]
    assert decode(line.replies()[0]).body["Result"] == "0000"


def test_a_broken_line_loses_nothing_and_doubles_nothing(line: Line) -> None:
    stop = line.town.stop()
    for kind in ("http_500", "lost_ack"):
        line.fault(kind=kind)
        with pytest.raises(TransportFailure):
            line.send(stop)
    assert line.send(stop) == "200003"
    assert decode(line.replies()[0]).body["Result"] == "0000"
    assert line.ledger()["effects"] == {stop.application_id: 1}


def test_a_front_end_that_keeps_us_waiting_is_a_transport_failure(line: Line) -> None:
    line.fault(kind="timeout", seconds=0.6)
    with FrontEnd(line.front.url, "front", timeout=0.2) as hasty:
        with pytest.raises(TransportFailure, match="no answer"):
            hasty.fetch(0)
        assert hasty.fetch(0).items == ()


def test_a_bank_may_repeat_itself_babble_or_answer_an_unknown_code(line: Line) -> None:
    line.fault(bank=NORTH, kind="duplicate_reply")
    line.send(line.town.query())
    first, second = line.replies(2)
    assert decode(first).body == decode(second).body
    line.fault(bank=NORTH, kind="unknown_code", code="9876")
    stop = line.town.stop()
    line.send(stop)
    assert decode(line.replies()[0]).body["Result"] == "9876"
    assert stop.application_id not in line.ledger()["effects"]
    line.fault(bank=NORTH, kind="garbage_reply")
    line.send(line.town.query())
    with pytest.raises(MalformedMessage):
        decode(line.replies()[0])


def test_a_lost_reply_leaves_its_effect(line: Line) -> None:
    line.fault(bank=NORTH, kind="drop_reply")
    stop = line.town.stop()
    line.send(stop)
    assert until(lambda: line.ledger()["effects"]) == {stop.application_id: 1}
    assert line.front.fetch(0).items == ()


def test_an_answer_may_come_behind_the_one_after_it(line: Line) -> None:
    line.fault(bank=NORTH, kind="reorder", seconds=600)
    first, second = line.town.stop(), line.town.query()
    line.send(first)
    until(lambda: line.ledger()["effects"])
    line.send(second)
    answers = [decode(raw).application_id for raw in line.replies(2)]
    assert answers == [second.application_id, first.application_id]


def test_an_answer_that_nothing_follows_comes_when_its_wait_is_over(line: Line) -> None:
    line.fault(bank=NORTH, kind="reorder", seconds=0.2)
    stop = line.town.stop()
    line.send(stop)
    until(lambda: line.ledger()["effects"])
    assert line.front.fetch(0).items == ()
    line.town.wait(1)
    assert decode(line.replies()[0]).application_id == stop.application_id


def test_an_acknowledgement_may_name_another_message(line: Line) -> None:
    line.fault(bank=NORTH, kind="wrong_serial")
    stop = line.town.stop()
    (ack,) = line.front.post([encode(stop)])
    assert ack.serial not in ("", stop.serial)
    assert decode(line.replies()[0]).application_id == stop.application_id


def test_a_refused_message_is_taken_when_it_comes_again(line: Line) -> None:
    line.fault(bank=NORTH, kind="refuse")
    stop = line.town.stop()
    assert line.send(stop) == "200009"
    assert line.ledger()["effects"] == {}
    assert line.send(stop) == "100000"
    assert decode(line.replies()[0]).body["Result"] == "0000"


def test_an_answer_cut_in_the_middle_is_a_transport_failure(line: Line) -> None:
    line.fault(kind="truncate")
    stop = line.town.stop()
    with pytest.raises(TransportFailure):
        line.send(stop)
    assert line.send(stop) == "200003"


def test_a_fault_of_little_chance_strikes_now_and_then(line: Line) -> None:
    line.fault(bank=NORTH, kind="refuse", chance=0.3, count=1000)
    codes = [line.send(line.town.query()) for _ in range(40)]
    assert 3 < codes.count("200009") < 25
    (order,) = line.ledger()["faults"]
    assert order["struck"] == codes.count("200009") == 1000 - order["remaining"]


def test_a_silent_bank_neither_acts_nor_answers_until_it_is_cleared(line: Line) -> None:
    line.fault(bank=NORTH, kind="silent")
    silent, other = line.town.stop(), line.town.stop(SECOND)
    line.front.post([encode(silent), encode(other)])
    assert decode(line.replies()[0]).application_id == other.application_id
    assert line.ledger()["effects"] == {other.application_id: 1}
    line.fault(bank=NORTH, clear=True)
    assert decode(line.replies()[0]).application_id == silent.application_id


def test_a_reply_becomes_readable_only_when_it_is_due(line: Line) -> None:
    line.fault(bank=NORTH, kind="delay", seconds=600)
    late = line.town.stop()
    line.send(late)
    time.sleep(0.2)
    assert line.front.fetch(0).items == ()
    line.town.wait(600)
    assert decode(line.replies()[0]).application_id == late.application_id


def test_the_control_door_pays_scripts_and_shows_the_truth(line: Line) -> None:
    paid = {"from": VICTIM, "to": MULE, "amount": "500.00", "memo": "货款", "claim": "K1"}
    assert line.control.post("/pay", json=paid).json()["by_claim"] == {"K1": 50_000}
    moves = [{"at": 0, "from": MULE, "to": SECOND, "amount": "1000.00"}]
    assert line.control.post("/script", json={"moves": moves}).json() == {"planned": 1}
    until(lambda: SECOND in line.ledger()["truth"]["K1"]["in_accounts"])
    truth = line.ledger()
    # 800 yuan of the mule's own money stood in front of the line.
    assert truth["truth"]["K1"]["in_accounts"] == {MULE: 30_000, SECOND: 20_000}
    assert truth["truth"]["K1"]["paid_fen"] == 50_000
    assert [move["by_claim"] for move in truth["movements"]] == [{"K1": 50_000}, {"K1": 20_000}]


@pytest.mark.parametrize(
    ("door", "order"),
    [
        ("pay", {"from": VICTIM, "to": MULE, "amount": "-1", "claim": "K1"}),
        ("pay", {"from": VICTIM, "to": MULE, "amount": "1"}),
        ("pay", {"from": VICTIM, "to": MULE, "amount": "99999999", "claim": "K1"}),
        ("pay", {"from": "1", "to": "2", "amount": "1", "claim": "K1"}),
        ("script", {"moves": [{"from": MULE, "amount": "1", "channel": "magic"}]}),
        ("script", {}),
        ("faults", {"kind": "flood"}),
        ("faults", {"kind": "silent", "bank": "none"}),
        ("faults", {"kind": "drop_reply", "count": 1_000_000}),
        ("faults", {"kind": "drop_reply", "chance": 0}),
    ],
)
def test_the_control_door_refuses_nonsense(line: Line, door: str, order: dict[str, Any]) -> None:
    answer = line.control.post(f"/{door}", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert line.ledger()["movements"] == []


def test_the_wire_is_as_the_interface_describes_it(line: Line) -> None:
    stop = line.town.stop()
    headers = {"Authorization": "Bearer front"}
    body = {"messages": [base64.b64encode(encode(stop)).decode()]}
    with httpx.Client(base_url=line.front.url, headers=headers, trust_env=False) as plain:
        acks = plain.post("/messages", json=body).json()["acks"]
        assert acks == [{"TransSerialNumber": stop.serial, "Code": "100000", "Description": "成功"}]
        line.replies()
        page = plain.get("/messages", params={"after": 0, "limit": 5}).json()
        assert page["more"] is False
        (message,) = page["messages"]
        assert message["cursor"] == 1
        text = base64.b64decode(message["content"]).decode()
        assert "<Head><Mode>01</Mode><To>990199990000</To><TxCode>100102</TxCode>" in text
        assert plain.post("/messages/ack", json={"upto": 1}).status_code == 204
        assert set(plain.get("/health").json()) == {"institutions", "time"}
