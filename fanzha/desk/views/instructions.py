"""Instructions: the list, and the page with states, messages, clocks and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk.letters import letters_of, meaning_of
from fanzha.desk.views.door import needs
from fanzha.desk.waiting import balance_of, kind_word, masked_paper, person
from fanzha.identity.models import Officer
from fanzha.instructions import actions, queries
from fanzha.instructions.rules import HOLDING_STATES, MOVES, WAITING_STATES, Move, State

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest
    from fanzha.instructions.models import Instruction

PER_PAGE = 50
GROUPS = {
    "open": (
        gettext_noop("Before sending"),
        {State.DRAFT, State.AWAITING_APPROVAL, State.APPROVED},
    ),
    "waiting": (gettext_noop("Waiting for the bank"), set(WAITING_STATES)),
    "holding": (gettext_noop("In force"), set(HOLDING_STATES)),
    "failed": (
        gettext_noop("Failed or unclear"),
        {State.FAILED, State.UNKNOWN_RESULT, State.RETURNED},
    ),
    "ended": (
        gettext_noop("Ended"),
        {
            State.LAPSED,
            State.RELEASED,
            State.RELEASED_BY_LAW,
            State.WITHDRAWN,
            State.APPROVAL_EXPIRED,
        },
    ),
}
"""Filters of the list: word and states."""


@needs("instruction.read")
def instruction_list(request: OfficerRequest) -> HttpResponse:
    """List the instructions in scope, newest first."""
    group = request.GET.get("group", "")
    found = queries.visible()
    if group in GROUPS:
        found = found.filter(state__in=sorted(GROUPS[group][1]))
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    groups = [(code, _(word)) for code, (word, _states) in GROUPS.items()]
    context = {"section": "instructions", "page": page, "group": group, "groups": groups}
    return render(request, "desk/instructions.html", context)


@needs("instruction.read")
def instruction_page(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Show one instruction: what it asks, where it stands, what was sent and answered."""
    instruction = queries.by_public_id(public_id)
    history = list(queries.history(instruction))
    context = {
        "section": "instructions",
        "it": instruction,
        "title": kind_word(instruction.kind),
        "history": [(change, _actor(change.actor)) for change in history],
        "letters": letters_of(instruction),
        "meaning": meaning_of(instruction),
        "paper": masked_paper(instruction, instruction.approved_at or instruction.drafted_at),
        "drafted_by": person(instruction.drafted_by_id),
        "approved_by": person(instruction.approved_by_id),
        "said": balance_of(instruction),
        "waits": instruction.state in WAITING_STATES,
        "holds": instruction.state in HOLDING_STATES,
        "may_withdraw": _may_withdraw(request, instruction),
    }
    return render(request, "desk/instruction.html", context)


@needs("instruction.withdraw")
@require_POST
def withdraw(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Take back what has not gone out, for a `reason`."""
    instruction = queries.by_public_id(public_id)
    ground = Ground("case", instruction.case.number, request.POST.get("reason", "").strip())
    actions.withdraw(request.user, instruction, at=clock.now(), ground=ground)
    messages.success(request, _("Withdrawn."))
    return redirect("desk:instruction", public_id)


def _may_withdraw(request: OfficerRequest, instruction: Instruction) -> bool:
    possible = (State(instruction.state), Move.WITHDRAW) in MOVES
    return possible and request.user.may("instruction.withdraw")


def _actor(name: str) -> str:
    """`林** 岚江市反诈中心`; the system by itself."""
    if name.startswith("system:"):
        return _("by itself")
    found = Officer.objects.select_related("unit").filter(username=name).first()
    return f"{found.masked_name} {found.unit.name}" if found else name
