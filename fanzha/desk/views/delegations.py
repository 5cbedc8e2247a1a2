"""Delegations: who stands in for which approver, until when; lent and taken back here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk.views.approvals import SEE
from fanzha.desk.views.door import needs
from fanzha.identity import delegating, queries
from fanzha.identity.rules import lendable

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

MOST = 200
"""The newest so many are listed."""


@needs(*SEE, "audit.read")
def listed(request: OfficerRequest) -> HttpResponse:
    """List every delegation and, to who holds a right, the form that lends it."""
    by, at = request.user, clock.now()
    rights = sorted(each for each in lendable() if by.holds(each))
    found = [
        {
            "it": each,
            "over": each.withdrawn_at is not None or each.until <= at,
            "may_end": by.may(each.permission),
        }
        for each in delegating.listed()[:MOST]
    ]
    context = {
        "section": "approvals",
        "delegations": found,
        "rights": rights,
        "deputies": queries.officers_of(by.unit.path).exclude(pk=by.pk) if rights else (),
        "since": f"{clock.local(at):%Y-%m-%dT%H:%M}",
    }
    return render(request, "desk/delegations.html", context)


@needs(*SEE)
@require_POST
def lend(request: OfficerRequest) -> HttpResponse:
    """Lend `permission` to `deputy` (username) from `since` to `until`, for a `reason`."""
    form = request.POST
    found = queries.officers_of(request.user.unit.path).filter(username=form.get("deputy", ""))
    deputy, since, until = found.first(), _moment(form, "since"), _moment(form, "until")
    if deputy is None or since is None or until is None:
        messages.error(request, _("Choose who stands in for you, and write from when to when."))
        return redirect("desk:delegations")
    delegating.lend(
        request.user, deputy, form.get("permission", ""), since=since, until=until,
        at=clock.now(), ground=_ground(request),
    )  # fmt: skip
    messages.success(request, _("Lent; every approval will name you too."))
    return redirect("desk:delegations")


@needs(*SEE)
@require_POST
def take_back(request: OfficerRequest, number: int) -> HttpResponse:
    """End a delegation now."""
    at = clock.now()
    found = delegating.delegation(number, at)
    delegating.take_back(request.user, found, at=at, ground=_ground(request))
    messages.success(request, _("The delegation is over."))
    return redirect("desk:delegations")


def _moment(form: dict[str, str], name: str) -> datetime | None:
    """What a field for day and time says, in the time of the centre."""
    try:
        return datetime.fromisoformat(form.get(name, "")).replace(tzinfo=clock.ZONE)
    except ValueError:
        return None


def _ground(request: OfficerRequest) -> Ground:
    return Ground("duty", "", request.POST.get("reason", "").strip())
