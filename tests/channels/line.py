"""A town of simulated banks behind a door that opens and closes, and what our side has for it."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway import actions, delivery, queries, tasks
from fanzha.channels.bank_gateway.line import line_to
from fanzha.channels.bank_gateway.models import Message, Route
from fanzha.channels.bank_gateway.poller import poll_once
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.identity.models import Officer
from fanzha.simulation.banks.server import FrontEndServer, Tokens
from tests import build
from tests.refusals.trial import writing
from tests.simulation.build import NORTH, Town

if TYPE_CHECKING:
    from fanzha.channels.bank_gateway.codec import Message as Xml
    from fanzha.channels.bank_gateway.delivery import Circuit
    from fanzha.core.signing import Seal


class Line:
    """A town behind a door that opens and closes, and what our side has for it."""

    def __init__(self, town: Town, posted: list[int]) -> None:
        self.town, self.posted, self.port = town, posted, 0
        self.server: FrontEndServer | None = None
        self.seal: Seal | None = None
        self.case = build.case(officer("lin")).pk

    def open(self) -> None:
        """Serve; the second time on the same port."""
        self.server = FrontEndServer(self.port, self.town.world, Tokens("t", "control", self.seal))
        self.port = self.server.server_port
        self._thread = threading.Thread(target=self.server.serve)
        self._thread.start()

    def close(self) -> None:
        """Refuse connections. Our side forgets its own, as a process that starts again."""
        if self.server is not None:
            self.server.stop()
            self._thread.join()
            self.server = None
        for _, client in tasks._kept.values():
            client.close()
        tasks._kept.clear()

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

    def poll(self) -> None:
        """Ask the front-end for what it has, as the poller does."""
        front_end = route().front_end
        with clock.held_at(self.now), line_to(front_end) as client:
            poll_once(front_end, client)

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


def states_received() -> list[str]:
    """Every message that the bank sent us."""
    with system_scope("test"):
        return list(Message.objects.filter(outgoing=False).values_list("state", flat=True))


def read(message: Message) -> Message:
    """The message as it is now."""
    with system_scope("test"):
        return Message.objects.get(pk=message.pk)


def circuit(at: Any) -> Circuit:
    """Whether messages pass."""
    found = route()
    return delivery.circuit(found.failures, found.rest_until, at)
