"""Cases: the list, the case with its timeline, and what is decided on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.cases import actions, queries
from fanzha.cases.rules import KEPT, MOVES, Move, State
from fanzha.core import clock
from fanzha.core.masking import mask_name
from fanzha.core.refusal import Refusal
from fanzha.desk import masks, ordering, timeline
from fanzha.desk.flow.fates import Fate
from fanzha.desk.forms.choices import fraud_word, kinds
from fanzha.desk.golden import golden_of
from fanzha.desk.kept import kept
from fanzha.desk.views import duty
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.waiting import person
from fanzha.desk.words import say
from fanzha.duties import queries as duties
from fanzha.identity.queries import unit_at, unit_name, unit_names, units_below
from fanzha.instructions import queries as instructions
from fanzha.intake import queries as intake
from fanzha.scope.sight import sight
from fanzha.tracing.queries import latest_figures

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.core.paginator import Page
    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest

PER_PAGE = 25
MOST_ORDERS = 10
TABS = ("timeline", "instructions", "payments")


@needs("case.read")
def case_list(request: OfficerRequest) -> HttpResponse:
    """List the cases in scope, newest first; a posted search is answered by the search."""
    if request.method == "POST":
        return duty.search(request)
    state, number = request.GET.get("state", ""), request.GET.get("page", "1")
    today = clock.local(clock.now()).date()
    page, table = kept(
        sight(), "cases", state, number, get_language(), today,
        make=lambda: _table(state if state in set(State) else "", number, today),
    )  # fmt: skip
    context = {
        "section": "cases", "page": page, "table": table, "state": state, "states": list(State),
        "may_erase": request.user.may("case.erase"),
    }  # fmt: skip
    return render(request, "desk/cases.html", context)


@dataclass(frozen=True)
class Listed:
    """A case as its row shows it; of the victim the surname only."""

    number: str
    victim: str
    type: str
    state: str
    unit: str
    opened_at: datetime
    sums: tuple[tuple[str, int], ...]

    @property
    def bar(self) -> dict[str, int]:
        """The figures of its newest trace; empty while nothing was traced."""
        return dict(self.sums)


def _table(state: str, number: str, today: date) -> tuple[Page[Case], str]:
    """One page of the cases in this state (all when it is empty), and its table as HTML."""
    found = queries.visible().defer("search_text")
    page = Paginator(found.filter(state=state) if state else found, PER_PAGE).get_page(number)
    shown = list(page.object_list)
    figures = latest_figures([case.pk for case in shown])
    units = unit_names(case.unit_path for case in shown)
    rows = [
        Listed(
            case.number, mask_name(case.victim_name), fraud_word(case.fraud_type), case.state,
            units[case.unit_path], case.opened_at,
            tuple((bar_of(figures.get(case.pk)) or {}).items()),
        )
        for case in shown
    ]  # fmt: skip
    context = {"rows": rows, "today": today}
    return page, render_to_string("desk/case/table.html", context) if rows else ""


@needs("case.read")
def case_page(request: OfficerRequest, number: str) -> HttpResponse:
    """Show the case: head, then timeline, instructions or payments."""
    case = queries.by_number(number)
    tab = request.GET.get("tab", TABS[0])
    context = _head(request, case) | {"tab": tab if tab in TABS else TABS[0]}
    if context["tab"] == "timeline":
        everything = "all" in request.GET
        events = timeline.of_case(case.pk, everything=everything)
        context |= {"events": events, "everything": everything}
    elif context["tab"] == "instructions":
        context["instructions"] = instructions.of_case(case.pk)
    else:
        context |= _told(case) | {"reveal_told": request.user.may("person.reveal")}
    return render(request, "desk/case.html", context)


def _head(request: OfficerRequest, case: Case) -> dict[str, Any]:
    may = request.user.may
    payments = list(intake.payments_of_case(case.pk))
    fileable = (State(case.state), Move.FILE) in MOVES
    return {
        "section": "cases",
        "case": case,
        "type": fraud_word(case.fraud_type),
        "unit": unit_name(case.unit_path),
        "bar": bar_of(latest_figures([case.pk]).get(case.pk)),
        "golden": golden_of([payment.paid_at for payment in payments]),
        "payments": payments,
        "count": instructions.of_case(case.pk).count(),
        "filed_by": person(case.filed_by_id),
        "harm": instructions.harm_of(case.pk, clock.now()),
        "may_file": fileable and may("case.file"),
        "waits_for_filing": fileable and not may("case.file"),
        "may_close": (State(case.state), Move.CLOSE) in MOVES and may("case.file"),
        "keep_rule": KEPT.get(case.keep_rule),
        "may_see_erasure": bool(case.closed_at) and (may("case.erase") or may("audit.read")),
        "may_restrict": may("case.restrict") and not case.restricted,
        "units": list(units_below(request.user.unit.path)) if may("case.assign") else [],
        "orders": ordering.listed(duties.orders_of_case(case.pk)[:MOST_ORDERS])
        if may("order.read")
        else [],
        "may_issue": may("order.issue") and case.closed_at is None,
    }


def bar_of(figures: dict[str, int] | None) -> dict[str, int] | None:
    """Figures of a stored trace for the money bar; None while nothing was traced."""
    if not figures:
        return None
    fates = {str(fate): figures.get(fate, 0) for fate in Fate if fate != Fate.RETURNED}
    return fates | {"paid": sum(fates.values()), "returned": figures.get(Fate.RETURNED, 0)}


def _told(case: Case) -> dict[str, Any]:
    reports = list(intake.reports_of_case(case.pk))
    words = dict(kinds())
    payments = list(intake.payments_of_case(case.pk))
    names = [report.victim_name for report in reports] + [each.to_name for each in payments]
    return {
        "told": [
            {
                "report": report, "taken_by": person(report.taken_by_id),
                "text": masks.told(report.told, report.reported_at, names),
            }
            for report in reports
        ],
        "paid": [
            {
                "payment": each, "kind": words.get(each.kind, each.kind),
                "sources": intake.sources_of(each),
            }
            for each in payments
        ],
    }  # fmt: skip


@needs("case.file")
@require_POST
def file_case(request: OfficerRequest, number: str) -> HttpResponse:
    """Decide on filing; `number` of the decision."""
    case = queries.by_number(number)
    filing = request.POST.get("number", "").strip()[:60]
    return _decide(
        request, case, lambda ground: actions.file_case(
            request.user, case, filing, at=clock.now(), ground=ground
        ), _("Filed. Money of this case may be frozen from now on."),
    )  # fmt: skip


@needs("case.assign")
@require_POST
def assign(request: OfficerRequest, number: str) -> HttpResponse:
    """Hand the case to another unit (`unit`: its path), with a `reason`."""
    case = queries.by_number(number)
    unit = unit_at(request.POST.get("unit", ""))
    if unit is None or unit not in units_below(request.user.unit.path):
        messages.error(request, _("Choose a unit below your own."))
        return redirect("desk:case", number)
    return _decide(
        request, case,
        lambda ground: actions.assign(request.user, case, unit, at=clock.now(), ground=ground),
        _("Handed to %(unit)s.") % {"unit": unit.name},
    )  # fmt: skip


@needs("case.restrict")
@require_POST
def restrict(request: OfficerRequest, number: str) -> HttpResponse:
    """Let only members see the case from now on, for a `reason`."""
    case = queries.by_number(number)
    return _decide(
        request, case,
        lambda ground: actions.restrict(request.user, case, at=clock.now(), ground=ground),
        _("Only members see this case from now on."),
    )  # fmt: skip


def _decide(request: OfficerRequest, case: Case, act: Any, done: str) -> HttpResponse:
    """Act on the case; a refusal that the officer can mend stays on the page as a sentence."""
    ground = ground_of(request, case)
    try:
        act(ground)
    except Refusal as refusal:
        if refusal.http_status != 409:  # noqa: PLR2004 - not allowed, not found
            raise
        messages.error(request, say(refusal))
    else:
        messages.success(request, done)
    return redirect("desk:case", case.number)
