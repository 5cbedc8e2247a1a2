"""The next step after an answer, as the page of an instruction offers and drafts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.channels.bank_gateway.models import Message
from fanzha.core.clock import local
from fanzha.core.refusal import Refusal
from fanzha.desk.words import kind_word, say
from fanzha.instructions import actions, guarding, orders
from fanzha.instructions.answers import outcome_of
from fanzha.instructions.drafts import Draft
from fanzha.instructions.inquiries import halves
from fanzha.instructions.onward import Asked, NoSuchStep, Step, asked_by, step_after
from fanzha.instructions.rules import Kind, State
from fanzha.movements import queries as statements

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

ORDERS = {
    Step.AGAIN: gettext_noop("Draft again: %(kind)s"),
    Step.RENAMED: gettext_noop("Draft with this name: %(kind)s"),
    Step.QUERY: gettext_noop("Draft: query this account"),
    Step.HALVES: gettext_noop("Draft: query both halves"),
    Step.FREEZE: gettext_noop("Freeze what is traced: open the fund flow"),
}


@dataclass(frozen=True)
class Next:
    """One button: `order` and `terms` are its lines; `against` is why it cannot be drafted now.

    An account that is `guarded` is held all the same for a reason in writing.
    """

    step: Step
    order: str
    terms: str
    against: str
    guarded: bool


def next_of(officer: Officer, instruction: Instruction, at: datetime) -> Next | None:
    """What this officer may draft now after the answer; None where nothing is to be done."""
    step = _step(instruction)
    if step is None or not officer.may("instruction.draft"):
        return None
    order = _(ORDERS[step]) % {"kind": kind_word(instruction.kind)}
    found = guarding.forbidden(Kind(instruction.kind), instruction.account, instruction.amount_fen)
    guarded = step in (Step.AGAIN, Step.RENAMED) and found is not None
    return Next(
        step, order, _terms(instruction, step), _against(officer, instruction, step, at), guarded
    )


def draft_next(
    by: Officer,
    instruction: Instruction,
    step: str,
    *,
    told: str,
    necessity: str = "",
    at: datetime,
    ground: Ground,
) -> Instruction:
    """Draft the step and return the first instruction of it.

    `told` is a name typed by hand, `necessity` why an account on the guard list is held.

    Raises NoSuchStep when the answer does not offer it, and whatever a draft may meet.
    """
    if step != _step(instruction) or step == Step.FREEZE:
        raise NoSuchStep
    drafts = _drafts(instruction, Step(step), told, ground.reason, necessity.strip())
    (package, *_rest) = actions.draft(by, instruction.case, drafts, at=at, ground=ground)
    first: Instruction = package.instructions.order_by("id")[0]
    return first


def _step(instruction: Instruction) -> Step | None:
    if not instruction.result_code or instruction.state == State.RELEASED:
        return None
    kind = Kind(instruction.kind)
    return step_after(
        kind, outcome_of(kind, instruction.result_code), cut_off=_cut_off(instruction)
    )


def _cut_off(instruction: Instruction) -> bool:
    if instruction.kind != Kind.QUERY:
        return False
    received = Message.objects.filter(
        application_id=instruction.application_id, outgoing=False
    ).values_list("pk", flat=True)
    return statements.cut_off(received)


def _drafts(
    instruction: Instruction, step: Step, told: str, reason: str, necessity: str
) -> list[Draft]:
    asked = asked_by(
        step, Kind(instruction.kind), name=instruction.account_name, told=told,
        period=_period(instruction),
    )  # fmt: skip
    return [_draft(instruction, each, reason, necessity) for each in asked]


def _draft(earlier: Instruction, asked: Asked, reason: str, necessity: str) -> Draft:
    """The same object and grounds under a number of its own; only what `asked` says differs."""
    repeated = asked.kind == earlier.kind
    since, until = asked.period or (None, None)
    if repeated and asked.period is None:
        since, until = earlier.period_since, earlier.period_until
    return Draft.about(
        earlier, asked.kind, reason=reason, account_name=asked.account_name,
        amount_fen=earlier.amount_fen if repeated else None,
        necessity=necessity or earlier.necessity,
        period_since=since, period_until=until,
    )  # fmt: skip


def against(officer: Officer, case: Case, *drafts: Draft) -> str:
    """Why one of these could not be drafted now, as a sentence; empty if all can."""
    try:
        for wanted in drafts:
            actions.check_draft(officer, case, wanted)
    except Refusal as refusal:
        return say(refusal)
    return ""


def _period(instruction: Instruction) -> tuple[datetime, datetime]:
    return orders.period_of(instruction, instruction.sent_at or instruction.drafted_at)


def _terms(instruction: Instruction, step: Step) -> str:
    if step is not Step.HALVES:
        return ""
    try:
        (since, middle), (_middle, until) = halves(*_period(instruction))
    except Refusal:
        return ""
    return " | ".join(f"{local(each):%m-%d %H:%M:%S}" for each in (since, middle, until))


def _against(officer: Officer, instruction: Instruction, step: Step, at: datetime) -> str:
    if step is Step.FREEZE:
        return ""
    try:
        # Any other name and necessity will do: only what the law says of the draft is asked here.
        drafts = _drafts(instruction, step, f"{instruction.account_name}*", "", "*")
    except Refusal as refusal:
        return say(refusal)
    return against(officer, instruction.case, *drafts)
