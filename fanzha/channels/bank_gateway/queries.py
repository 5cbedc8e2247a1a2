"""Reads of the gateway: what may be handed over now, and how the line to an institution does."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from fanzha.channels.bank_gateway import delivery
from fanzha.channels.bank_gateway.models import Message, Route

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

UNDER_WAY = (Message.State.QUEUED, Message.State.POSTING)


def routes_open(at: datetime) -> QuerySet[Route]:
    """The routes that neither rest nor are paused."""
    resting = Q(rest_until__isnull=False, rest_until__gt=at)
    return Route.objects.filter(paused_at=None).exclude(resting)


def due(institution_code: str, at: datetime) -> QuerySet[Message]:
    """What may go to this institution now, oldest first; nothing overtakes within an account."""
    earlier = Message.objects.filter(
        outgoing=True, state__in=UNDER_WAY, order_key=OuterRef("order_key"), pk__lt=OuterRef("pk")
    )
    return (
        Message.objects.filter(
            Q(order_key="") | ~Exists(earlier), outgoing=True, institution_code=institution_code,
            state__in=UNDER_WAY, retry_at__lte=at,
        ).order_by("pk")
    )  # fmt: skip


def waits(route_id: int, at: datetime) -> bool:
    """Whether this route has something to hand over now and may."""
    route = routes_open(at).filter(pk=route_id).first()
    return route is not None and due(route.institution_code, at).exists()


def routes_due(at: datetime) -> list[int]:
    """The routes that have something to hand over now and may."""
    waiting = Message.objects.filter(
        outgoing=True, state__in=UNDER_WAY, retry_at__lte=at,
        institution_code=OuterRef("institution_code"),
    )  # fmt: skip
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
