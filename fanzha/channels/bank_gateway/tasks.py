"""Jobs of the gateway: posting one message, taking up those whose time has come."""

from __future__ import annotations

import httpx
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions
from fanzha.channels.bank_gateway.client import FrontEnd as Client
from fanzha.channels.bank_gateway.failures import TransportFailure
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.identity.acting import system_scope

GROUND = Ground("delivery")
NEVER_ARRIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol)


@app.task(
    name="gateway.post", queue="gateway", retry=RetryStrategy(max_attempts=8, exponential_wait=2)
)
def post_message(*, message_id: int) -> None:
    """One attempt: claim in one transaction, post outside, note the outcome in another."""
    with system_scope("gateway.deliver") as system:
        claimed = actions.claim(system, message_id, at=clock.now(), ground=GROUND)
    if claimed is None:
        return
    try:
        with Client(claimed.url, claimed.token) as client:
            ack = client.post([claimed.content])[0]
    except TransportFailure as failure:
        undelivered = isinstance(failure.__cause__, NEVER_ARRIVED)
        with system_scope("gateway.deliver") as system:
            actions.note_failure(
                system, message_id, str(failure), undelivered=undelivered,
                at=clock.now(), ground=GROUND,
            )  # fmt: skip
        return
    with system_scope("gateway.deliver") as system:
        actions.note_ack(system, message_id, ack, at=clock.now(), ground=GROUND)


def take_up_due() -> int:
    """Defer a job for every message whose time to be tried has come; how many."""
    deferred = 0
    with system_scope("gateway.sweep"):
        due = list(
            Message.objects.filter(
                outgoing=True, state__in=actions.UNDER_WAY, retry_at__lte=clock.now()
            ).values_list("pk", "order_key")[:200]
        )
    for message_id, order_key in due:
        try:
            post_message.configure(
                lock=f"account:{order_key}", queueing_lock=f"message:{message_id}"
            ).defer(message_id=message_id)
            deferred += 1
        except AlreadyEnqueued:
            continue
    return deferred
