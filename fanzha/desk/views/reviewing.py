"""Review of emergency stops that went out: the list, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.core import clock
from fanzha.desk import reviewing as screens
from fanzha.desk.views.approvals import SEE
from fanzha.desk.views.door import ground_of, needs
from fanzha.instructions import queries, reviewing

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest


@needs(*SEE, "audit.read")
def listed(request: OfficerRequest) -> HttpResponse:
    """List every review in scope: what waits for a verdict first."""
    context = {"section": "approvals", "reviews": screens.listed(request.user)}
    return render(request, "desk/reviews.html", context)


@needs("instruction.review_stop")
@require_POST
def decide(request: OfficerRequest, package: str) -> HttpResponse:
    """Uphold the stops of the package, but not the ticked ones (`wrong`), with `reason`."""
    found = queries.package(package)
    wrong = request.POST.getlist("wrong")
    ground = ground_of(request, found.case)
    reviewing.review_stops(
        request.user, reviewing.review_of(found), wrong=wrong, at=clock.now(), ground=ground
    )
    if wrong:
        told = _("Taken back: %(count)d. What holds money has its release drafted.")
        messages.warning(request, told % {"count": len(wrong)})
    else:
        messages.success(request, _("Upheld."))
    return redirect("desk:reviews")
