"""Approval by word of mouth (口头批准) at night: who, when, called back where, confirmed in time.

A stop may go out on the word of an approver who cannot sign now. The officer who has called back
records it; the approver confirms it with her own log-in, or says that she never approved, and then
what still can be is taken back. Every use stays on the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from fanzha.core.refusal import NotAllowed, NotFound, Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.identity.models import Officer
from fanzha.identity.rules import roles
from fanzha.instructions import alarms, checks, follow_ons, rules
from fanzha.instructions.approving import approve_each
from fanzha.instructions.models import Oral, Package

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.audit.rules import Ground


class NotByWord(NotAllowed):
    """A freeze and a query need a signed decision (PCR 238, 239)."""

    message = gettext_noop("Only a stop may go out on somebody's word; this needs a signature.")


class NotAnApprover(NotAllowed):
    """The officer named may not approve this package."""

    message = gettext_noop("%(officer)s may not approve this; name another officer.")


class CallBackMissing(Refusal):
    """Without the number that was called back nobody can check the voice."""

    message = gettext_noop("Write the number that you called back.")


class ToldInFuture(Refusal):
    """The word must have been given, after the draft."""

    message = gettext_noop("The word was given between the draft and now; look at the time.")


class NotNamed(NotAllowed):
    """Only who gave her word can confirm or deny it."""

    message = gettext_noop("Only the officer who is named can confirm or deny this.")


class NoWordGiven(NotFound):
    """The package did not go out on anybody's word."""

    message = gettext_noop("Nobody gave her word for this package.")


class DecidedBefore(Refusal):
    """It was confirmed or denied already."""

    message = gettext_noop("This approval was already confirmed or denied.")


@action("instruction.draft")
def approve_by_word(
    by: Officer,
    package: Package,
    approver: Officer,
    *,
    called: str,
    told_at: datetime,
    without: Iterable[str] = (),
    at: datetime,
    ground: Ground,
) -> Oral:
    """Record that `approver` approved on the telephone, called back at `called`; it goes out."""
    if package.permission not in rules.BY_WORD:
        raise NotByWord
    if not _may_approve(approver, package):
        raise NotAnApprover(officer=approver.name)
    checks.check_approver(package.drafted_by_id, approver.pk)
    checks.check_approver(by.pk, approver.pk)
    if not called.strip():
        raise CallBackMissing
    # A word is told to the minute; the draft may be of the same one.
    if not package.drafted_at.replace(second=0, microsecond=0) <= told_at <= at:
        raise ToldInFuture
    count = approve_each(by, package, approver, without=without, at=at, note=f"{approver}")
    oral = _kept(by, package, approver, called.strip(), told_at, at)
    alarms.await_word(oral, at)
    record(
        "package", package.public_id, case_id=package.case_id, oral=str(approver), count=count,
        told_at=told_at.isoformat(),
    )  # fmt: skip
    return oral


def _permission_of(oral: Oral) -> str:
    return oral.package.permission


@action(_permission_of)
def confirm_word(by: Officer, oral: Oral, *, at: datetime, ground: Ground) -> None:
    """The approver confirms with her own log-in that she gave her word."""
    _decide(by, oral, Oral.Verdict.CONFIRMED, at, ground.reason.strip())


@action(_permission_of)
def deny_word(by: Officer, oral: Oral, *, at: datetime, ground: Ground) -> None:
    """The approver says that she never approved: what is not out stays, what holds is let go.

    What has not been sent is withdrawn; for every hold a release is drafted at once, as for any
    wrong stop, and stands in the record of harm.
    """
    reason = ground.reason.strip()
    if not reason:
        raise checks.ReasonMissing
    _decide(by, oral, Oral.Verdict.DENIED, at, reason)
    for each in oral.package.instructions.select_related("case").order_by("id"):
        follow_ons.take_back(by, each, reason, at)


def approvers_of(package: Package) -> list[Officer]:
    """Whose word would do for this package: by role and unit, and never who drafted it."""
    holding = [code for code, role in roles().items() if package.permission in role.may]
    found = (
        Officer.objects.select_related("unit")
        .filter(is_active=True, grants__role__in=holding)
        .exclude(pk=package.drafted_by_id)
        .distinct()
        .order_by("username")
    )
    return [each for each in found if _may_approve(each, package)]


def uses() -> QuerySet[Oral]:
    """All uses in scope, by the clock of their confirmation."""
    return Oral.objects.select_related("package", "case").order_by("due_at", "id")


def use_of(package: Package) -> Oral:
    """The word under which this package went out; raises NoWordGiven."""
    found = Oral.objects.select_related("package", "case").filter(package=package).first()
    if found is None:
        raise NoWordGiven
    return found


def _may_approve(approver: Officer, package: Package) -> bool:
    above = f"{package.unit_path}.".startswith(f"{approver.unit.path}.")
    return approver.is_active and above and approver.may(package.permission)


def _kept(
    by: Officer, package: Package, approver: Officer, called: str, told_at: datetime, at: datetime
) -> Oral:
    limit = rules.ORAL_CONFIRMATION
    try:
        with transaction.atomic():
            return Oral.objects.create(
                package=package, case=package.case, unit_path=package.unit_path,
                restricted=package.restricted, approver_id=approver.pk, called=called,
                told_at=told_at, recorded_by_id=by.pk, recorded_at=at, due_at=limit.ends(at),
                due_rule=limit.name,
            )  # fmt: skip
    except IntegrityError:
        # What was left out the first time needs a word or a signature of its own package.
        raise DecidedBefore from None


def _decide(by: Officer, oral: Oral, verdict: str, at: datetime, reason: str) -> None:
    if oral.approver_id != by.pk:
        raise NotNamed
    facts = {"verdict": verdict, "decided_at": at, "reason": reason}
    if not Oral.objects.filter(pk=oral.pk, decided_at=None).update(**facts):
        raise DecidedBefore
    alarms.word_given(oral, at)
    record("package", oral.package.public_id, case_id=oral.case_id, oral=verdict)
