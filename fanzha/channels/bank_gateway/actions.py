"""Writes of the gateway: front-ends, outgoing messages and their delivery, raw answers."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from procrastinate.contrib.django import app

from fanzha.channels.bank_gateway import delivery
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.events import DeliverySettled, MessageReceived
from fanzha.channels.bank_gateway.models import FrontEnd, Message, Route
from fanzha.channels.bank_gateway.rules import Delivery, read_gateway_code
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import Actor, action, record, root_path
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.channels.bank_gateway.client import Ack, Item
    from fanzha.channels.bank_gateway.codec import Message as Xml
    from fanzha.identity.acting import System

UNDER_WAY = (Message.State.QUEUED, Message.State.POSTING)


class NoRoute(Refusal):
    """We know no front-end that serves this institution."""

    message = gettext_noop("Institution %(code)s is not connected; register its front-end first.")


class BadFrontEnd(Refusal):
    """The address of a front-end cannot be used."""

    message = gettext_noop("%(url)s is not an http or https address.")


class NothingToSettle(Refusal):
    """Only a message that nobody understood is settled by hand, and once."""

    message = gettext_noop("This message is settled already.")


@dataclass(frozen=True)
class Claimed:
    """A message that this worker alone may post now."""

    url: str
    token: str
    content: bytes
    tx_code: str


@action("institution.manage", system=True)
def connect(
    by: Actor,
    *,
    institution_code: str,
    url: str,
    token: str,
    poll_seconds: float,
    at: datetime,
    ground: Ground,
) -> FrontEnd:
    """Say through which front-end an institution is reached."""
    if not re.match(r"https?://[^\s/]+", url):
        raise BadFrontEnd(url=url)
    front_end, _ = FrontEnd.objects.update_or_create(
        url=url.rstrip("/"), defaults={"token": token, "poll_seconds": poll_seconds}
    )
    Route.objects.update_or_create(
        institution_code=institution_code, defaults={"front_end": front_end}
    )
    record("front_end", institution_code, url=front_end.url)
    return front_end


def enqueue(
    xml: Xml, *, institution_code: str, case_id: int, order_key: str, at: datetime
) -> Message:
    """Keep an outgoing message and post it after the commit; part of another package's action."""
    route = Route.objects.filter(institution_code=institution_code).first()
    if route is None:
        raise NoRoute(code=institution_code)
    content = encode(xml)
    message = Message.objects.create(
        outgoing=True, front_end_id=route.front_end_id, state=Message.State.QUEUED,
        serial=xml.serial, tx_code=xml.tx_code, application_id=xml.application_id,
        content=content, sha256=hashlib.sha256(content).hexdigest(), at=at, retry_at=at,
        order_key=order_key, case_id=case_id, unit_path=root_path(),
    )  # fmt: skip
    # By name: the job itself stands above the actions that it calls.
    job = app.configure_task("gateway.post", lock=f"account:{message.order_key}", queue="gateway")
    job.defer(message_id=message.pk)
    return message


@action("instruction.send", system=True)
def claim(by: System, message_id: int, *, at: datetime, ground: Ground) -> Claimed | None:
    """Take the message for one attempt; None when settled, not due, or somebody else has it."""
    message = Message.objects.select_related("front_end").get(pk=message_id)
    due = at + delivery.evidence_wait(message.tx_code, settings.RESEND_SECONDS)
    won = Message.objects.filter(
        pk=message_id, state__in=UNDER_WAY, retry_at__lte=at, attempts=message.attempts
    ).update(state=Message.State.POSTING, tried_at=at, retry_at=due, attempts=message.attempts + 1)
    record(
        "message", message.serial, case_id=message.case_id, attempt=message.attempts + 1, won=won
    )
    if not won:
        return None
    front_end = message.front_end
    return Claimed(front_end.url, front_end.token, bytes(message.content), message.tx_code)


@action("instruction.send", system=True)
def note_failure(
    by: System, message_id: int, reason: str, *, undelivered: bool, at: datetime, ground: Ground
) -> None:
    """The attempt failed. Undelivered for sure: again after a pause; else: wait for evidence."""
    message = Message.objects.get(pk=message_id)
    changes: dict[str, object] = {"note": reason[:300]}
    if undelivered:
        again = at + delivery.pause(message.attempts, random.random())  # noqa: S311 - jitter
        changes |= {"state": Message.State.QUEUED, "retry_at": again}
    Message.objects.filter(pk=message_id, state=Message.State.POSTING).update(**changes)
    FrontEnd.objects.filter(pk=message.front_end_id, failing_since=None).update(failing_since=at)
    FrontEnd.objects.filter(pk=message.front_end_id).update(last_failure=reason[:300])
    record("message", message.serial, case_id=message.case_id, failure=reason, certain=undelivered)


@action("instruction.send", system=True)
def note_ack(by: System, message_id: int, ack: Ack, *, at: datetime, ground: Ground) -> None:
    """Keep what the front-end said; it is never success of the business."""
    answer = read_gateway_code(ack.code)
    message = Message.objects.get(pk=message_id)
    changes: dict[str, object] = {"gateway_code": ack.code[:12], "note": ack.description[:300]}
    accepted = answer.delivery is Delivery.DELIVERED
    settled = accepted or answer.delivery in (Delivery.REFUSED, Delivery.UNKNOWN)
    if settled:
        changes["state"] = Message.State.DELIVERED if accepted else Message.State.REJECTED
    elif answer.delivery is Delivery.LATER:
        again = at + delivery.pause(message.attempts, random.random())  # noqa: S311 - jitter
        changes |= {"state": Message.State.QUEUED, "retry_at": again}
    won = Message.objects.filter(pk=message_id, state=Message.State.POSTING).update(**changes)
    FrontEnd.objects.filter(pk=message.front_end_id).update(
        last_answer_at=at, failing_since=None, last_failure=""
    )
    record("message", message.serial, case_id=message.case_id, code=ack.code)
    if won and settled:
        announce(DeliverySettled(message.pk, message.application_id, int(accepted), ack.code))


@action("instruction.send", system=True)
def keep_received(
    by: System, front_end: FrontEnd, items: Sequence[Item], *, at: datetime, ground: Ground
) -> int:
    """Keep raw messages word for word, move the cursor, tell of them; how many are new."""
    fresh = 0
    for item in items:
        message, made = Message.objects.get_or_create(
            outgoing=False, front_end=front_end, cursor=item.cursor,
            sha256=hashlib.sha256(item.content).hexdigest(),
            defaults={
                "state": Message.State.RECEIVED, "serial": "", "tx_code": "",
                "application_id": "", "content": item.content, "at": at, "order_key": "",
                "note": "", "unit_path": root_path(),
            },
        )  # fmt: skip
        if made:
            fresh += 1
            announce(MessageReceived(message.pk))
    if items:
        FrontEnd.objects.filter(pk=front_end.pk, cursor__lt=items[-1].cursor).update(
            cursor=items[-1].cursor
        )
    record("front_end", str(front_end.pk), received=fresh, upto=items[-1].cursor if items else None)
    return fresh


@action("instruction.send", system=True)
def note_health(
    by: System, front_end: FrontEnd, failure: str, *, at: datetime, ground: Ground
) -> None:
    """A front-end stopped or resumed answering, or answered for another minute."""
    if failure:
        FrontEnd.objects.filter(pk=front_end.pk, failing_since=None).update(failing_since=at)
        FrontEnd.objects.filter(pk=front_end.pk).update(last_failure=failure[:300])
    else:
        FrontEnd.objects.filter(pk=front_end.pk).update(
            last_answer_at=at, failing_since=None, last_failure=""
        )
    record("front_end", str(front_end.pk), failure=failure)


@action("instruction.send", system=True)
def note_read(
    by: System,
    message: Message,
    *,
    state: str,
    tx_code: str,
    application_id: str,
    case_id: int | None,
    note: str,
    at: datetime,
    ground: Ground,
) -> None:
    """A received message was read: whose it is, or why nobody could tell."""
    message.state, message.tx_code = state, tx_code[:12]
    message.application_id, message.case_id = application_id[:80], case_id
    message.note = note[:300]
    message.save(update_fields=["state", "tx_code", "application_id", "case_id", "note"])
    if application_id:
        # An answer proves that the request arrived, whatever became of its acknowledgement.
        Message.objects.filter(
            outgoing=True, application_id=application_id, state__in=UNDER_WAY
        ).update(state=Message.State.DELIVERED, note="answered")
    record("message", f"in-{message.pk}", case_id=case_id, state=state, tx_code=message.tx_code)


@action("unknown.resolve")
def dismiss(by: Actor, message: Message, *, at: datetime, ground: Ground) -> None:
    """A person looked at an unknown message and says why it needs nothing more."""
    won = Message.objects.filter(pk=message.pk, outgoing=False, state=Message.State.UNKNOWN).update(
        state=Message.State.HANDLED, note=ground.reason[:300]
    )
    if not won:
        raise NothingToSettle
    record("message", f"in-{message.pk}", case_id=message.case_id, dismissed=True)
