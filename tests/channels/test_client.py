from __future__ import annotations

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fanzha.channels.bank_gateway.client import FrontEnd
from fanzha.channels.bank_gateway.failures import TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = base64.b64encode(b"<x/>").decode()


def front_end(status: int, answer: Any) -> FrontEnd:
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    transport = httpx.MockTransport(lambda _request: httpx.Response(status, content=content))
    return FrontEnd("http://127.0.0.1:1/", "t", transport=transport)


def test_acknowledgements_come_in_the_order_of_the_messages() -> None:
    acks = [
        {"TransSerialNumber": "S1", "Code": "100000", "Description": "ok"},
        {"TransSerialNumber": "S2", "Code": 200003},
    ]
    with front_end(200, {"acks": acks}) as client:
        first, second = client.post([b"<a/>", b"<b/>"])
    assert (first.serial, first.code, first.description) == ("S1", "100000", "ok")
    assert (second.serial, second.code, second.description) == ("S2", "200003", "")


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (500, {}, "answered 500"),
        (401, {}, "answered 401"),
        (302, {}, "answered 302"),
        (200, b"<html>", "no JSON"),
        (200, b"\xff\xfe", "no JSON"),
        (200, b"[" * 100_000, "no JSON"),
        (200, [], "not agreed"),
        (200, {"acks": 1}, "not agreed"),
        (200, {"acks": []}, "0 messages instead of 1"),
        (200, {"acks": ["100000"]}, "not agreed"),
        (200, {"acks": [{"Code": None}]}, "not agreed"),
    ],
)
def test_a_wrong_answer_to_messages_is_a_transport_failure(
    status: int, answer: Any, words: str
) -> None:
    with front_end(status, answer) as client, pytest.raises(TransportFailure, match=words):
        client.post([b"<a/>"])


def test_messages_for_us_are_read_page_by_page() -> None:
    found = [{"cursor": 4, "content": GOOD}, {"cursor": 7, "content": GOOD}]
    with front_end(200, {"messages": found, "more": True}) as client:
        page = client.fetch(3)
    assert [item.content for item in page.items] == [b"<x/>", b"<x/>"]
    assert page.last == 7
    assert page.more


@pytest.mark.parametrize(
    "found",
    [
        "x",
        [1],
        [{"content": GOOD}],
        [{"cursor": "4", "content": GOOD}],
        [{"cursor": True, "content": GOOD}],
        [{"cursor": 3, "content": GOOD}],
        [{"cursor": 5, "content": GOOD}, {"cursor": 5, "content": GOOD}],
    ],
)
def test_a_page_of_the_wrong_shape_is_a_transport_failure(found: Any) -> None:
    with front_end(200, {"messages": found}) as client, pytest.raises(TransportFailure):
        client.fetch(3)


@pytest.mark.parametrize("content", ["%%% no base64", None, 5, "abc", "江岚", "\ud800"])
def test_one_undecodable_message_does_not_block_the_others(content: Any) -> None:
    found = [{"cursor": 4, "content": content}, {"cursor": 5, "content": GOOD}]
    with front_end(200, {"messages": found}) as client:
        flawed, good = client.fetch(3).items
    assert flawed.flawed
    assert good.content == b"<x/>"
    assert not good.flawed


def test_health_names_the_institutions() -> None:
    answer = {"institutions": ["990100000001"], "time": "20260302091530"}
    with front_end(200, answer) as client:
        assert client.health().institutions == ("990100000001",)
    with front_end(200, answer | {"time": "now"}) as client, pytest.raises(TransportFailure):
        client.health()


def test_acknowledging_wants_204() -> None:
    with front_end(204, b"") as client:
        client.acknowledge(7)
    with front_end(200, {}) as client, pytest.raises(TransportFailure):
        client.acknowledge(7)


def test_nobody_listening_is_a_transport_failure() -> None:
    with FrontEnd("http://127.0.0.1:9", "t") as client, pytest.raises(TransportFailure):
        client.health()
    with FrontEnd("no url at all", "t") as client, pytest.raises(TransportFailure):
        client.health()


class _Odd(BaseHTTPRequestHandler):
    """Answers as its path says, over a kept connection."""

    protocol_version = "HTTP/1.1"
    peers: set[tuple[str, int]]
    tokens: set[str | None]

    def do_GET(self) -> None:
        type(self).peers.add(self.client_address)
        type(self).tokens.add(self.headers.get("Authorization"))
        if self.path.startswith("/slow"):
            time.sleep(0.8)
            return
        if self.path.startswith("/trickle"):
            self._trickle()
            return
        content = b'{"messages": [], "more": false}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _trickle(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        try:
            for _ in range(100):
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """Stay silent."""


@pytest.fixture
def odd_server() -> Iterator[str]:
    _Odd.peers, _Odd.tokens = set(), set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Odd)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_silent_front_end_times_out(odd_server: str) -> None:
    silent = FrontEnd(odd_server + "/slow", "t", timeout=0.2)
    with silent as client, pytest.raises(TransportFailure, match=r"no answer within 0\.2 s"):
        client.fetch(0)


def test_a_trickling_answer_is_given_up(odd_server: str) -> None:
    trickling = FrontEnd(odd_server + "/trickle", "t", timeout=0.1)
    with trickling as client, pytest.raises(TransportFailure, match="no answer"):
        client.fetch(0)


def test_one_connection_serves_many_calls(odd_server: str) -> None:
    with FrontEnd(odd_server, "secret") as client:
        for _ in range(5):
            assert client.fetch(0).items == ()
    assert len(_Odd.peers) == 1
    assert _Odd.tokens == {"Bearer secret"}
