"""The guard list: which accounts are not held without a decision one level up, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk.views.door import needs
from fanzha.instructions import guarding, guards

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest


@needs("instruction.read")
def listed(request: OfficerRequest) -> HttpResponse:
    """Show the list, the groups and, to whoever may, the forms."""
    context = {
        "section": "instructions",
        "guards": guarding.listed(),
        "groups": guards.groups().values(),
        "may_guard": request.user.may("instruction.draft"),
        "may_unguard": request.user.may("instruction.approve_beyond"),
    }
    return render(request, "desk/guards.html", context)


@needs("instruction.draft")
@require_POST
def guard(request: OfficerRequest) -> HttpResponse:
    """Put `account` on the list in `group`; `reason` is the source that says so."""
    form = request.POST
    guarding.guard(
        request.user, form.get("account", ""), form.get("group", ""), at=clock.now(),
        ground=_ground(request),
    )  # fmt: skip
    messages.success(request, _("On the guard list."))
    return redirect("desk:guards")


@needs("instruction.approve_beyond")
@require_POST
def unguard(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Take one entry off the list for a `reason`."""
    guarding.unguard(
        request.user, guarding.entry(public_id), at=clock.now(), ground=_ground(request)
    )
    messages.success(request, _("Off the guard list."))
    return redirect("desk:guards")


def _ground(request: OfficerRequest) -> Ground:
    return Ground("duty", "", request.POST.get("reason", "").strip())
