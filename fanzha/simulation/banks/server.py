"""The front-end's doors on loopback: the binding for the platform, and the control door for tests.

POST /messages, GET /messages, POST /messages/ack, GET /health    bearer: the front-end's token
GET  /control/ledger[?history=1], GET /control/health             bearer: the control token
POST /control/start, pay, script, faults                          bearer: the control token
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import secrets
import signal
import sys
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from fanzha.core import clock
from fanzha.core.signing import HEADER
from fanzha.simulation.banks.faults import FaultError
from fanzha.simulation.banks.ledger import PaymentRefused
from fanzha.simulation.banks.scenario import ScenarioError
from fanzha.simulation.banks.truth import ledger

DAY_SECONDS = 24 * 3600

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.core.signing import Seal
    from fanzha.simulation.banks.world import World

MESSAGES_MAX = 100
BODY_MAX_BYTES = 64 * 1024 * 1024
TICK_SECONDS = 0.05
WAIT_MAX_SECONDS = 30.0
IDLE_SECONDS = 60

Handler = tuple[int, Any]


class _Turned(Exception):
    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


class _Broken(Exception):
    """The line is cut without an answer."""


@dataclass(frozen=True)
class Tokens:
    """What callers must show."""

    front: str
    control: str
    seal: Seal | None = None
    """Where both sides sign; the control door never does."""


def _no_door(_body: Any) -> Handler:
    return 404, {"error": "no such door"}


class FrontEndServer(ThreadingHTTPServer):
    """Serves one world; `tick` lets its time pass in a thread of its own."""

    daemon_threads = True

    def __init__(self, port: int, world: World, tokens: Tokens) -> None:
        self.world, self.tokens = world, tokens
        self.failure: BaseException | None = None
        self.away_seconds: float | None = None
        """Set by an ordered restart: so long nobody listens, then the doors open again."""
        self._ends = threading.Event()
        super().__init__(("127.0.0.1", port), _Door)

    def serve(self) -> None:
        """Serve until `stop`; raises what broke the world, if something did."""
        ticking = threading.Thread(target=self._tick, name="world")
        ticking.start()
        try:
            self.serve_forever(poll_interval=TICK_SECONDS)
        finally:
            self._ends.set()
            ticking.join()
            self.server_close()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """End `serve`; may be called from a signal handler."""
        self._ends.set()
        threading.Thread(target=self.shutdown).start()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Callers come and go: a broken pipe is no event, anything else is told.

        A connection that outlives its server finds the ledger closed: no event either.
        """
        if not self._ends.is_set() and not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)

    def _tick(self) -> None:
        while not self._ends.wait(TICK_SECONDS):
            try:
                self.world.step()
            except Exception as failure:  # noqa: BLE001 - whatever it is, it ends the process aloud
                self.failure = failure
                self.stop()


class _Door(BaseHTTPRequestHandler):
    """One caller's connection, kept open between calls."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: FrontEndServer
    _cut = False

    def do_GET(self) -> None:
        """Answer a reading call."""
        self._answer({
            "/messages": self._get_messages,
            "/health": self._get_health,
            "/control/ledger": self._get_ledger,
            "/control/health": self._get_control_health,
        })  # fmt: skip

    def do_POST(self) -> None:
        """Answer a writing call."""
        self._answer({
            "/messages": self._post_messages,
            "/messages/ack": self._post_ack,
            "/control/start": self._post_start,
            "/control/pay": self._post_pay,
            "/control/script": self._post_script,
            "/control/faults": self._post_faults,
        })  # fmt: skip

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Keep no log: messages hold personal data even here."""

    def _answer(self, doors: dict[str, Callable[[Any], Handler]]) -> None:
        path = urlsplit(self.path).path
        try:
            body = self._body()
            self._check_token(path)
            status, answer = doors.get(path, _no_door)(body)
        except _Turned as turned:
            status, answer = turned.status, {"error": turned.reason}
        except (
            ScenarioError,
            FaultError,
            PaymentRefused,
            KeyError,
            TypeError,
            ValueError,
        ) as error:
            status, answer = 400, {"error": str(error)}
        except _Broken:
            self.close_connection = True
            return
        content = b"" if answer is None else json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        if seal := self._seal(path):
            self.send_header(HEADER, seal.own.sign(content))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if self._cut else content)
        self.close_connection |= self._cut

    def _body(self) -> Any:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_MAX_BYTES:
            self.close_connection = True
            raise _Turned(413, "the body is too large")
        raw = self.rfile.read(int(length))
        if not raw:
            return {}
        seal = self._seal(urlsplit(self.path).path)
        if seal and not seal.holds(raw, self.headers.get(HEADER, "")):
            raise _Turned(401, "the signature is wrong")
        try:
            body = json.loads(raw)
        except (ValueError, RecursionError):
            raise _Turned(400, "the body is no JSON") from None
        if not isinstance(body, dict):
            raise _Turned(400, "the body is no JSON object")
        return body

    def _seal(self, path: str) -> Seal | None:
        return None if path.startswith("/control/") else self.server.tokens.seal

    def _check_token(self, path: str) -> None:
        tokens = self.server.tokens
        wanted = tokens.control if path.startswith("/control/") else tokens.front
        shown = self.headers.get("Authorization", "")
        if not secrets.compare_digest(shown.encode(), f"Bearer {wanted}".encode()):
            raise _Turned(401, "the token is wrong")

    def _strike_line(self) -> None:
        faults, store = self.server.world.faults, self.server.world.store
        with store.transaction():
            broken, slow = faults.strike("http_500"), None
            if broken is None:
                slow = faults.strike("timeout")
        if broken is not None:
            raise _Turned(500, "a fault was ordered")
        if slow is not None:
            time.sleep(min(slow["seconds"], WAIT_MAX_SECONDS))
            raise _Broken

    def _strike_after(self) -> None:
        """Break what comes after the messages were taken over."""
        faults, store = self.server.world.faults, self.server.world.store
        with store.transaction():
            struck = {
                kind: faults.strike(kind) for kind in ("lost_ack", "truncate", "crash", "restart")
            }
        if struck["crash"] is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        if struck["restart"] is not None:
            self.server.away_seconds = min(struck["restart"]["seconds"], WAIT_MAX_SECONDS)
            self.server.stop()
        self._cut = struck["truncate"] is not None
        if struck["lost_ack"] is not None or struck["restart"] is not None:
            raise _Broken

    def _post_messages(self, body: Any) -> Handler:
        self._strike_line()
        texts = body.get("messages")
        if not isinstance(texts, list) or not 1 <= len(texts) <= MESSAGES_MAX:
            raise _Turned(400, "1 to 100 messages are wanted")
        try:
            raws = [base64.b64decode(text, validate=True) for text in texts]
        except (binascii.Error, TypeError, ValueError):
            raise _Turned(400, "a message is no Base64") from None
        world = self.server.world
        acks = [world.receive(raw).as_json() for raw in raws]
        self._strike_after()
        return 200, {"acks": acks}

    def _get_messages(self, _body: Any) -> Handler:
        self._strike_line()
        query = parse_qs(urlsplit(self.path).query)
        after = int(query.get("after", ["0"])[0])
        limit = min(max(int(query.get("limit", ["100"])[0]), 1), MESSAGES_MAX)
        found, more = self.server.world.fetch(after, limit)
        messages = [
            {"cursor": cursor, "content": base64.b64encode(content).decode("ascii")}
            for cursor, content in found
        ]
        return 200, {"messages": messages, "more": more}

    def _post_ack(self, body: Any) -> Handler:
        upto = body.get("upto")
        if not isinstance(upto, int):
            raise _Turned(400, "upto is no number")
        self.server.world.acknowledge(upto)
        return 204, None

    def _get_health(self, _body: Any) -> Handler:
        codes = sorted(self.server.world.scenario.banks)
        return 200, {"institutions": codes, "time": clock.to_wire(clock.now())}

    def _get_control_health(self, _body: Any) -> Handler:
        world = self.server.world
        return 200, {
            "scenario": world.scenario.name,
            "started": world.story_start is not None,
            "time": clock.local(clock.now()).isoformat(),
            "duplicate_check": world.check_duplicates,
        }

    def _get_ledger(self, _body: Any) -> Handler:
        history = "history" in parse_qs(urlsplit(self.path).query)
        return 200, ledger(self.server.world, history=history)

    def _post_start(self, body: Any) -> Handler:
        ago = body.get("ago", 0) if isinstance(body, dict) else 0
        if not isinstance(ago, int | float) or not 0 <= ago <= DAY_SECONDS:
            raise ScenarioError("`ago` is a number of seconds within a day.")
        return 200, {"started": self.server.world.start(ago)}

    def _post_pay(self, body: Any) -> Handler:
        booked = self.server.world.pay(body)
        return 200, {"movement": booked.id, "by_claim": booked.claims}

    def _post_script(self, body: Any) -> Handler:
        return 200, {"planned": self.server.world.script(body["moves"])}

    def _post_faults(self, body: Any) -> Handler:
        self.server.world.order_fault(body)
        return 200, {"faults": self.server.world.faults.listing()}
