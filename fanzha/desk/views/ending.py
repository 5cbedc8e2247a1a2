"""The end of a case: closing it, and when it was kept long enough, erasing what it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import actions, queries, rules
from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.desk import erasing
from fanzha.desk.views.door import needs
from fanzha.desk.waiting import person
from fanzha.desk.words import say

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest

MOST_ERASED = 100
"""The newest proofs on the list; every case keeps its own."""


@needs("case.file")
@require_POST
def close(request: OfficerRequest, number: str) -> HttpResponse:
    """Close the case, for a `reason`."""
    case = queries.by_number(number)
    ground = Ground("case", case.number, request.POST.get("reason", "").strip()[:300])
    try:
        actions.close_case(request.user, case, at=clock.now(), ground=ground)
    except rules.CaseMoveForbidden as refusal:
        messages.error(request, say(refusal))
    else:
        messages.success(request, _("Closed. It takes no more statements."))
    return redirect("desk:case", case.number)


@needs("case.erase", "audit.read")
@require_GET
def erasures(request: OfficerRequest) -> HttpResponse:
    """List the cases that were kept long enough, and what was erased."""
    context = {
        "section": "cases",
        "due": queries.erasures_due(clock.now()),
        "erased": queries.erased()[:MOST_ERASED],
    }
    return render(request, "desk/erasures.html", context)


@needs("case.erase", "audit.read")
@require_http_methods(["GET", "POST"])
def erase(request: OfficerRequest, number: str) -> HttpResponse:
    """Show what the case holds, or the proof that it is gone; erase on `number` and `reason`."""
    case, refused = queries.by_number(number), ""
    if request.method == "POST":
        refused = _erase(request, case)
        if not refused:
            messages.success(request, _("Erased. This page is the proof."))
            return redirect("desk:case_erase", case.number)
    context = _proof(case) if case.erased_at else _before(request, case, clock.now())
    return render(request, "desk/erase.html", context | {"case": case, "refused": refused})


def _erase(request: OfficerRequest, case: Case) -> str:
    """Erase; what forbids it, as a sentence."""
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("number", "").strip() != case.number or not reason:
        return _("Nothing was erased. Write the number of the case, and why.")
    ground = Ground("case", case.number, reason[:300])
    try:
        erasing.erase_case(request.user, case, at=clock.now(), ground=ground)
    except Refusal as refusal:
        if refusal.http_status != Refusal.http_status:
            raise
        return say(refusal)
    return ""


def _before(request: OfficerRequest, case: Case, at: datetime) -> dict[str, object]:
    """What would go, and what stands in the way, the first thing to be done first."""
    return {
        "section": "cases",
        "held": erasing.told(erasing.held_of(case)),
        "forbidden": _forbidden(case, at),
        "may_erase": request.user.may("case.erase"),
    }


def _forbidden(case: Case, at: datetime) -> str:
    try:
        erasing.check(case, at)
    except Refusal as refusal:
        return say(refusal)
    return ""


def _proof(case: Case) -> dict[str, object]:
    entry = erasing.proof_of(case)
    gone = entry.facts["erased"] if entry else {}
    return {
        "section": "cases",
        "gone": erasing.told(gone),
        "entry": entry,
        "by": person(entry.officer_id) if entry else None,
    }
