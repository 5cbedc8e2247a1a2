"""Jobs of the gateway: handing over what is due to one institution, finding those that wait."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions, queries
from fanzha.channels.bank_gateway.failures import TransportFailure
from fanzha.channels.bank_gateway.line import line_to
from fanzha.core import clock
from fanzha.core.urgency import SENDING
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.channels.bank_gateway.client import FrontEnd as Client
    from fanzha.channels.bank_gateway.models import FrontEnd

GROUND = Ground("delivery")
NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)
BATCHES_MAX = 20
"""In one job; then the other institutions have their turn."""


@app.task(
    name="gateway.deliver", queue="gateway", priority=SENDING,
    retry=RetryStrategy(max_attempts=8, exponential_wait=2),
)  # fmt: skip
def deliver(*, route_id: int) -> None:
    """Hand over what is due to one institution, in order, batch by batch.

    Whoever finds another worker at it leaves: that one looks again before it ends.
    """
    for _ in range(BATCHES_MAX):
        with system_scope("gateway.deliver"):
            if not queries.waits(route_id, clock.now()):
                return
        with _alone(route_id) as mine:
            if not mine:
                return
            _hand_over(route_id)
    deliver.defer(route_id=route_id)


def take_up_due() -> int:
    """Defer a job for every institution for which something is due; how many."""
    with system_scope("gateway.sweep"):
        due = queries.routes_due(clock.now())
    deferred = 0
    for route_id in due:
        try:
            deliver.configure(queueing_lock=f"route:{route_id}").defer(route_id=route_id)
            deferred += 1
        except AlreadyEnqueued:
            continue
    return deferred


def _hand_over(route_id: int) -> None:
    """One batch: claim in one transaction, post outside, note the outcome in another."""
    with system_scope("gateway.deliver") as system:
        batch = actions.claim(system, route_id, at=clock.now(), ground=GROUND)
    if batch is None:
        return
    client, posted = _client(batch.front_end), False
    try:
        if batch.probing:
            client.health()
        posted = True
        acks = client.post([content for _, content in batch.messages])
    except TransportFailure as failure:
        undelivered = not posted or isinstance(failure.__cause__, NEVER_ARRIVED)
        with system_scope("gateway.deliver") as system:
            actions.note_failure(
                system, route_id, batch.numbers, str(failure), undelivered=undelivered,
                at=clock.now(), ground=GROUND,
            )  # fmt: skip
        return
    with system_scope("gateway.deliver") as system:
        actions.note_acks(
            system, route_id, list(zip(batch.numbers, acks, strict=True)),
            at=clock.now(), ground=GROUND,
        )  # fmt: skip


_kept: dict[int, tuple[object, Client]] = {}
"""One kept connection a front-end, with how it was registered."""


def _client(front_end: FrontEnd) -> Client:
    registered = front_end.url, front_end.token, front_end.their_key
    kept = _kept.get(front_end.pk)
    if kept is None or kept[0] != registered:
        kept = _kept[front_end.pk] = registered, line_to(front_end)
    return kept[1]


@contextmanager
def _alone(route_id: int) -> Iterator[bool]:
    """Whether this worker alone hands over to the institution; a dead one lets go by itself."""
    lock = "(hashtext('gateway.deliver'), %s)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock{lock}", [route_id])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_advisory_unlock{lock}", [route_id])
