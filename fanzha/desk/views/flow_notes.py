"""What officers write down beside a fund flow: notes, and views that they saved under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import actions
from fanzha.cases import queries as cases
from fanzha.cases.rules import NOTE_SIGNS, VIEW_NAME_SIGNS
from fanzha.core import clock
from fanzha.core.masking import mask_account, mask_numbers
from fanzha.desk.flow import drafting, undoing
from fanzha.desk.flow.aim import Aim
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow import head_of, sheet_of
from fanzha.identity.queries import officer_names

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.cases.models import Case, Note
    from fanzha.desk.flow.sheet import Entry, Sheet
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.identity.acting import Occasion


@needs("case.read")
@require_GET
def flow_notes(request: OfficerRequest, number: str) -> HttpResponse:
    """The saved views and the notes; `node` names the account that a new note would be about."""
    return _panel(request, cases.by_number(number))


@needs("case.note")
@require_POST
def write_note(request: OfficerRequest, number: str) -> HttpResponse:
    """Keep `text` as a note on the account of `node`, or on the whole picture."""
    case, node = cases.by_number(number), request.POST.get("node", "")
    account = _account(sheet_with(request, case, node), node) if node else ""
    actions.write_note(
        request.user, case, request.POST.get("text", ""), account=account, **occasion(case)
    )
    return _after(request, case)


@needs("case.note")
@require_POST
def save_view(request: OfficerRequest, number: str) -> HttpResponse:
    """Keep what the address asks for, and the `node` that is open, under a `name`."""
    case, node = cases.by_number(number), request.GET.get("node", "")
    query = address_of(request, node if node.isalnum() and node.isascii() else "")
    actions.save_view(request.user, case, request.POST.get("name", ""), query, **occasion(case))
    return _after(request, case)


@needs("case.note")
@require_POST
def delete_view(request: OfficerRequest, number: str, public_id: str) -> HttpResponse:
    """Forget a view of one's own."""
    case = cases.by_number(number)
    actions.delete_view(request.user, case, public_id, **occasion(case))
    return _after(request, case)


def _after(request: OfficerRequest, case: Case) -> HttpResponse:
    if "HX-Request" in request.headers:
        return _panel(request, case)
    here = reverse("desk:flow_notes", args=[case.number])
    return redirect(here + address_of(request, request.GET.get("node", "")))


def _panel(request: OfficerRequest, case: Case) -> HttpResponse:
    node = request.GET.get("node", "")
    sheet = sheet_with(request, case, node)
    notes, views = list(cases.notes_of(case.pk)), list(cases.views_of(case.pk))
    authors = {each.officer_id for each in notes} | {each.officer_id for each in views}
    names = officer_names(authors)
    entries = {number_of(each): each for each in sheet.entries if number_of(each)}
    context: dict[str, Any] = {
        "case": case, "sheet": sheet, "query": Aim.of(request.GET).query,
        "address": address_of(request, node), "node": node, "entries": entries.values(),
        "notes": [_shown(each, entries, names) for each in notes],
        "views": [
            (each, mask_numbers(each.name), names.get(each.officer_id, "")) for each in views
        ],
        "may_note": request.user.may("case.note"),
        "most": {"note": NOTE_SIGNS, "name": VIEW_NAME_SIGNS},
    }  # fmt: skip
    part = "HX-Request" in request.headers
    context |= {"part": part, "undo": undoing.offered(request.user, case)}
    if not part:
        context |= head_of(case)
    return render(request, "desk/flow/notes.html" if part else "desk/flow/notes_page.html", context)


def _shown(note: Note, entries: dict[str, Entry], names: dict[int, str]) -> dict[str, Any]:
    return {
        "at": note.written_at,
        "by": names.get(note.officer_id, ""),
        "text": mask_numbers(note.text),
        "account": mask_account(note.account) if note.account else "",
        "entry": entries.get(note.account),
    }


def sheet_with(request: OfficerRequest, case: Case, node: str) -> Sheet:
    """The picture, with its piles opened if `node` lies in one; NodeNotFound before a payment."""
    sheet = sheet_of(request, case, Aim.of(request.GET).most)
    if sheet is None:
        raise drafting.NodeNotFound
    if node and node not in sheet.entry_of:
        sheet.draw_all()
    return sheet


def _account(sheet: Sheet, node: str) -> str:
    number = number_of(drafting.entry_of(sheet, node))
    if not number:
        raise drafting.NodeNotFound
    return number


def number_of(entry: Entry) -> str:
    """The account number of a node; empty for what is no account of a bank."""
    return entry.account.number if entry.account and not entry.account.is_nameless else ""


def address_of(request: OfficerRequest, node: str) -> str:
    """The end of the address: what is asked of the picture, and the node that is open."""
    told = Aim.of(request.GET).told | ({"node": node} if node else {})
    return f"?{urlencode(told)}" if told else ""


def occasion(case: Case) -> Occasion:
    """Now, for the work on this case's fund flow."""
    return {"at": clock.now(), "ground": Ground("case", case.number, "fund flow")}
