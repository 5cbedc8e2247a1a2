"""The poller: asks every front-end for messages, keeps them, then acknowledges."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, TypeVar

from django.db import close_old_connections, connection

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions, queries
from fanzha.channels.bank_gateway.failures import TransportFailure
from fanzha.channels.bank_gateway.line import line_to
from fanzha.channels.bank_gateway.models import FrontEnd
from fanzha.channels.bank_gateway.tasks import take_up_due
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.outbox.stalled import revive_stalled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from fanzha.channels.bank_gateway.client import FrontEnd as Client

logger = logging.getLogger(__name__)
GROUND = Ground("poll")
T = TypeVar("T")
LOOK_FOR_FRONT_ENDS_SECONDS = 3.0


def poll_once(front_end: FrontEnd, client: Client) -> int:
    """Fetch, keep, acknowledge; how many messages are new. A failing front-end is noted."""
    front_end.refresh_from_db()
    asked_at = clock.now()
    try:
        page = client.fetch(front_end.cursor)
    except TransportFailure as failure:
        _note_health(front_end, str(failure))
        return 0
    fresh = 0
    if page.items:
        with system_scope("gateway.poll") as system:
            fresh = actions.keep_received(
                system, front_end, page.items, at=clock.now(), ground=GROUND
            )
        try:
            client.acknowledge(page.items[-1].cursor)
        except TransportFailure as failure:
            logger.warning("acknowledging failed: %s", failure)
    _note_health(front_end, "")
    if not page.more:
        _note_drained(front_end, asked_at)
    return fresh


def _note_drained(front_end: FrontEnd, asked_at: datetime) -> None:
    with system_scope("gateway.poll") as system:
        if queries.in_doubt(front_end, asked_at):
            actions.note_drained(system, front_end, at=asked_at, ground=GROUND)


def _note_health(front_end: FrontEnd, failure: str) -> None:
    if bool(front_end.last_failure) != bool(failure) or (not failure and _stale(front_end)):
        with system_scope("gateway.poll") as system:
            actions.note_health(system, front_end, failure, at=clock.now(), ground=GROUND)


def _stale(front_end: FrontEnd) -> bool:
    last = front_end.last_answer_at
    return last is None or (clock.now() - last).total_seconds() > 60  # noqa: PLR2004 - a minute


def run(stop: threading.Event) -> None:
    """Poll every front-end in a thread of its own until `stop` is set; new ones are picked up."""
    threads: dict[int, threading.Thread] = {}
    while not stop.is_set():
        _guarded("revival", revive_stalled)
        _guarded("sweep", take_up_due)
        for front_end in _guarded("front ends", lambda: list(FrontEnd.objects.all())) or ():
            if front_end.pk not in threads or not threads[front_end.pk].is_alive():
                thread = threading.Thread(target=_poll, args=(front_end, stop), daemon=True)
                threads[front_end.pk] = thread
                thread.start()
        stop.wait(LOOK_FOR_FRONT_ENDS_SECONDS)
    for thread in threads.values():
        thread.join(timeout=10)


def _poll(front_end: FrontEnd, stop: threading.Event) -> None:
    with line_to(front_end) as client:
        while not stop.wait(front_end.poll_seconds):
            _guarded("poll", lambda: poll_once(front_end, client))
    connection.close()


def _guarded(what: str, work: Callable[[], T]) -> T | None:
    try:
        return work()
    except Exception:  # the loop must outlive a database that restarts
        logger.exception("%s failed", what)
        close_old_connections()
        return None
