"""Instructions: the list, and the page with states, messages, clocks and paper."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from fanzha.core import clock
from fanzha.core.money import BadAmount, parse_yuan
from fanzha.desk.asking import draft_question, questions_of
from fanzha.desk.flow.drafting import AmountUnreadable
from fanzha.desk.following import at_stake, ways_on
from fanzha.desk.holders import holder_of
from fanzha.desk.holdings import draft_query, offered
from fanzha.desk.letters import letters_of, meaning_of
from fanzha.desk.onward import draft_next, next_of
from fanzha.desk.settling import on_telephone
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.waiting import RELEASES, balance_of, masked_paper, person
from fanzha.desk.words import kind_word
from fanzha.identity.models import Officer
from fanzha.instructions import actions, guarding, queries, watching
from fanzha.instructions.rules import (
    HOLDING_STATES,
    MOVES,
    RELEASE_OF,
    WAITING_STATES,
    Move,
    ReleaseGround,
    State,
)

if TYPE_CHECKING:
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.instructions.models import Instruction

PER_PAGE = 50
KEY_DIGITS = 18
"""What fits a number of a row."""
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
    states = GROUPS[group][1] if group in GROUPS else frozenset()
    part = queries.part(
        states, before=_key(request, "before"), after=_key(request, "after"), size=PER_PAGE
    )
    groups = [(code, _(word)) for code, (word, _states) in GROUPS.items()]
    context = {"section": "instructions", "part": part, "group": group, "groups": groups}
    return render(request, "desk/instructions.html", context)


def _key(request: OfficerRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= KEY_DIGITS else None


@needs("instruction.read")
def instruction_page(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Show one instruction: what it asks, where it stands, what was sent and answered."""
    instruction = queries.by_public_id(public_id)
    history = list(queries.history(instruction))
    concerns = instruction.concerns
    batches = list(queries.batches_of(instruction))
    context = {
        "section": "instructions",
        "it": instruction,
        "concerns": concerns,
        "releases": instruction.kind in RELEASES,
        "stake": at_stake(concerns) if concerns else None,
        "ways": ways_on(request.user, instruction, clock.now()),
        "followed": list(queries.follow_ons(instruction)),
        "title": kind_word(instruction.kind),
        "history": [(change, _actor(change.actor)) for change in history],
        "letters": letters_of(instruction),
        "meaning": meaning_of(instruction),
        "onward": next_of(request.user, instruction, clock.now()),
        "questions": questions_of(request.user, instruction),
        "holder": holder_of(instruction),
        "batches": batches,
        "unseen": sum(each.seen_at is None for each in batches),
        "found": offered(request.user, instruction),
        "may_ask": request.user.may("instruction.draft"),
        "paper": masked_paper(instruction, instruction.approved_at or instruction.drafted_at),
        "drafted_by": person(instruction.drafted_by_id),
        "approved_by": person(instruction.approved_by_id),
        "approved_for": person(instruction.approved_for_id),
        "said": balance_of(instruction),
        "waits": instruction.state in WAITING_STATES,
        "holds": instruction.kind in RELEASE_OF and instruction.state in HOLDING_STATES,
        "settling": on_telephone(request.user, instruction),
        "may_withdraw": _may_withdraw(request, instruction),
        "guard": guarding.guard_of(instruction.account),
        "escapes": list(queries.escapes_of(instruction)),
        "may_explain": request.user.may("instruction.draft"),
    }
    return render(request, "desk/instruction.html", context)


@needs("instruction.withdraw")
@require_POST
def withdraw(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Take back what has not gone out, for a `reason`."""
    instruction = queries.by_public_id(public_id)
    ground = ground_of(request, instruction.case)
    actions.withdraw(request.user, instruction, at=clock.now(), ground=ground)
    messages.success(request, _("Withdrawn."))
    return redirect("desk:instruction", public_id)


@needs("instruction.draft")
@require_POST
def release(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Draft the release of a hold: `because` (a ground), `reason`, for a reduction `keep_yuan`."""
    hold = queries.by_public_id(public_id)
    because = request.POST.get("because", "")
    if because not in set(ReleaseGround):
        return HttpResponse(status=400)
    actions.draft_release(
        request.user, hold, ReleaseGround(because),
        keep_fen=_fen(request.POST.get("keep_yuan", "")) if because == "reduction" else None,
        at=clock.now(), ground=ground_of(request, hold.case),
    )  # fmt: skip
    messages.success(request, _("Release drafted; it waits for approval."))
    return _back(request, hold)


@needs("instruction.draft")
@require_POST
def extend(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Draft one more term of a hold, for a `reason`."""
    hold = queries.by_public_id(public_id)
    actions.draft_extension(
        request.user, hold, at=clock.now(), ground=ground_of(request, hold.case)
    )
    messages.success(request, _("Extension drafted; it waits for approval."))
    return _back(request, hold)


@needs("instruction.draft")
@require_POST
def onward(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Draft the `step` that follows from the answer, for a `reason`; `account_name` after 0301.

    `necessity` says why an account on the guard list is held all the same (0302).
    """
    answered = queries.by_public_id(public_id)
    made = draft_next(
        request.user, answered, request.POST.get("step", ""),
        told=request.POST.get("account_name", ""), necessity=request.POST.get("necessity", ""),
        at=clock.now(),
        ground=ground_of(request, answered.case),
    )  # fmt: skip
    messages.success(request, _("Drafted; it waits for approval."))
    return redirect("desk:instruction", made.public_id)


@needs("instruction.draft")
@require_POST
def ask(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Draft a query of `kind` about the same account, for a `reason`."""
    of = queries.by_public_id(public_id)
    made = draft_question(
        request.user, of, request.POST.get("kind", ""), at=clock.now(),
        ground=ground_of(request, of.case),
    )  # fmt: skip
    messages.success(request, _("Drafted; it waits for approval."))
    return redirect("desk:instruction", made.public_id)


@needs("instruction.draft")
@require_POST
def ask_found(request: OfficerRequest, public_id: str, place: int) -> HttpResponse:
    """Draft the query of an account that the answer named at this place, for a `reason`."""
    of = queries.by_public_id(public_id)
    made = draft_query(request.user, of, place, at=clock.now(), ground=ground_of(request, of.case))
    messages.success(request, _("Drafted; it waits for approval."))
    return redirect("desk:instruction", made.public_id)


@needs("instruction.draft")
@require_POST
def see_batches(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Note for what `reason` the news of a watched account press no longer."""
    watch = queries.by_public_id(public_id)
    watching.see(request.user, watch, at=clock.now(), ground=ground_of(request, watch.case))
    messages.success(request, _("Noted."))
    return redirect("desk:instruction", public_id)


@needs("instruction.draft")
@require_POST
def explain_escape(request: OfficerRequest, public_id: str, number: int) -> HttpResponse:
    """Write down for what `reason` money could leave while the hold was in force."""
    hold = queries.by_public_id(public_id)
    escape = queries.escape(hold, number)
    actions.explain_escape(
        request.user, escape, at=clock.now(), ground=ground_of(request, hold.case)
    )
    messages.success(request, _("Noted."))
    return redirect("desk:instruction", public_id)


def _fen(text: str) -> int | None:
    try:
        return parse_yuan(text.strip()) if text.strip() else None
    except BadAmount:
        raise AmountUnreadable(amount=text) from None


def _back(request: OfficerRequest, hold: Instruction) -> HttpResponse:
    """To the picture, if it was asked for there, with what its address said; else to the hold."""
    node = request.POST.get("node", "")
    if not node:
        return redirect("desk:instruction", hold.public_id)
    kept = {name: request.GET[name] for name in ("victim", "all") if request.GET.get(name)}
    return redirect(
        f"{reverse('desk:flow', args=[hold.case.number])}?{urlencode({'node': node} | kept)}"
    )


def _may_withdraw(request: OfficerRequest, instruction: Instruction) -> bool:
    possible = (State(instruction.state), Move.WITHDRAW) in MOVES
    return possible and request.user.may("instruction.withdraw")


def _actor(name: str) -> str:
    """`林** 岚江市反诈中心`; the system by itself."""
    if name.startswith("system:"):
        return _("by itself")
    found = Officer.objects.select_related("unit").filter(username=name).first()
    return f"{found.masked_name} {found.unit.name}" if found else name
