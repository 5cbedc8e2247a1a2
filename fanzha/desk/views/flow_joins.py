"""What officers join by hand in a fund flow, and undoing and redoing their own steps there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from fanzha.cases import actions
from fanzha.cases import queries as cases
from fanzha.cases.rules import REASON_SIGNS
from fanzha.core import clock
from fanzha.core.masking import mask_numbers
from fanzha.core.money import BadAmount, parse_yuan
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.desk.flow import drafting, undoing
from fanzha.desk.flow.aim import Aim
from fanzha.desk.flow.drafting import AmountUnreadable
from fanzha.desk.flow.ways import hop
from fanzha.desk.forms.readings import Unreadable, account_of
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow import head_of
from fanzha.desk.views.flow_notes import address_of, number_of, occasion, sheet_with
from fanzha.identity.queries import officer_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from fanzha.cases.models import Bridge, Case
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.desk.flow.ways import Hop
    from fanzha.desk.views.door import OfficerRequest

MOST_LEFT = 200
"""So many transfers to nobody can be chosen from, the largest traced first."""


class PayeeUnreadable(Refusal):
    """A join needs the account to which the money went."""

    message = gettext_noop("Choose the account to which the money went, or write its number.")


class MomentUnreadable(Refusal):
    """A join without a moment cannot stand among the rows."""

    message = gettext_noop("Write when the money came, as 2026-03-18 11:12.")


@needs("case.read")
@require_GET
def flow_joins(request: OfficerRequest, number: str) -> HttpResponse:
    """What is joined by hand; `node` names the account or exit that a new join begins at."""
    case, node = cases.by_number(number), request.GET.get("node", "")
    sheet = sheet_with(request, case, node)
    joined = list(cases.bridges_of(case.pk))
    names = officer_names({each.officer_id for each in joined})
    context: dict[str, Any] = {
        "case": case, "sheet": sheet, "node": node, "query": Aim.of(request.GET).query,
        "address": address_of(request, node),
        "entries": [each for each in sheet.entries if number_of(each)],
        "left": list(_left(sheet, node)),
        "joined": [(each, names.get(each.officer_id, ""), *_sides(sheet, each)) for each in joined],
        "may_note": request.user.may("case.note"), "most": REASON_SIGNS,
    }  # fmt: skip
    part = "HX-Request" in request.headers
    if not part:
        context |= head_of(case)
    return render(request, f"desk/flow/{'joins' if part else 'joins_page'}.html", context)


@needs("case.note")
@require_POST
def join_by_hand(request: OfficerRequest, number: str) -> HttpResponse:
    """Join `source` (`row:` and an id, or a node) to the account of `target` or of `payee`."""
    case, told = cases.by_number(number), request.POST
    sheet = sheet_with(request, case, told.get("source", ""))
    payee = _payee(sheet, told.get("target", ""), told.get("payee", ""))
    source, _, row_id = told.get("source", "").partition(":")
    moment = told.get("moved_at", "").strip()
    if source == "row":
        found = _row(sheet, row_id)
        payer, amount, at = found.from_account, found.row_fen, found.at
        moved_at = _moment(moment) if moment else at
    else:
        payer = number_of(drafting.entry_of(sheet, source))
        amount, moved_at, row_id = _amount(told.get("amount_yuan", "")), _moment(moment), ""
    actions.join_by_hand(
        request.user, case, payer=payer, payee=payee, amount_fen=amount, moved_at=moved_at,
        reason=told.get("reason", ""), row_id=row_id, **occasion(case),
    )  # fmt: skip
    messages.success(request, gettext("Joined by hand; tracing follows it, drafts do not."))
    return _back(request, case)


@needs("case.note")
@require_POST
def part_again(request: OfficerRequest, number: str, public_id: str) -> HttpResponse:
    """Withdraw a join."""
    case = cases.by_number(number)
    actions.part_again(request.user, case, public_id, **occasion(case))
    messages.success(request, gettext("The join is withdrawn."))
    return _back(request, case)


@needs("case.note")
@require_POST
def undo(request: OfficerRequest, number: str) -> HttpResponse:
    """Undo one's own last step."""
    case = cases.by_number(number)
    step = actions.undo(request.user, case, **occasion(case))
    said = gettext("Undone: %(what)s") % {"what": gettext(undoing.word(step))}
    messages.success(request, said)
    return _back(request, case)


@needs("case.note")
@require_POST
def redo(request: OfficerRequest, number: str) -> HttpResponse:
    """Do again what one undid last."""
    case = cases.by_number(number)
    step = actions.redo(request.user, case, **occasion(case))
    said = gettext("Done again: %(what)s") % {"what": gettext(undoing.word(step))}
    messages.success(request, said)
    return _back(request, case)


def _back(request: OfficerRequest, case: Case) -> HttpResponse:
    return redirect(reverse("desk:flow", args=[case.number]) + address_of(request, ""))


def _left(sheet: Sheet, node: str) -> Iterator[tuple[str, Hop, str]]:
    """Transfers to nobody, of the exit `node` if it is one: id, transfer, way out."""
    movements = sheet.flow.trace.movements
    exits = [each.node for each in sheet.entries if each.node.kind in {"exit", "exits"}]
    rows = [
        (-sum(node.ended[row].values()), row) for node in exits for row in node.in_rows
        if row in node.ended
    ]  # fmt: skip
    chosen = next((each.in_rows for each in exits if each.id == node), None)
    for _, row in sorted(rows)[:MOST_LEFT] if chosen is None else sorted((0, r) for r in chosen):
        found = hop(sheet.flow.trace, row, 0)
        closed = sheet.accounts[found.from_account].closed
        if found.from_account and not found.to_account and not closed:
            yield movements.ids[row], found, str(movements.channel[row])


def _row(sheet: Sheet, row_id: str) -> Hop:
    """The transfer to nobody with this id; raises NodeNotFound."""
    sheet.draw_all()
    for name, found, _ in _left(sheet, ""):
        if name == row_id:
            return found
    raise drafting.NodeNotFound


def _sides(sheet: Sheet, bridge: Bridge) -> tuple[str, str, str]:
    """The accounts of a join as the sheet knows them, and its reason without long numbers."""
    key_of = sheet.flow.given.transfers.key_of
    payer, payee = (key_of.get(each, each) for each in (bridge.payer, bridge.payee))
    return payer, payee, mask_numbers(bridge.reason)


def _payee(sheet: Sheet, node: str, written: str) -> str:
    if node:
        return number_of(drafting.entry_of(sheet, node))
    try:
        found = account_of(written.strip(), "transfer")
    except Unreadable as problem:
        raise PayeeUnreadable from problem
    if not found or "*" in found:
        raise PayeeUnreadable
    return found


def _amount(text: str) -> int:
    try:
        return parse_yuan(text)
    except BadAmount as problem:
        raise AmountUnreadable(amount=text) from problem


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)
    except ValueError as problem:
        raise MomentUnreadable from problem
