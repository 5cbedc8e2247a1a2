"""Delegations (授权代批): an approver lends one right to a deputy for a span; dated, never passed on.

The deputy acts under her own name, for the approver: she sees what her own unit sees, approves no
draft of hers and none of the approver's. A lent right dies with the role of whoever lent it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from fanzha.core.refusal import NotAllowed, NotFound, Refusal, gettext_noop
from fanzha.core.spans import Limit, Span
from fanzha.identity import rules
from fanzha.identity.acting import action, record
from fanzha.identity.models import Delegation

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer

DELEGATION = Limit("delegation", Span(days=30), "project", mark="assumed")
"""The longest span of one delegation; a longer one is given anew."""


class NotLendable(NotAllowed):
    """Only approvals are lent, and only by whoever holds them by her own role."""

    message = gettext_noop("You cannot lend this right: %(permission)s.")


class NoDeputy(Refusal):
    """Herself, somebody whose account is closed, or somebody who holds the right already."""

    message = gettext_noop("%(officer)s cannot stand in for you here.")


class SpanNotAllowed(Refusal):
    """It ends after it begins, after now, and not later than the limit says."""

    message = gettext_noop("A delegation ends after it begins, and within %(days)d days.")


class ReasonForLending(Refusal):
    """Whoever reads the list must understand why."""

    message = gettext_noop("Write why you are away or need a deputy.")


class DelegationNotFound(NotFound):
    """No such delegation, or it is over."""

    message = gettext_noop("This delegation is over or was withdrawn already.")


def _permission_lent(_deputy: Officer, permission: str) -> str:
    return permission


@action(_permission_lent)
def lend(
    by: Officer,
    deputy: Officer,
    permission: str,
    *,
    since: datetime,
    until: datetime,
    at: datetime,
    ground: Ground,
) -> Delegation:
    """Lend one right of approval to a deputy from `since` to `until`."""
    if permission not in rules.lendable() or not by.holds(permission):
        raise NotLendable(permission=permission)
    if deputy.pk == by.pk or not deputy.is_active or deputy.holds(permission):
        raise NoDeputy(officer=deputy.masked_name)
    if not since < until or until <= at or until > DELEGATION.ends(since):
        raise SpanNotAllowed(days=DELEGATION.span.days)
    if not ground.reason.strip():
        raise ReasonForLending
    lent: Delegation = Delegation.objects.create(
        giver=by, deputy=deputy, permission=permission, since=since, until=until,
        reason=ground.reason.strip(), given_at=at,
    )  # fmt: skip
    record(
        "delegation", str(lent.pk), to=deputy.username, permission=permission,
        since=since.isoformat(), until=until.isoformat(),
    )  # fmt: skip
    return lent


def _permission_of(delegation: Delegation) -> str:
    return delegation.permission


@action(_permission_of)
def take_back(by: Officer, delegation: Delegation, *, at: datetime, ground: Ground) -> None:
    """End a delegation now: by who gave it, by who has it, or by who holds the same right."""
    open_still = Delegation.objects.filter(pk=delegation.pk, withdrawn_at=None, until__gt=at)
    if not open_still.update(withdrawn_at=at):
        raise DelegationNotFound
    record("delegation", str(delegation.pk), permission=delegation.permission)


def listed() -> QuerySet[Delegation]:
    """Every delegation, those that end last first."""
    return Delegation.objects.select_related("giver__unit", "deputy__unit").order_by("-until", "id")


def delegation(number: int, at: datetime) -> Delegation:
    """One that is not over; raises DelegationNotFound."""
    found = listed().filter(Q(withdrawn_at=None), pk=number, until__gt=at).first()
    if found is None:
        raise DelegationNotFound
    return found
