"""Reports by banks: the list, and what becomes of each: a case, part of a case, or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.desk.actions import take_report
from fanzha.desk.leads import report_of, shown
from fanzha.desk.views.door import needs
from fanzha.desk.views.intake import tell, to_case
from fanzha.identity.acting import system_scope
from fanzha.instructions import leads, queries

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

PER_PAGE = 20


@needs("report.file")
def lead_list(request: OfficerRequest) -> HttpResponse:
    """List what waits for a decision, the oldest first."""
    page = Paginator(queries.leads(), PER_PAGE).get_page(request.GET.get("page"))
    context = {"section": "leads", "page": page, "leads": shown(page.object_list)}
    return render(request, "desk/leads.html", context)


@needs("report.file")
@require_POST
def open_case(request: OfficerRequest, public_id: str) -> HttpResponse:
    """File the report as one through the door of banks: it opens a case or joins one."""
    lead, at = queries.lead(public_id), clock.now()
    ground = Ground("report", public_id)
    taken = take_report(request.user, report_of(lead), at=at, ground=ground)
    # The case may be another unit's, as that of any report.
    with system_scope("desk.join_case"):
        leads.join(request.user, lead, taken.case, at=at, ground=ground)
    tell(request, taken)
    return to_case(request, taken.report)


@needs("report.file")
@require_POST
def join(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Put the report to the case of this `number`."""
    lead = queries.lead(public_id)
    case = cases.by_number(request.POST.get("number", "").strip().upper())
    ground = Ground("case", case.number)
    leads.join(request.user, lead, case, at=clock.now(), ground=ground)
    messages.success(request, _("Noted."))
    return redirect("desk:case", case.number)


@needs("report.file")
@require_POST
def settle(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Do nothing more about it, for a `reason`."""
    lead = queries.lead(public_id)
    ground = Ground("report", public_id, request.POST.get("reason", "").strip())
    leads.settle(request.user, lead, at=clock.now(), ground=ground)
    messages.success(request, _("Settled; the message itself is kept."))
    return redirect("desk:leads")
