"""Reads of the gateway: what may be handed over now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from fanzha.channels.bank_gateway.models import Message, Route

if TYPE_CHECKING:
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
