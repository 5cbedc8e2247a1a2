"""Reads of clocks and orders; row-level security has already narrowed them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db.models import Q

from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.duties.models import Clock, Order, OrderStep
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.duties.orders import State

T = TypeVar("T")


class OrderNotFound(NotFound):
    """No such order, or none that the officer may see."""

    message = gettext_noop("There is no order %(number)s that you may see.")


@dataclass(frozen=True)
class Part(Generic[T]):
    """A part of a list, and whether more follows it."""

    rows: list[T]
    more: bool


def order(public_id: str) -> Order:
    """The order; raises OrderNotFound."""
    found = Order.objects.filter(public_id=public_id).first()
    if found is None:
        raise OrderNotFound(number=public_id)
    return found


def steps(of: Order) -> QuerySet[OrderStep]:
    """What happened to an order, in order."""
    return OrderStep.objects.filter(order=of).order_by("id")


def orders(
    states: Iterable[State] = (), *, unit: str = "", before: int | None = None, size: int
) -> Part[Order]:
    """The orders older than number `before`, newest first; read by key, nothing is counted."""
    found = Order.objects.order_by("-id")
    if states:
        found = found.filter(state__in=sorted(states))
    if unit:
        found = found.filter(unit_path=unit)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: size + 1])
    return Part(rows[:size], len(rows) > size)


def orders_of_case(case_id: int) -> QuerySet[Order]:
    """The orders of a case, newest first."""
    return Order.objects.filter(case_id=case_id).order_by("-id")


def asked(causes: Iterable[str]) -> dict[str, Order]:
    """What became of orders by their causes, for those who asked and may not see the orders."""
    with system_scope("duties.asked"):
        return {each.cause: each for each in Order.objects.filter(cause__in=list(causes))}


def clocks(
    *,
    rule: str = "",
    unit: str = "",
    after: tuple[datetime, int] | None = None,
    size: int,
) -> Part[Clock]:
    """The open clocks that end after (end, number), the first to end on top."""
    found = Clock.objects.filter(closed_at=None).order_by("due_at", "id")
    if rule:
        found = found.filter(rule=rule)
    if unit:
        found = found.filter(unit_path__within=unit)
    if after is not None:
        due, number = after
        found = found.filter(due_at__gte=due).filter(Q(due_at__gt=due) | Q(pk__gt=number))
    rows = list(found[: size + 1])
    return Part(rows[:size], len(rows) > size)
