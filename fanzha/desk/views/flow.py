"""The fund flow of a case: the picture, its data, the drawer, the rows behind a figure, drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.desk.flow import closed, drafting, drawer, news, rows, undoing
from fanzha.desk.flow import picture as pictures
from fanzha.desk.flow.aim import HOURS, LEAST_YUAN, Aim
from fanzha.desk.flow.beside import beside
from fanzha.desk.flow.contrary import contraries
from fanzha.desk.flow.hubs import hubs_of
from fanzha.desk.flow.result import flow_of
from fanzha.desk.flow.sheet import Sheet
from fanzha.desk.flow.steps import DRAFTS, StepKind
from fanzha.desk.flow.table import as_data
from fanzha.desk.flow.ways import path_edges
from fanzha.desk.forms.choices import fraud_word
from fanzha.desk.golden import golden_of
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.views.idle import unattended
from fanzha.entities import actions as entities
from fanzha.identity.queries import unit_name
from fanzha.instructions import actions as instructions
from fanzha.instructions import queries as orders
from fanzha.instructions.rules import Kind
from fanzha.intake import queries as intake

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.desk.flow.sheet import Entry
    from fanzha.desk.views.door import OfficerRequest


def sheet_of(
    request: OfficerRequest, case: Case, most: int = pictures.MOST_NODES, *, house: bool = False
) -> Sheet | None:
    """The fund flow as the address asks for it; None before any payment.

    `house` keeps to the rule that drafts rest on, whatever the address says.
    """
    aim = Aim(victim=_aim(request).victim, plain=1) if house else _aim(request)
    flow = flow_of(case.pk, rule=aim.rule, limits=aim.limits, by_hand=not aim.plain)
    if flow is None:
        return None
    return Sheet(case, flow, secret=settings.SECRET_KEY.encode(), victim=aim.victim, most=most)


@needs("case.read")
@require_GET
def flow(request: OfficerRequest, number: str) -> HttpResponse:
    """The picture with its table."""
    case = cases.by_number(number)
    sheet = sheet_of(request, case, _aim(request).most)
    chosen = request.GET.get("node", "")
    entry = sheet.entry_of.get(chosen) if sheet else None
    return render(request, "desk/flow.html", _page(request, case, sheet, entry))


@needs("case.read")
@require_GET
def flow_data(request: OfficerRequest, number: str) -> HttpResponse:
    """The same as data; `{}` with the case number before any payment is known."""
    case = cases.by_number(number)
    sheet = sheet_of(request, case)
    data = as_data(sheet) if sheet else {"case": case.number, "table": []}
    return JsonResponse({**data, "seen": news.mark(case.pk)})


@needs("case.read")
@require_GET
def flow_drawer(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """What is known of one node and what can be done about it; without a script a whole page."""
    case, sheet, entry = _find(request, number, node)
    if "HX-Request" not in request.headers:
        return render(request, "desk/flow.html", _page(request, case, sheet, entry))
    context = drawer.context(request.user, sheet, entry)
    context |= {"query": _aim(request).query, "aim": _aim(request)}
    return render(request, "desk/flow/drawer.html", context)


@needs("case.read")
@require_GET
def flow_rows(request: OfficerRequest, number: str, ref: str) -> HttpResponse:
    """The movements behind a figure, each with file, sheet and row."""
    case = cases.by_number(number)
    sheet = sheet_of(request, case)
    if sheet is None:
        raise drafting.NodeNotFound
    part = "HX-Request" in request.headers
    context = {"case": case, "sheet": sheet, "panel": rows.panel(sheet, ref)}
    if not part:
        context |= head_of(case)
    return render(request, "desk/flow/rows.html" if part else "desk/flow/rows_page.html", context)


@needs("case.read")
@require_GET
def flow_rules(request: OfficerRequest, number: str) -> HttpResponse:
    """Every rule side by side for each victim."""
    case = cases.by_number(number)
    sheet = sheet_of(request, case)
    if sheet is None:
        raise drafting.NodeNotFound
    part = "HX-Request" in request.headers
    context = {"case": case, "aim": _aim(request), "beside": beside(sheet)}
    if not part:
        context |= head_of(case)
    page = "desk/flow/rules.html" if part else "desk/flow/rules_page.html"
    return render(request, page, context)


@needs("case.read")
@require_GET
@never_cache
@unattended
def flow_news(request: OfficerRequest, number: str) -> HttpResponse:
    """Whether anything changed since the page was made: 204, or a line offering the new state."""
    case = cases.by_number(number)
    found = news.since(case.pk, request.GET.get("seen", ""))
    if found is None:
        return HttpResponse(status=204)
    # Traced and drawn before it is offered, so that nobody waits for it who asks for it.
    sheet = sheet_of(request, case, _aim(request).most)
    if sheet is not None:
        sheet.prepare()
    return render(request, "desk/flow/news.html", {"case": case, "news": found})


@needs("instruction.draft")
@require_POST
def flow_draft(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """Draft a stop, a query or a freeze of the account with the facts of the trace."""
    case, sheet, entry = _find(request, number, node, house=True)
    kind = request.POST.get("kind", "")
    if kind not in DRAFTS:
        return HttpResponse(status=400)
    at, ground = clock.now(), Ground("case", case.number, "fund flow")
    wanted = drafting.draft_for(
        sheet,
        entry,
        StepKind(kind),
        amount_yuan=request.POST.get("amount_yuan", ""),
        necessity=request.POST.get("necessity", ""),
        trace_id=drafting.trace_behind(request.user, sheet, ground),
    )
    instructions.draft(request.user, case, [wanted], at=at, ground=ground)
    messages.success(request, _drafted(entry, StepKind(kind)))
    return _back(request, case, entry)


@needs("instruction.draft")
@require_POST
def flow_question(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """Draft a question of `kind` to the account's bank: who opened it, what else, what moves."""
    case, sheet, entry = _find(request, number, node, house=True)
    kind = request.POST.get("kind", "")
    if kind not in drawer.ASKED:
        return HttpResponse(status=400)
    at, ground = clock.now(), Ground("case", case.number, "fund flow")
    trace_id = drafting.trace_behind(request.user, sheet, ground)
    wanted = drafting.draft_about(sheet, entry, Kind(kind), trace_id=trace_id)
    instructions.draft(request.user, case, [wanted], at=at, ground=ground)
    messages.success(request, gettext("Drafted; it waits for approval."))
    return _back(request, case, entry)


@needs("order.ask")
@require_POST
def flow_ask(request: OfficerRequest, number: str, node: str) -> HttpResponse:
    """Ask the owner of a restricted account for a `reason` to let this case see it."""
    case, _, entry = _find(request, number, node)
    if entry.account is None or entry.closed is None:
        raise drafting.NodeNotFound
    ground = Ground("case", case.number, request.POST.get("reason", "").strip())
    closed.ask(
        request.user, case, entry.account.number, entry.closed, ref=node, at=clock.now(),
        ground=ground,
    )  # fmt: skip
    messages.success(request, gettext("The owner is asked; the answer will stand here."))
    return _back(request, case, entry)


@needs("person.reveal")
@require_POST
def flow_reveal(request: OfficerRequest, number: str, node: str, what: str) -> HttpResponse:
    """Show an account number or its holder in full for a reason that is kept."""
    case, _, entry = _find(request, number, node)
    if entry.account is None or what not in {"account", "name"}:
        raise drafting.NodeNotFound
    if entry.closed:
        raise closed.AccountClosed
    value = entry.account.number if what == "account" else entry.account.holder
    full = entities.reveal(
        request.user, what, value, case_id=case.pk, at=clock.now(),
        ground=ground_of(request, case),
    )  # fmt: skip
    context = {"value": full, "kind": what, "reveal_url": request.path}
    return render(request, "desk/parts/revealed.html", context)


def _find(
    request: OfficerRequest, number: str, node: str, *, house: bool = False
) -> tuple[Case, Sheet, Entry]:
    case = cases.by_number(number)
    sheet = sheet_of(request, case, _aim(request).most, house=house)
    if sheet is None:
        raise drafting.NodeNotFound
    if node not in sheet.entry_of:
        # An account inside a pile has its own drawer, though it is not drawn.
        sheet.draw_all()
    return case, sheet, drafting.entry_of(sheet, node)


def _back(request: OfficerRequest, case: Case, entry: Entry) -> HttpResponse:
    """To the picture with the same node chosen."""
    here = reverse("desk:flow", args=[case.number])
    kept = _aim(request).query.replace("?", "&", 1)
    return redirect(f"{here}?node={entry.node.id}{kept}")


def _aim(request: OfficerRequest) -> Aim:
    return Aim.of(request.GET)


def _page(
    request: OfficerRequest, case: Case, sheet: Sheet | None, entry: Entry | None
) -> dict[str, Any]:
    context: dict[str, Any] = {
        **head_of(case),
        "sheet": sheet,
        "seen": news.mark(case.pk),
        "query": _aim(request).query,
        "aim": _aim(request),
        "choices": {"least": LEAST_YUAN[1:], "hours": HOURS[1:]},
        "may_reveal_all": request.user.may("person.reveal"),
        "may_draft": request.user.may("instruction.draft"),
        "joined": cases.bridges_of(case.pk).count(),
        "undo": undoing.offered(request.user, case),
    }
    if sheet is None:
        return context
    context["chosen"] = entry
    context["hubs"] = hubs_of(sheet)
    context["contraries"], context["contraries_rest"] = contraries(sheet)
    if entry is not None:
        context["lit"] = path_edges(sheet.flow.trace, sheet.picture, entry.node)
        context |= drawer.context(request.user, sheet, entry)
    return context


def head_of(case: Case) -> dict[str, Any]:
    """What the head of every page of a case needs."""
    payments = list(intake.payments_of_case(case.pk))
    return {
        "case": case,
        "section": "cases",
        "tab": "flow",
        "type": fraud_word(case.fraud_type),
        "unit": unit_name(case.unit_path),
        "golden": golden_of([payment.paid_at for payment in payments]),
        "payments": payments,
        "count": orders.of_case(case.pk).count(),
    }


def _drafted(entry: Entry, step: StepKind) -> str:
    words = {
        StepKind.STOP: gettext("Stop of %(account)s drafted; it waits for approval."),
        StepKind.QUERY: gettext("Query of %(account)s drafted; it waits for approval."),
        StepKind.FREEZE: gettext("Freeze of %(account)s drafted; it waits for approval."),
        StepKind.FIND_PAYEE: gettext(
            "Query of the payer's account drafted; it waits for approval."
        ),
    }
    account = entry.account
    name = f"{account.institution_name} {account.tail}" if account else ""
    return words[step] % {"account": name.strip()}
