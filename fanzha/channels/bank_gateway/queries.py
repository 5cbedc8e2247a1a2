"""Reads of the gateway: what may be handed over now, and how the line to an institution does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, F, OuterRef, Q

from fanzha.channels.bank_gateway import delivery
from fanzha.channels.bank_gateway.models import FrontEnd, Message, Route

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

UNDER_WAY = (Message.State.QUEUED, Message.State.POSTING)
UNREAD_COUNTS = timedelta(minutes=10)
"""An answer that nobody could read for so long holds no delivery up any more."""


def routes_open(at: datetime) -> QuerySet[Route]:
    """The routes that neither rest nor are paused."""
    resting = Q(rest_until__isnull=False, rest_until__gt=at)
    return Route.objects.filter(paused_at=None).exclude(resting)


def _may_go(at: datetime) -> QuerySet[Message]:
    """Outgoing messages whose time has come; if in doubt, nothing we were told may be left unread.

    A delivery in doubt goes again only if, after its wait, the front-end was asked for everything
    it has and all of that was read: an answer among it would prove that the bytes arrived.
    """
    unread = Message.objects.filter(
        outgoing=False, state=Message.State.RECEIVED, front_end=OuterRef("front_end"),
        at__gt=at - UNREAD_COUNTS,
    )  # fmt: skip
    no_answer = Q(front_end__drained_at__gte=F("retry_at")) & ~Exists(unread)
    return Message.objects.filter(
        Q(state=Message.State.QUEUED) | Q(state=Message.State.POSTING) & no_answer,
        outgoing=True, retry_at__lte=at,
    )  # fmt: skip


def institution_behind(front_end: FrontEnd, told: Sequence[str]) -> str:
    """Who speaks through a front-end: whom the message names, or the only one; else nobody."""
    served = set(
        Route.objects.filter(front_end=front_end).values_list("institution_code", flat=True)
    )
    named = [code for code in told if code in served]
    return named[0] if named else served.pop() if len(served) == 1 else ""


def in_doubt(front_end: FrontEnd, at: datetime) -> bool:
    """Whether a delivery through this front-end waited long enough and nobody knows its fate."""
    return Message.objects.filter(
        outgoing=True, state=Message.State.POSTING, retry_at__lte=at, front_end=front_end
    ).exists()


def due(institution_code: str, at: datetime) -> QuerySet[Message]:
    """What may go to this institution now, oldest first; nothing overtakes within an account."""
    earlier = Message.objects.filter(
        outgoing=True, state__in=UNDER_WAY, order_key=OuterRef("order_key"), pk__lt=OuterRef("pk")
    )
    mine = _may_go(at).filter(institution_code=institution_code)
    return mine.filter(Q(order_key="") | ~Exists(earlier)).order_by("pk")


def waits(route_id: int, at: datetime) -> bool:
    """Whether this route has something to hand over now and may."""
    route = routes_open(at).filter(pk=route_id).first()
    return route is not None and due(route.institution_code, at).exists()


def routes_due(at: datetime) -> list[int]:
    """The routes that have something to hand over now and may."""
    waiting = _may_go(at).filter(institution_code=OuterRef("institution_code"))
    return list(routes_open(at).filter(Exists(waiting)).order_by("pk").values_list("pk", flat=True))


LATELY = timedelta(days=1)
SEEN = 5000
"""The newest messages of the last day from which latencies are worked out."""


@dataclass(frozen=True)
class Pace:
    """How long something took: the median, and what 95 of 100 stayed below. None: never yet."""

    median: timedelta | None
    nearly_all: timedelta | None

    @classmethod
    def of(cls, spans: Sequence[timedelta]) -> Pace:
        """Work it out by nearest rank."""
        if not spans:
            return cls(None, None)
        ranked = sorted(spans)
        return cls(*(ranked[-(-len(ranked) * share // 100) - 1] for share in (50, 95)))


@dataclass(frozen=True)
class Figures:
    """The line to an institution at a moment, over what the reader may see."""

    circuit: delivery.Circuit
    waiting: int
    oldest: datetime | None
    acknowledged: Pace
    answered: Pace
    refused: list[tuple[str, int]]


def figures(route: Route, at: datetime) -> Figures:
    """What waits for this institution, and its last day: how fast, and refused with which codes."""
    sent = Message.objects.filter(outgoing=True, institution_code=route.institution_code)
    waiting = sent.filter(state__in=UNDER_WAY)
    lately = list(
        sent.filter(at__gt=at - LATELY).order_by("-at")
        .values_list("at", "settled_at", "answered_at", "state", "gateway_code")[:SEEN]
    )  # fmt: skip
    refused = Counter(code for *_, state, code in lately if state == Message.State.REJECTED)
    return Figures(
        delivery.circuit(route.failures, route.rest_until, at),
        waiting.count(),
        waiting.order_by("at").values_list("at", flat=True).first(),
        Pace.of([settled - put for put, settled, *_ in lately if settled]),
        Pace.of([answered - put for put, _, answered, *_ in lately if answered]),
        refused.most_common(),
    )


def last_messages(route: Route, count: int) -> list[Message]:
    """The newest messages sent to the institution, as far as the reader may see them."""
    sent = Message.objects.filter(outgoing=True, institution_code=route.institution_code)
    return list(sent.order_by("-at", "-pk")[:count])
