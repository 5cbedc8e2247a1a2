"""Orders to units: the list, one order, what is done with it; and the clocks that run."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.desk import ordering
from fanzha.desk.views.door import needs
from fanzha.duties import actions, queries
from fanzha.duties.actions import Wanted
from fanzha.duties.orders import OPEN_STATES, State, kinds, priorities
from fanzha.duties.rules import register
from fanzha.identity.queries import unit_at, units_below

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.desk.views.door import OfficerRequest
    from fanzha.duties.models import Order

PER_PAGE = 50
KEY_DIGITS = 18
"""What fits a number of a row."""
HOURS_MAX = 720
READ = ("order.read", "order.issue", "order.sign")
GROUPS = {
    "open": (gettext_noop("Open"), OPEN_STATES),
    "sign": (gettext_noop("To be signed for"), {State.ISSUED}),
    "report": (gettext_noop("To be reported on"), {State.SIGNED}),
    "decide": (gettext_noop("To be decided"), {State.ANSWERED}),
    "done": (gettext_noop("Done"), {State.ACCEPTED, State.WITHDRAWN}),
}
"""Filters of the list: word and states."""


@needs(*READ)
def order_list(request: OfficerRequest) -> HttpResponse:
    """List the orders in scope, newest first; with the form of a new one."""
    group, unit = request.GET.get("group", ""), request.GET.get("unit", "")
    states = GROUPS[group][1] if group in GROUPS else frozenset()
    part = queries.orders(
        states, unit=unit if unit_at(unit) else "", before=_key(request), size=PER_PAGE
    )
    kind_choices, priority_choices, _rules = ordering.choices()
    context = {
        "section": "orders", "rows": ordering.listed(part.rows), "more": part.more, "group": group,
        "groups": [(code, _(word)) for code, (word, _states) in GROUPS.items()], "unit": unit,
        "units": list(units_below(request.user.unit.path)), "case": request.GET.get("case", ""),
        "kinds": kind_choices, "priorities": priority_choices,
        "may_issue": request.user.may("order.issue"),
    }  # fmt: skip
    return render(request, "desk/orders.html", context)


@needs(*READ)
def order_page(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Show one order: what is to be done, by when, what came of it."""
    order = queries.order(public_id)
    sheet = ordering.sheet(order, queries.steps(order), request.user)
    context = {
        "section": "orders", "it": order, "sheet": sheet,
        "user_sees_case": request.user.may("case.read") and cases.is_visible(order.case_id),
    }  # fmt: skip
    return render(request, "desk/order.html", context)


@needs(*READ)
def order_sheet(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Show the order as a sheet of paper."""
    order = queries.order(public_id)
    sheet = ordering.sheet(order, queries.steps(order), request.user)
    return render(
        request, "desk/order/sheet.html", {"section": "orders", "it": order, "sheet": sheet}
    )


@needs("order.issue")
@require_POST
def issue(request: OfficerRequest) -> HttpResponse:
    """Issue an order: `kind`, `priority`, `unit`, `text`; `case` and `hours` where given."""
    told, at = request.POST, clock.now()
    kind, priority, hours = told.get("kind", ""), told.get("priority", ""), told.get("hours", "")
    unit = unit_at(told.get("unit", ""))
    if kind not in kinds() or priority not in priorities() or unit is None:
        return HttpResponse(status=400)
    number = told.get("case", "").strip()
    case = cases.by_number(number) if number else None
    in_hours = int(hours) if hours.isdecimal() and len(hours) <= len(str(HOURS_MAX)) else 0
    wanted = Wanted(
        kind=kind, priority=priority, unit_path=unit.path, text=told.get("text", ""),
        case_id=case.pk if case else None, case_number=case.number if case else "",
        restricted=bool(case and case.restricted),
        due=at + timedelta(hours=min(in_hours, HOURS_MAX)) if in_hours else None,
    )  # fmt: skip
    order = actions.issue(request.user, wanted, at=at, ground=Ground("order", number))
    messages.success(request, _("Issued to %(unit)s.") % {"unit": unit.name})
    return redirect("desk:order", order.public_id)


@needs("order.sign")
@require_POST
def sign(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Sign for an order."""
    order = queries.order(public_id)
    actions.sign(request.user, order, at=clock.now(), ground=_ground(request, order))
    messages.success(request, _("Signed for. Report what came of it here."))
    return redirect("desk:order", public_id)


@needs("order.sign")
@require_POST
def answer(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Report on an order: `result` and `text`."""
    order = queries.order(public_id)
    actions.answer(
        request.user, order, result=request.POST.get("result", ""),
        text=request.POST.get("text", ""), at=clock.now(), ground=_ground(request, order),
    )  # fmt: skip
    messages.success(request, _("Reported."))
    return redirect("desk:order", public_id)


@needs("order.issue")
@require_POST
def decide(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Accept the feedback, send it back or withdraw the order (`do`), for a `reason`."""
    order = queries.order(public_id)
    verbs: dict[str, tuple[Callable[..., None], str]] = {
        "accept": (actions.accept, _("Accepted: the order is done.")),
        "send_back": (actions.send_back, _("Sent back to the unit.")),
        "withdraw": (actions.withdraw_order, _("Withdrawn.")),
    }
    if request.POST.get("do") not in verbs:
        return HttpResponse(status=400)
    verb, word = verbs[request.POST["do"]]
    verb(request.user, order, at=clock.now(), ground=_ground(request, order))
    messages.success(request, word)
    return redirect("desk:order", public_id)


@needs(*READ)
def clock_list(request: OfficerRequest) -> HttpResponse:
    """List the clocks that run or are overdue, the first to end on top."""
    rule, unit = request.GET.get("rule", ""), request.GET.get("unit", "")
    part = queries.clocks(
        rule=rule if rule in register() else "", unit=unit if unit_at(unit) else "",
        after=_place(request), size=PER_PAGE,
    )  # fmt: skip
    last = part.rows[-1] if part.rows else None
    context = {
        "section": "orders", "rows": ordering.running(part.rows), "rule": rule, "unit": unit,
        "rules": ordering.choices()[2], "units": list(units_below(request.user.unit.path)),
        "next": f"{last.due_at.timestamp()}~{last.pk}" if last and part.more else "",
    }  # fmt: skip
    return render(request, "desk/clocks.html", context)


def _key(request: OfficerRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdecimal() and len(text) <= KEY_DIGITS else None


def _place(request: OfficerRequest) -> tuple[datetime, int] | None:
    """Where the part before ended: `seconds~number`."""
    due, _tilde, number = request.GET.get("after", "").partition("~")
    try:
        return datetime.fromtimestamp(float(due), tz=clock.ZONE), int(number)
    except (ValueError, OverflowError, OSError):
        return None


def _ground(request: OfficerRequest, order: Order) -> Ground:
    return Ground("order", order.public_id, request.POST.get("reason", "").strip())
