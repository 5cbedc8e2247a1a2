"""Writes of judgements: which two rows are one transfer, which two numbers are one account."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from fanzha.core.ids import new_public_id
from fanzha.core.refusal import NotFound, Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.movements import matching, queries
from fanzha.movements.decisions import Decision, IdentityDecision, PairDecision
from fanzha.movements.events import MatchDecided
from fanzha.outbox.announce import announce
from fanzha.scope.current import current

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.movements.joined import Where
    from fanzha.movements.models import Statement


D = TypeVar("D", "PairDecision", "IdentityDecision")


class DecisionNeedsReason(Refusal):
    """A judgement is kept with its reason."""

    message = gettext_noop("Write why you decide so.")


class DecisionNotFound(NotFound):
    """No such judgement, or none in force that the officer may see."""

    message = gettext_noop("There is no decision %(decision)s in force that you may see.")


class RowNotFound(NotFound):
    """The statement has no such row that counts."""

    message = gettext_noop("Statement %(statement)s has no row %(row)s that counts.")


class CannotBePair(Refusal):
    """Two rows that cannot be one transfer."""

    message = gettext_noop(
        "Rows %(out_row)s and %(in_row)s cannot be one transfer: one has to pay out, the other to"
        " receive no more, in one currency, within one case."
    )


class DecidedAlready(Refusal):
    """One judgement at a time."""

    message = gettext_noop("Decision %(decision)s speaks of this already; undo it first.")


class DecidedMeanwhile(Refusal):
    """Two officers judge the same rows at the same moment."""

    message = gettext_noop("A colleague decided this a moment ago; look again.")


class NotOneAccount(Refusal):
    """Two different numbers of the case are needed."""

    message = gettext_noop("Name two different account numbers that occur in the case.")


@action("statement.match")
def decide_pair(
    by: Officer, out: Where, into: Where, *, same: bool, at: datetime, ground: Ground
) -> PairDecision:
    """Decide that a paying and a receiving row are one transfer (`same`), or that they are not."""
    _need_reason(ground)
    (paid, paid_row), (received, received_row) = _row(out), _row(into)
    fits = (
        paid.case_id == received.case_id
        and (paid_row["direction"], received_row["direction"]) == ("out", "in")
        and paid_row["currency"] == received_row["currency"]
        and paid_row["amount_fen"] >= received_row["amount_fen"]
        and "failed" not in (paid_row["success"], received_row["success"])
    )
    if not fits:
        raise CannotBePair(out_row=out[1], in_row=into[1])
    names = {
        "out_sha256": paid.file_sha256, "out_row": out[1],
        "in_sha256": received.file_sha256, "in_row": into[1],
    }  # fmt: skip
    in_the_way = Q(**names)
    if same:
        sides = (Q(out_sha256=paid.file_sha256, out_row=out[1]),
                 Q(in_sha256=received.file_sha256, in_row=into[1]))  # fmt: skip
        in_the_way |= Q(same=True) & (sides[0] | sides[1])
    mine = PairDecision.objects.filter(case_id=paid.case_id, undone_at=None)
    _refuse_second(mine.filter(in_the_way).first())
    decision = _kept(PairDecision, **_author(by, paid.case_id, same=same, at=at, ground=ground),
                     **names)  # fmt: skip
    _tell("pair_decision", decision, rows=[list(out), list(into)])
    return decision


@action("statement.match")
def decide_identity(
    by: Officer, one: str, other: str, *, case_id: int, same: bool, at: datetime, ground: Ground
) -> IdentityDecision:
    """Decide that two numbers of a case mean one account (`same`), or that they do not."""
    _need_reason(ground)
    one, other = sorted((one.strip(), other.strip()))
    if one == other or not {one, other} <= matching.numbers_of_case(case_id):
        raise NotOneAccount
    mine = IdentityDecision.objects.filter(case_id=case_id, undone_at=None)
    _refuse_second(mine.filter(one=one, other=other).first())
    decision = _kept(IdentityDecision, **_author(by, case_id, same=same, at=at, ground=ground),
                     one=one, other=other)  # fmt: skip
    _tell("identity_decision", decision)
    return decision


@action("statement.match")
def undo_decision(by: Officer, public_id: str, *, at: datetime, ground: Ground) -> Decision:
    """Take a judgement back; it stays readable with both reasons."""
    _need_reason(ground)
    kinds: tuple[type[PairDecision | IdentityDecision], ...] = (PairDecision, IdentityDecision)
    for kind in kinds:
        won = kind.objects.filter(public_id=public_id, undone_at=None).update(
            undone_at=at, undone_by_id=by.pk, undone_reason=ground.reason[:400]
        )
        if won:
            decision = kind.objects.get(public_id=public_id)
            _tell("undone_decision", decision)
            return decision
    raise DecisionNotFound(decision=public_id)


def _need_reason(ground: Ground) -> None:
    if not ground.reason.strip():
        raise DecisionNeedsReason


def _row(where: Where) -> tuple[Statement, dict[str, Any]]:
    statement = queries.by_public_id(where[0])
    row = queries.row(statement, where[1])
    if row is None or row["dup_of"]:
        raise RowNotFound(statement=where[0], row=where[1])
    return statement, row


def _refuse_second(earlier: Decision | None) -> None:
    if earlier is not None:
        raise DecidedAlready(decision=earlier.public_id)


def _kept(kind: type[D], **fields: Any) -> D:
    """Write a judgement; of two made at the same moment the database takes one."""
    try:
        with transaction.atomic():
            return kind.objects.create(**fields)
    except IntegrityError:
        raise DecidedMeanwhile from None


def _author(
    by: Officer, case_id: int, *, same: bool, at: datetime, ground: Ground
) -> dict[str, Any]:
    scope = current()
    assert scope is not None, "actions run in a scope"
    return {
        "public_id": new_public_id("D", settings.ORGANISATION),
        "case_id": case_id,
        "same": same,
        "reason": ground.reason[:400],
        "officer_id": by.pk,
        "decided_at": at,
        "unit_path": scope.path,
    }


def _tell(kind: str, decision: Decision, **facts: Any) -> None:
    """Audit and announce; no number of a person goes into the log."""
    record(kind, decision.public_id, case_id=decision.case_id, same=decision.same, **facts)
    announce(MatchDecided(decision.public_id, decision.case_id))
