"""Drafting every proposed stop and query of a case at once: one package per approver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_account
from fanzha.core.refusal import Refusal
from fanzha.desk.flow import drafting
from fanzha.desk.flow.steps import StepKind
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow import sheet_of
from fanzha.desk.words import say
from fanzha.instructions import actions as instructions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse

    from fanzha.desk.flow.sheet import Sheet
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.instructions.drafts import Draft

AT_ONCE = {
    "follow": (StepKind.STOP, StepKind.QUERY, StepKind.FIND_PAYEE),
    "freeze": (StepKind.FREEZE,),
}


@needs("instruction.draft")
@require_POST
def draft_all(request: OfficerRequest, number: str) -> HttpResponse:
    """Draft what the picture proposes; what the rules refuse is said and left out."""
    case = cases.by_number(number)
    at, ground = clock.now(), Ground("case", case.number, _("fund flow, all proposals"))
    sheet = sheet_of(request, case, house=True)
    kinds = AT_ONCE.get(request.POST.get("what", ""), ())
    drafts: list[Draft] = []
    for wanted in _proposed(request, sheet, kinds, ground) if sheet else ():
        if any((wanted.kind, wanted.account) == (each.kind, each.account) for each in drafts):
            continue  # Two payments to unknown payees by one payer need one query.
        try:
            instructions.check_draft(request.user, case, wanted)
            drafts.append(wanted)
        except Refusal as refusal:
            to = mask_account(wanted.account)
            messages.warning(
                request, _("Not drafted for %(to)s: %(why)s") % {"to": to, "why": say(refusal)}
            )
    if drafts:
        instructions.draft(request.user, case, drafts, at=at, ground=ground)
        messages.success(request, _("%(count)s drafts wait for approval.") % {"count": len(drafts)})
    else:
        messages.info(request, _("There is nothing new to draft."))
    return redirect("desk:flow", case.number)


def _proposed(
    request: OfficerRequest, sheet: Sheet, kinds: tuple[StepKind, ...], ground: Ground
) -> Iterator[Draft]:
    trace_id = drafting.trace_behind(request.user, sheet, ground) if kinds else None
    for entry in sheet.entries:
        for step in entry.steps:
            if step.kind in kinds:
                yield drafting.draft_for(sheet, entry, step.kind, trace_id=trace_id)
