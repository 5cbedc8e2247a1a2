"""Instructions that concern an earlier one: how a release or an extension comes about, and what the
bank's yes does to the hold. Parts of this package's actions; nothing here is a verb of its own.
"""  # noqa: D205 - one sentence

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from fanzha.channels.bank_gateway.serials import new_application_id
from fanzha.core.ids import new_public_id
from fanzha.identity.acting import record
from fanzha.instructions import alarms, checks, orders, queries, rules
from fanzha.instructions.checks import Held
from fanzha.instructions.models import Instruction, Package
from fanzha.instructions.moving import move
from fanzha.instructions.rules import (
    FOLLOW_ONS,
    Kind,
    Move,
    ReleaseGround,
    State,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.acting import Actor
    from fanzha.identity.models import Officer


def locked(hold: Instruction) -> Instruction:
    """The hold as it stands now; nobody else changes it until the end of the transaction."""
    found: Instruction = (
        Instruction.objects.select_for_update(of=("self",))
        .select_related("case", "package")
        .get(pk=hold.pk)
    )
    return found


def create(
    by: Officer, hold: Instruction, kind: Kind, at: datetime, *, reason: str, **facts: Any
) -> Package:
    """Put a follow-on before whoever may approve the hold itself, in a package of its own.

    PCR 240, 241: at the level that approved the hold.
    Raises ReasonMissing, FollowOnUnderWay and the refusals of the wire.
    """
    if not reason.strip():
        raise checks.ReasonMissing
    check_alone(hold, kind)
    package = Package.objects.create(
        public_id=new_public_id("G", settings.ORGANISATION), case=hold.case, drafted_by_id=by.pk,
        drafted_at=at, permission=hold.package.permission, unit_path=hold.unit_path,
    )  # fmt: skip
    follow_on = Instruction.objects.create(
        public_id=new_public_id("I", settings.ORGANISATION), case=hold.case, package=package,
        kind=kind, state=State.DRAFT, concerns=hold, reason=reason.strip(),
        application_id=new_application_id(rules.TX_CODE[kind], at), drafted_by_id=by.pk,
        drafted_at=at, unit_path=hold.unit_path, account=hold.account,
        account_name=hold.account_name, institution_code=hold.institution_code,
        institution_name=hold.institution_name, **facts,
    )  # fmt: skip
    # What the wire would refuse is refused now, while the officer still looks at it.
    orders.message(follow_on, at=at)
    move(by, follow_on, Move.SUBMIT, at)
    return package


def note_finding(hold: Instruction, because: ReleaseGround, at: datetime) -> None:
    """Start the clock of the release with the first finding; put harm on record."""
    if because in rules.WITHIN_THREE_DAYS and hold.release_due_at is None:
        limit = rules.UNRELATED_RELEASE
        facts = {"release_due_at": limit.ends(at), "release_due_rule": limit.name}
        if Instruction.objects.filter(pk=hold.pk, release_due_at=None).update(**facts):
            hold.release_due_at, hold.release_due_rule = limit.ends(at), limit.name
            alarms.follow(hold, at)
    if because in rules.HARM:
        _note_harm(hold, because)


def _note_harm(hold: Instruction, because: ReleaseGround) -> None:
    record(
        "harm", hold.public_id, case_id=hold.case_id, found=because, kind=hold.kind,
        held_fen=hold.held_fen, since=hold.effective_at and hold.effective_at.isoformat(),
    )  # fmt: skip


def take_back(by: Officer, stop: Instruction, reason: str, at: datetime) -> None:
    """Undo a stop that should not have been: withdrawn before it is sent, released afterwards.

    The release is drafted at once and the harm stands on record, also of a stop that has lapsed.
    """
    if stop.state == State.APPROVED:
        move(by, stop, Move.WITHDRAW, at, note=reason)
    elif stop.state in rules.RELEASABLE:
        hold = locked(stop)
        kind = rules.RELEASE_OF[Kind(hold.kind)]
        if not hold.follow_ons.filter(kind=kind, state__in=rules.UNDECIDED_STATES).exists():
            create(by, hold, kind, at, reason=reason, release_ground=ReleaseGround.WRONG_STOP)
        note_finding(hold, ReleaseGround.WRONG_STOP, at)
    elif stop.effective_at is not None:
        _note_harm(stop, ReleaseGround.WRONG_STOP)


def check_alone(hold: Instruction, kind: Kind) -> None:
    """Raise FollowOnUnderWay when one of this kind is not decided yet."""
    other = hold.follow_ons.filter(kind=kind, state__in=rules.UNDECIDED_STATES).first()
    if other is not None:
        raise checks.FollowOnUnderWay(kind=kind, state=other.state)


def check_extension(hold: Instruction, at: datetime) -> None:
    """Raise what stands against one more term of the hold at this moment."""
    stops = queries.stops_so_far(hold.account) if hold.kind == Kind.STOP else 0
    checks.check_extension(
        Kind(hold.kind), State(hold.state), hold.ends_at, at=at, stops_so_far=stops
    )


def check_still(instruction: Instruction, at: datetime) -> None:
    """Raise what stands against a follow-on now: its hold may have ended or changed since."""
    hold = instruction.concerns
    if hold is None:
        return
    if FOLLOW_ONS[Kind(instruction.kind)].limit is not None:
        check_extension(hold, at)
        return
    to_free = instruction.amount_fen
    checks.check_release(
        Kind(hold.kind), State(hold.state), ReleaseGround(instruction.release_ground),
        amount_fen=hold.amount_fen,
        keep_fen=None if to_free is None else (hold.amount_fen or 0) - to_free,
    )  # fmt: skip


def carry_over(
    by: Actor,
    follow_on: Instruction,
    at: datetime,
    *,
    until: datetime | None,
    message_id: int | None,
) -> None:
    """The bank said yes: the hold ends, shrinks or gets its new end, `until` if it named one."""
    if follow_on.concerns is None:
        return
    hold = locked(follow_on.concerns)
    step, facts = _consequence(follow_on, hold, until)
    if (State(hold.state), step) not in rules.MOVES:
        record("instruction", hold.public_id, case_id=hold.case_id, late_answer=follow_on.public_id)
        return
    move(by, hold, step, at, note=follow_on.public_id, message_id=message_id, facts=facts)


def _consequence(
    follow_on: Instruction, hold: Instruction, until: datetime | None
) -> tuple[Move, dict[str, Any]]:
    rule = FOLLOW_ONS[Kind(follow_on.kind)]
    if rule.limit is not None:
        ends_at = until or follow_on.asked_until
        return rule.move, {"ends_at": ends_at, "ends_rule": rule.limit.name}
    left = checks.after_release(
        Held(hold.amount_fen, hold.held_fen),
        asked_fen=follow_on.amount_fen, freed_fen=follow_on.freed_fen,
    )  # fmt: skip
    if left is None:
        return rule.move, {"ends_at": follow_on.effective_at, "ends_rule": ""}
    return Move.REDUCE, {"amount_fen": left.amount_fen, "held_fen": left.held_fen}


def is_one_too_many(follow_on: Instruction) -> bool:
    """Whether a bank's yes to this extension would be a use of the stop beyond the law (L02, L05).

    The account was stopped as often as it may be, or the stop has lapsed and another was drafted.
    """
    if follow_on.kind != Kind.EXTEND_STOP or follow_on.concerns_id is None:
        return False
    limit = FOLLOW_ONS[Kind.EXTEND_STOP].limit
    if limit and limit.uses_max and queries.stops_so_far(follow_on.account) >= limit.uses_max:
        return True
    lapsed = Instruction.objects.filter(pk=follow_on.concerns_id, state=State.LAPSED).exists()
    return lapsed and queries.underway(Kind.STOP, follow_on.account) is not None
