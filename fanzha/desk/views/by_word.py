"""Approval by word of mouth: record it, confirm or deny it, and the list of all uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.core import clock
from fanzha.desk import by_word
from fanzha.desk.views.approvals import SEE
from fanzha.desk.views.door import ground_of, needs
from fanzha.instructions import oral, queries

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest


@needs(*SEE, "audit.read")
def uses(request: OfficerRequest) -> HttpResponse:
    """List every use in scope: what waits for the approver's own word first."""
    context = {"section": "approvals", "uses": by_word.uses(request.user)}
    return render(request, "desk/words.html", context)


@needs("instruction.draft")
@require_POST
def approve(request: OfficerRequest, package: str) -> HttpResponse:
    """Record `approver` (username), called back at `called`, at the time `told` (`HH:MM`)."""
    found, at = queries.package(package), clock.now()
    named = {each.username: each for each in by_word.voices(request.user, found)}
    approver = named.get(request.POST.get("approver", ""))
    told_at = by_word.told_at(request.POST.get("told", ""), at)
    if approver is None or told_at is None:
        messages.error(request, _("Choose who gave the word, and write when: 03:15."))
        return redirect("desk:approval", package)
    kept = oral.approve_by_word(
        request.user, found, approver, called=request.POST.get("called", ""), told_at=told_at,
        at=at, ground=ground_of(request, found.case),
    )  # fmt: skip
    messages.success(
        request,
        _("Going out on the word of %(name)s, who has to confirm it by %(due)s.")
        % {"name": approver.masked_name, "due": f"{clock.local(kept.due_at):%m-%d %H:%M}"},
    )
    return redirect("desk:words")


@needs(*SEE)
@require_POST
def decide(request: OfficerRequest, package: str) -> HttpResponse:
    """Confirm (`said` yes) or deny (`said` no, with `reason`) one's own word."""
    found = queries.package(package)
    use, ground = oral.use_of(found), ground_of(request, found.case)
    if request.POST.get("said") == "yes":
        oral.confirm_word(request.user, use, at=clock.now(), ground=ground)
        messages.success(request, _("Confirmed."))
    else:
        oral.deny_word(request.user, use, at=clock.now(), ground=ground)
        messages.warning(
            request, _("Denied: what had not gone out is withdrawn, releases are drafted.")
        )
    return redirect("desk:words")
