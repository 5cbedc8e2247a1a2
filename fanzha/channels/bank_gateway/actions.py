"""Writes of the gateway: front-ends, outgoing messages and their delivery, raw answers."""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from procrastinate.contrib.django import app

from fanzha.channels.bank_gateway import delivery, queries
from fanzha.channels.bank_gateway.codec import encode
from fanzha.channels.bank_gateway.delivery import Circuit
from fanzha.channels.bank_gateway.events import DeliverySettled, MessageReceived
from fanzha.channels.bank_gateway.models import FrontEnd, Message, Route
from fanzha.channels.bank_gateway.queries import UNDER_WAY
from fanzha.channels.bank_gateway.rules import RESENDS_MAX, Delivery, read_gateway_code
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.core.signing import read_public
from fanzha.core.urgency import SENDING
from fanzha.identity.acting import Actor, action, record, root_path
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.channels.bank_gateway.client import Ack, Item
    from fanzha.channels.bank_gateway.codec import Message as Xml
    from fanzha.identity.acting import System


class NoRoute(Refusal):
    """We know no front-end that serves this institution."""

    message = gettext_noop("Institution %(code)s is not connected; register its front-end first.")


class BadFrontEnd(Refusal):
    """The address of a front-end cannot be used."""

    message = gettext_noop("%(url)s is not an http or https address.")


class NothingToSettle(Refusal):
    """Only a message that nobody understood is settled by hand, and once."""

    message = gettext_noop("This message is settled already.")


class BadKey(Refusal):
    """A public key of a front-end cannot be used."""

    message = gettext_noop("This is no public key of a front-end (Ed25519, 32 bytes in Base64).")


@dataclass(frozen=True)
class Batch:
    """Messages that this worker alone may hand over now, in this order: number and bytes.

    `probing`: the circuit is half open; ask after the front-end's health first.
    """

    front_end: FrontEnd
    messages: tuple[tuple[int, bytes], ...]
    probing: bool

    @property
    def numbers(self) -> list[int]:
        """The numbers of the messages."""
        return [number for number, _ in self.messages]


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
    their_key: str | None = None,
) -> FrontEnd:
    """Say through which front-end an institution is reached.

    `their_key`: both sides sign from now on; "": no longer; None leaves it as it is.
    """
    if not re.match(r"https?://[^\s/]+", url):
        raise BadFrontEnd(url=url)
    facts: dict[str, object] = {"token": token, "poll_seconds": poll_seconds}
    if their_key is not None:
        facts["their_key"] = _checked_key(their_key)
    front_end, _ = FrontEnd.objects.update_or_create(url=url.rstrip("/"), defaults=facts)
    Route.objects.update_or_create(
        institution_code=institution_code, defaults={"front_end": front_end}
    )
    record("front_end", institution_code, url=front_end.url, signed=bool(front_end.their_key))
    return front_end


def _checked_key(text: str) -> str:
    try:
        if text:
            read_public(text)
    except ValueError:
        raise BadKey from None
    return text


def enqueue(
    xml: Xml, *, institution_code: str, case_id: int | None, order_key: str, at: datetime
) -> Message:
    """Keep an outgoing message and post it after the commit; part of another package's action."""
    route = Route.objects.filter(institution_code=institution_code).first()
    if route is None:
        raise NoRoute(code=institution_code)
    content = encode(xml)
    message = Message.objects.create(
        outgoing=True, front_end_id=route.front_end_id, state=Message.State.QUEUED,
        institution_code=institution_code, serial=xml.serial, tx_code=xml.tx_code,
        application_id=xml.application_id, content=content,
        sha256=hashlib.sha256(content).hexdigest(), at=at, retry_at=at, case_id=case_id,
        order_key="" if xml.tx_code in delivery.WITHOUT_ORDER else order_key,
        unit_path=root_path(),
    )  # fmt: skip
    hand_over_soon(route)
    return message


def belong(message_id: int, case_id: int) -> None:
    """From now on the message goes with this case; part of another package's action."""
    Message.objects.filter(pk=message_id).update(case_id=case_id)


def hand_over_soon(route: Route) -> None:
    """Let a worker look at this route after the commit; part of an action."""
    # By name: the job itself stands above the actions that it calls.
    app.configure_task("gateway.deliver", queue="gateway", priority=SENDING).defer(
        route_id=route.pk
    )


@action("instruction.send", system=True)
def claim(by: System, route_id: int, *, at: datetime, ground: Ground) -> Batch | None:
    """Take what is due for one institution, oldest first; None when nothing is or may go."""
    # The lock on the route: two workers never claim for one institution at a time.
    locked = Route.objects.select_for_update(of=("self",)).select_related("front_end")
    route = locked.get(pk=route_id)
    messages = []
    if queries.routes_open(at).filter(pk=route_id).exists():
        due = queries.due(route.institution_code, at)
        found = due.select_for_update(skip_locked=True, of=("self",))
        messages = list(found[: delivery.batch_size(route.failures)])
    for message in messages:
        wait = delivery.evidence_wait(message.tx_code, settings.RESEND_SECONDS)
        message.state, message.tried_at, message.retry_at = Message.State.POSTING, at, at + wait
        message.attempts += 1
        record("message", message.serial, case_id=message.case_id, attempt=message.attempts)
    Message.objects.bulk_update(messages, ["state", "tried_at", "retry_at", "attempts"])
    if not messages:
        record("institution", route.institution_code, claimed=0)
        return None
    probing = delivery.circuit(route.failures, route.rest_until, at) is not Circuit.CLOSED
    contents = tuple((each.pk, bytes(each.content)) for each in messages)
    return Batch(route.front_end, contents, probing)


@action("instruction.send", system=True)
def note_failure(
    by: System,
    route_id: int,
    numbers: Sequence[int],
    reason: str,
    *,
    undelivered: bool,
    at: datetime,
    ground: Ground,
) -> None:
    """The attempt failed. Undelivered for sure: again after the rest; else: wait for evidence."""
    changes: dict[str, object] = {"note": reason[:300]}
    if undelivered:
        changes |= {"state": Message.State.QUEUED, "retry_at": at}
    posting = Message.objects.filter(pk__in=numbers, state=Message.State.POSTING)
    for serial, case_id in posting.values_list("serial", "case_id"):
        record("message", serial, case_id=case_id, failure=reason, certain=undelivered)
    posting.update(**changes)
    route = _rest(route_id, reason, at)
    record("institution", route.institution_code, failure=reason, failures=route.failures)


def _rest(route_id: int, reason: str, at: datetime) -> Route:
    """One more failure in a row: leave the institution in peace for a while."""
    route = Route.objects.select_for_update().get(pk=route_id)
    route.failures, route.last_failure = route.failures + 1, reason[:300]
    route.rest_until = at + delivery.pause(route.failures, random.random())  # noqa: S311 - jitter
    if route.failures >= delivery.OPENS_AFTER and route.opened_at is None:
        route.opened_at = at
    route.save(update_fields=["failures", "last_failure", "rest_until", "opened_at"])
    return route


@action("instruction.send", system=True)
def note_acks(
    by: System, route_id: int, acks: Sequence[tuple[int, Ack]], *, at: datetime, ground: Ground
) -> None:
    """Keep what the front-end said of each message; it is never success of the business."""
    closed, settled = "", []
    posted = Message.objects.select_for_update().only(
        "serial", "case_id", "application_id", "resends", "retry_at", "state"
    ).in_bulk([number for number, _ in acks])  # fmt: skip
    alike: defaultdict[frozenset[tuple[str, object]], list[int]] = defaultdict(list)
    for number, ack in acks:
        message = posted[number]
        said, changes = _acknowledged(message, ack, at)
        record("message", message.serial, case_id=message.case_id, code=ack.code, of=ack.serial)
        if said is Delivery.LATER:
            closed = f"{ack.code} {ack.description}"
        if message.state == Message.State.POSTING:
            alike[frozenset(changes.items())].append(number)
            if "settled_at" in changes:
                accepted = int(said is Delivery.DELIVERED)
                settled.append(DeliverySettled(number, message.application_id, accepted, ack.code))
    for changed, numbers in alike.items():
        Message.objects.filter(pk__in=numbers).update(**dict(changed))
    announce(*settled)
    if closed:
        _rest(route_id, closed, at)
    else:
        Route.objects.filter(pk=route_id).exclude(failures=0).update(
            failures=0, rest_until=None, opened_at=None, last_failure=""
        )


def _acknowledged(message: Message, ack: Ack, at: datetime) -> tuple[Delivery, dict[str, object]]:
    """What an acknowledgement says of a message that is being posted, and what it changes."""
    said = read_gateway_code(ack.code).delivery
    if ack.serial and ack.serial != message.serial:
        # An acknowledgement of something else says nothing of this message: wait for evidence.
        return Delivery.RESEND, {"gateway_code": ack.code[:12], "note": ack.description[:300]}
    changes: dict[str, object] = {"gateway_code": ack.code[:12], "note": ack.description[:300]}
    if said in (Delivery.DELIVERED, Delivery.REFUSED, Delivery.UNKNOWN):
        accepted = said is Delivery.DELIVERED
        state = Message.State.DELIVERED if accepted else Message.State.REJECTED
        changes |= {"state": state, "settled_at": at}
    elif said is Delivery.LATER:
        changes |= {"state": Message.State.QUEUED, "retry_at": at}
    elif message.resends < RESENDS_MAX:
        again = at + delivery.pause(message.resends + 1, random.random())  # noqa: S311 - jitter
        changes |= {
            "state": Message.State.QUEUED, "retry_at": again, "resends": message.resends + 1
        }  # fmt: skip
    return said, changes


@action("instruction.send", system=True)
def keep_received(
    by: System, front_end: FrontEnd, items: Sequence[Item], *, at: datetime, ground: Ground
) -> int:
    """Keep raw messages word for word, move the cursor, tell of them; how many are new."""
    fresh: list[MessageReceived] = []
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
            fresh.append(MessageReceived(message.pk))
    announce(*fresh)
    if items:
        FrontEnd.objects.filter(pk=front_end.pk, cursor__lt=items[-1].cursor).update(
            cursor=items[-1].cursor
        )
    record(
        "front_end",
        str(front_end.pk),
        received=len(fresh),
        upto=items[-1].cursor if items else None,
    )
    return len(fresh)


@action("instruction.send", system=True)
def note_drained(by: System, front_end: FrontEnd, *, at: datetime, ground: Ground) -> None:
    """Asked at `at`, the front-end gave us the last it had, while a delivery was in doubt."""
    FrontEnd.objects.filter(pk=front_end.pk).update(drained_at=at)
    record("front_end", str(front_end.pk), drained=True)


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
        if front_end.failing_since:
            # It is back: nobody waits for the end of a rest.
            Route.objects.filter(front_end=front_end, rest_until__gt=at).update(rest_until=at)
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
        sent = Message.objects.filter(outgoing=True, application_id=application_id)
        sent.filter(answered_at=None).update(answered_at=message.at)
        # An answer proves that the request arrived, whatever became of its acknowledgement.
        sent.filter(state__in=UNDER_WAY).update(
            state=Message.State.DELIVERED, note="answered", settled_at=at
        )
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
