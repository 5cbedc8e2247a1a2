"""Following the money through a hub for a reason, and taking that back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from fanzha.cases import actions
from fanzha.cases import queries as cases
from fanzha.desk.flow import drafting
from fanzha.desk.flow.hubs import hub_at
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow_notes import address_of, occasion, sheet_with

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.flow.hubs import Hub
    from fanzha.desk.views.door import OfficerRequest


@needs("case.note")
@require_POST
def follow_hub(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """Have the money followed through the hub of this node for a `reason`."""
    case, hub = cases.by_number(number), _hub(request, number, node)
    reason = request.POST.get("reason", "")
    actions.follow_hub(request.user, case, hub.account.number, reason, **occasion(case))
    messages.success(request, gettext("The hub is followed from now on."))
    return redirect(reverse("desk:flow", args=[case.number]) + address_of(request, node))


@needs("case.note")
@require_POST
def leave_hub(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """Follow the hub of this node no more."""
    case, hub = cases.by_number(number), _hub(request, number, node)
    decision = hub.followed.public_id if hub.followed else ""
    actions.leave_hub(request.user, case, decision, **occasion(case))
    messages.success(request, gettext("The hub is followed no more."))
    return redirect(reverse("desk:flow", args=[case.number]) + address_of(request, node))


def _hub(request: OfficerRequest, number: str, node: str) -> Hub:
    """The hub of this node; raises NodeNotFound."""
    sheet = sheet_with(request, cases.by_number(number), "")
    hub = hub_at(sheet, node)
    if hub is None:
        raise drafting.NodeNotFound
    return hub
