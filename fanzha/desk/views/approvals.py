"""Approvals: the queue by the clock that ends first, the paper as it goes out, the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.core import clock
from fanzha.desk import by_word, waiting
from fanzha.desk.context import PERMISSIONS_OF_SECTION
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.waiting import Waiting
from fanzha.instructions import actions, queries
from fanzha.instructions.rules import State

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

SEE = (*PERMISSIONS_OF_SECTION["approvals"], "instruction.read")


@needs(*SEE)
def queue(request: OfficerRequest, package: str = "") -> HttpResponse:
    """Show the queue and one package of it: the named one, else the most pressing."""
    at = clock.now()
    desk = waiting.desk_of(request.user)
    chosen = Waiting.of(queries.package(package)) if package else next(iter(desk.mine), None)
    if chosen is not None and not chosen.instructions:
        messages.info(request, _("Nothing of this package waits any more."))
        return redirect("desk:approvals")
    context = {"section": "approvals", "desk": desk, "chosen": chosen}
    if chosen is not None:
        found = chosen.package
        sheets = waiting.sheets(chosen, at)
        lender = request.user.stands_in_for(found.permission)
        drafters = {request.user.pk, lender.pk if lender else None}
        context |= {
            "lender": lender,
            "sheets": sheets,
            "overruled": any(each.overruled for each in sheets),
            "consequence": waiting.consequences(chosen),
            "drafted_by": waiting.person(found.drafted_by_id),
            "may": request.user.may(found.permission) and found.drafted_by_id not in drafters,
            "own": found.drafted_by_id == request.user.pk,
            "permission": found.permission,
            "voices": by_word.voices(request.user, found),
            "told": f"{clock.local(at):%H:%M}",
        }
    return render(request, "desk/approvals.html", context)


@needs(*SEE)
@require_POST
def approve(request: OfficerRequest, package: str) -> HttpResponse:
    """Approve the ticked objects (`object`, public ids); what is not ticked stays undecided.

    `reason` is why an account on the guard list is held all the same.
    """
    found = queries.package(package)
    ticked = set(request.POST.getlist("object"))
    listed = found.instructions.filter(state=State.AWAITING_APPROVAL)
    left_out = [each for each in listed.values_list("public_id", flat=True) if each not in ticked]
    if not ticked:
        messages.error(request, _("Nothing is ticked, so nothing was approved."))
        return redirect("desk:approval", package)
    count = actions.approve(
        request.user, found, without=left_out, at=clock.now(),
        ground=ground_of(request, found.case),
    )  # fmt: skip
    messages.success(request, _("Approved and going out: %(count)d.") % {"count": count})
    if left_out:
        messages.warning(
            request, _("%(count)d left out; return them with a reason.") % {"count": len(left_out)}
        )
        return redirect("desk:approval", package)
    return redirect("desk:approvals")


@needs(*SEE)
@require_POST
def send_back(request: OfficerRequest, package: str) -> HttpResponse:
    """Return the package with a reason (`reason`); with `only` (public ids) just those."""
    found = queries.package(package)
    actions.send_back(
        request.user, found, only=request.POST.getlist("only"), at=clock.now(),
        ground=ground_of(request, found.case),
    )  # fmt: skip
    messages.success(request, _("Returned with your reason."))
    return redirect("desk:approvals")
