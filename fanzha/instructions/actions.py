"""Writes of instructions: draft, release, extend, approve, return, withdraw, send, take replies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.serials import new_application_id
from fanzha.core.clock import local
from fanzha.core.ids import new_public_id
from fanzha.core.masking import mask_account
from fanzha.core.refusal import Refusal
from fanzha.identity.acting import Actor, System, action, record
from fanzha.instructions import (
    alarms,
    checks,
    follow_ons,
    guarding,
    levels,
    orders,
    queries,
    rules,
)
from fanzha.instructions.approving import approve_each, waiting_in
from fanzha.instructions.events import Approved, ReplyRecorded
from fanzha.instructions.models import Escape, Instruction, Package
from fanzha.instructions.moving import move, note_change
from fanzha.instructions.rules import Kind, Move, ReleaseGround, State
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions import escapes
    from fanzha.instructions.drafts import Draft


TAKES_EFFECT = (Move.TAKE_EFFECT, Move.TAKE_PARTIAL_EFFECT)
HOLD_TERM = {
    Kind.STOP: rules.STOP_WINDOW, Kind.FREEZE: rules.FREEZE_TERM, Kind.WATCH: rules.WATCH_TERM,
}  # fmt: skip


@action("instruction.draft")
def draft(
    by: Officer, case: Case, drafts: Sequence[Draft], *, at: datetime, ground: Ground
) -> list[Package]:
    """Draft instructions and put them before an approver, one package per approval level.

    All or nothing: a draft that the law forbids or that is already under way refuses the whole.
    """
    packages: dict[str, Package] = {}
    for wanted in drafts:
        check_draft(by, case, wanted)
        permission = _level_of(wanted, at)
        if permission not in packages:
            packages[permission] = Package.objects.create(
                public_id=new_public_id("G", settings.ORGANISATION), case=case,
                drafted_by_id=by.pk, drafted_at=at, permission=permission, unit_path=case.unit_path,
            )  # fmt: skip
        _create(by, case, packages[permission], wanted, at)
    return list(packages.values())


def _level_of(wanted: Draft, at: datetime) -> str:
    beyond = guarding.forbidden(wanted.kind, wanted.account, wanted.amount_fen) is not None or (
        wanted.kind == Kind.FREEZE and checks.is_beyond(wanted.amount_fen, wanted.traced_fen or 0)
    )
    return levels.in_force(wanted.kind, at, beyond=beyond).permission


def check_draft(by: Officer, case: Case, wanted: Draft) -> None:
    """Raise the refusal that this draft would meet now; writes nothing."""
    assert wanted.kind not in rules.FOLLOW_ONS, "a release or an extension is drafted from its hold"
    if not wanted.account or "*" in wanted.account:
        raise checks.AccountIncomplete
    if not wanted.institution_code:
        raise checks.InstitutionUnknown(account=mask_account(wanted.account))
    if not wanted.account_name:
        raise checks.HolderUnknown(account=mask_account(wanted.account))
    if wanted.kind == Kind.STOP and not wanted.transfer_at:
        raise checks.TransferTimeUnknown(account=mask_account(wanted.account))
    found = queries.underway(wanted.kind, wanted.account, wanted.period_since, wanted.period_until)
    if found:
        raise checks.AlreadyUnderWay(
            kind=wanted.kind, account=mask_account(wanted.account), state=found.state,
            since=f"{local(found.since):%m-%d %H:%M}", case=found.case_number,
        )  # fmt: skip
    stops = queries.stops_so_far(wanted.account) if wanted.kind == Kind.STOP else 0
    checks.check_draft(
        wanted.kind, filed=case.filed_at is not None, case=case.number, stops_so_far=stops
    )
    guarding.check(wanted.kind, wanted.account, wanted.amount_fen, wanted.necessity)
    if wanted.kind == Kind.FREEZE:
        checks.check_freeze_amount(wanted.amount_fen, wanted.traced_fen or 0, wanted.necessity)


def check_follow_on(hold: Instruction, kind: Kind, at: datetime) -> None:
    """Raise the refusal that drafting this release or extension would meet now; writes nothing."""
    if rules.FOLLOW_ONS[kind].limit is not None:
        follow_ons.check_extension(hold, at)
    elif hold.state not in rules.RELEASABLE:
        raise checks.HoldNotInForce(state=hold.state)
    follow_ons.check_alone(hold, kind)


@action("instruction.draft")
def draft_release(
    by: Officer,
    hold: Instruction,
    because: ReleaseGround,
    *,
    keep_fen: int | None = None,
    at: datetime,
    ground: Ground,
) -> Package:
    """Draft the end of a watch, stop or freeze, or of what a freeze holds beyond `keep_fen`.

    The finding starts the clock by which the hold has to be released; harm is on record at once.
    """
    hold = follow_ons.locked(hold)
    checks.check_release(
        Kind(hold.kind), State(hold.state), because, amount_fen=hold.amount_fen, keep_fen=keep_fen
    )
    to_free = None if keep_fen is None else (hold.amount_fen or 0) - keep_fen
    package = follow_ons.create(
        by, hold, rules.RELEASE_OF[Kind(hold.kind)], at, reason=ground.reason,
        release_ground=because, amount_fen=to_free,
    )  # fmt: skip
    follow_ons.note_finding(hold, because, at)
    return package


@action("instruction.draft")
def draft_extension(by: Officer, hold: Instruction, *, at: datetime, ground: Ground) -> Package:
    """Draft one more term of a stop or freeze, counted from its present end."""
    hold = follow_ons.locked(hold)
    follow_ons.check_extension(hold, at)
    kind = rules.EXTENSION_OF[Kind(hold.kind)]
    limit = rules.FOLLOW_ONS[kind].limit
    assert limit is not None and hold.ends_at is not None  # noqa: PT018 - one fact: it can end
    return follow_ons.create(
        by, hold, kind, at, reason=ground.reason, asked_until=limit.ends(hold.ends_at)
    )


def _create(by: Officer, case: Case, package: Package, wanted: Draft, at: datetime) -> None:
    instruction = Instruction.objects.create(
        public_id=new_public_id("I", settings.ORGANISATION), case=case, package=package,
        state=State.DRAFT, application_id=new_application_id(rules.TX_CODE[wanted.kind], at),
        drafted_by_id=by.pk, drafted_at=at, unit_path=case.unit_path, **vars(wanted),
    )  # fmt: skip
    # What the wire would refuse is refused now, while the officer still looks at it.
    orders.message(instruction, at=at)
    move(by, instruction, Move.SUBMIT, at)


def _permission_of(package: Package) -> str:
    return package.permission


@action(_permission_of)
def approve(
    by: Officer, package: Package, *, without: Iterable[str] = (), at: datetime, ground: Ground
) -> int:
    """Approve the package, every object and amount as named; `without` names what is taken out.

    The ground's reason is what she writes where an account is on the guard list.
    """
    checks.check_approver(package.drafted_by_id, by.pk)
    return approve_each(by, package, by, without=without, at=at, overruling=ground.reason)


@action(_permission_of)
def send_back(
    by: Officer,
    package: Package,
    *,
    only: Iterable[str] = (),
    at: datetime,
    ground: Ground,
) -> None:
    """Return the package, or only the named instructions of it, with a reason."""
    if not ground.reason.strip():
        raise checks.ReasonMissing
    checks.check_approver(package.drafted_by_id, by.pk)
    chosen, returned = set(only), 0
    for instruction in waiting_in(package):
        if not chosen or instruction.public_id in chosen:
            move(by, instruction, Move.RETURN, at, note=ground.reason)
            returned += 1
    if not returned:
        raise rules.ForbiddenMove(state=State.RETURNED, move=Move.RETURN)


@action("instruction.withdraw")
def withdraw(by: Officer, instruction: Instruction, *, at: datetime, ground: Ground) -> None:
    """Take back what has not gone out yet."""
    if not ground.reason.strip():
        raise checks.ReasonMissing
    move(by, instruction, Move.WITHDRAW, at, note=ground.reason)


@action("instruction.send", system=True)
def send(by: Actor, instruction: Instruction, *, at: datetime, ground: Ground) -> None:
    """Write the message and put it into the gateway's queue, in one transaction with the state."""
    if instruction.state != State.APPROVED:
        record("instruction", instruction.public_id, case_id=instruction.case_id, already=True)
        return
    if instruction.concerns and instruction.concerns.state in rules.ON_ITS_WAY:
        record("instruction", instruction.public_id, case_id=instruction.case_id, waits=True)
        return
    try:
        follow_ons.check_still(instruction, at)
    except Refusal:
        # The hold ended between approval and sending: an approval of nothing dies unused.
        move(by, instruction, Move.EXPIRE, at)
        return
    message = gateway.enqueue(
        orders.message(instruction, at=at), institution_code=instruction.institution_code,
        case_id=instruction.case_id, order_key=instruction.account, at=at,
    )  # fmt: skip
    facts = {
        "sent_at": at, "due_at": rules.FEEDBACK_LIMIT.ends(at),
        "due_rule": rules.FEEDBACK_LIMIT.name, "ends_at": None, "ends_rule": "",
    }  # fmt: skip
    move(by, instruction, Move.SEND, at, message_id=message.pk, facts=facts)


@action("instruction.send", system=True)
def note_delivery(
    by: System, instruction: Instruction, *, accepted: bool, code: str, at: datetime, ground: Ground
) -> None:
    """The gateway took or refused the message; an answer that came first is not undone."""
    if instruction.state != State.SENT:
        record("instruction", instruction.public_id, case_id=instruction.case_id, code=code)
        return
    if accepted:
        move(by, instruction, Move.ACKNOWLEDGE, at, note=code)
        return
    facts = {"result_code": code[:12], "answered_at": at}
    move(by, instruction, Move.REJECT, at, note=code, facts=facts)


@dataclass(frozen=True)
class Answer:
    """A bank's answer, translated: the move it causes and the facts it brings."""

    move: Move
    result_code: str
    result_text: str
    effective_at: datetime | None = None
    ends_at: datetime | None = None
    balance_fen: int | None = None
    held_fen: int | None = None
    freed_fen: int | None = None


@action("instruction.send", system=True)
def record_reply(
    by: System,
    instruction: Instruction,
    answer: Answer,
    *,
    message_id: int,
    at: datetime,
    ground: Ground,
) -> bool:
    """Keep the bank's answer and start its clocks; False when one was recorded before."""
    if (State(instruction.state), answer.move) not in rules.MOVES:
        record(
            "instruction", instruction.public_id, case_id=instruction.case_id,
            late_answer=answer.result_code,
        )  # fmt: skip
        return False
    take_answer(by, instruction, answer, message_id=message_id, at=at)
    return True


def take_answer(
    by: Actor, instruction: Instruction, answer: Answer, *, message_id: int | None, at: datetime
) -> None:
    """Move by the answer, and whatever it concerns; a part of an action, no verb of its own.

    A bank's yes to a use that the law does not allow counts as none: a person has to look at it.
    """
    if answer.move in TAKES_EFFECT and follow_ons.is_one_too_many(instruction):
        answer = replace(answer, move=Move.PUZZLE)
    move(
        by, instruction, answer.move, at, note=answer.result_code, message_id=message_id,
        facts=_facts(instruction, answer, at),
    )  # fmt: skip
    if answer.move in TAKES_EFFECT:
        follow_ons.carry_over(by, instruction, at, until=answer.ends_at, message_id=message_id)
    for waiting in instruction.follow_ons.filter(state=State.APPROVED):
        announce(Approved(waiting.pk))
    announce(ReplyRecorded(instruction.pk, instruction.case_id))


def _facts(instruction: Instruction, answer: Answer, at: datetime) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "answered_at": at,
        "result_code": answer.result_code[:12],
        "result_text": answer.result_text[:300],
        "balance_fen": answer.balance_fen,
        "held_fen": answer.held_fen,
        "freed_fen": answer.freed_fen,
    }
    if answer.move in TAKES_EFFECT:
        facts["effective_at"] = answer.effective_at or at
        limit = HOLD_TERM.get(Kind(instruction.kind))
        if limit:
            # The clock of the law runs from the bank's own moment of effect.
            facts["ends_at"] = answer.ends_at or limit.ends(facts["effective_at"])
            facts["ends_rule"] = limit.name
    return facts


@action("instruction.send", system=True)
def lapse(by: System, instruction: Instruction, *, at: datetime, ground: Ground) -> bool:
    """A clock ran out: the stop lapses, the freeze ends by law, the unused approval dies."""
    step = {
        rules.STOP_WINDOW.name: Move.LAPSE,
        rules.WATCH_TERM.name: Move.LAPSE,
        rules.FREEZE_TERM.name: Move.END_BY_LAW,
        rules.APPROVAL_LIFE.name: Move.EXPIRE,
    }[instruction.ends_rule]
    after = rules.next_state(State(instruction.state), step)
    won = Instruction.objects.filter(
        pk=instruction.pk, state=instruction.state, ends_at__lte=at
    ).update(state=after)
    record("instruction", instruction.public_id, case_id=instruction.case_id, lapsed=bool(won))
    if won:
        note_change(by, instruction, step, instruction.state, after, at)
        instruction.state = after
        alarms.follow(instruction, at)
        announce(ReplyRecorded(instruction.pk, instruction.case_id))
    return bool(won)


@action("instruction.send", system=True)
def note_escapes(
    by: System, hold: Instruction, found: Sequence[escapes.Escape], *, at: datetime, ground: Ground
) -> None:
    """Keep what left the account although it was held: the desk presses until somebody explains."""
    Escape.objects.bulk_create(
        Escape(
            hold=hold, case_id=hold.case_id, unit_path=hold.unit_path, restricted=hold.restricted,
            certain=each.certain, found_at=at, **each.outflow._asdict(),
        )
        for each in found
    )  # fmt: skip
    record(
        "instruction", hold.public_id, case_id=hold.case_id, escaped_rows=len(found),
        escaped_fen=sum(each.outflow.amount_fen for each in found),
    )  # fmt: skip


@action("instruction.draft")
def explain_escape(by: Officer, escape: Escape, *, at: datetime, ground: Ground) -> None:
    """Write down why the money could leave: the ground's reason. It presses no longer."""
    if not ground.reason.strip():
        raise checks.ReasonMissing
    facts = {"explained_at": at, "explained_by_id": by.pk, "explanation": ground.reason}
    if not Escape.objects.filter(pk=escape.pk, explained_at=None).update(**facts):
        raise checks.ExplainedBefore
    record(
        "instruction", escape.hold.public_id, case_id=escape.case_id, explained=escape.row_no,
        statement=escape.statement,
    )  # fmt: skip
