"""The guard list (保护账户名单): accounts that are not held without a decision one level up.

The list is of the whole city and names no case. Whoever drafts may put an account on it, and so
does a bank's answer 0302: a brake is set easily. Only the level above takes one off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import IntegrityError, transaction

from fanzha.core.ids import new_public_id
from fanzha.core.masking import mask_account
from fanzha.core.refusal import NotFound, Refusal, gettext_noop
from fanzha.entities.rules import normal_account
from fanzha.identity.acting import action, record
from fanzha.instructions import checks, guards, levels
from fanzha.instructions.models import Guard
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import Actor
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction


class AccountGuarded(Refusal):
    """The account is on the guard list, and nobody wrote why it must be held all the same."""

    message = gettext_noop(
        "Account %(account)s is on the guard list: %(group)s. Write why it must be held all the"
        " same; it then needs an approval one level up."
    )


class GuardGroupUnknown(Refusal):
    """The groups are data."""

    message = gettext_noop("Choose why the account is guarded.")


class GuardedBefore(Refusal):
    """One entry per account."""

    message = gettext_noop("Account %(account)s is on the guard list already: %(group)s.")


class GuardNotFound(NotFound):
    """No such entry, or it was taken off the list."""

    message = gettext_noop("There is no such entry on the guard list any more.")


@action("instruction.draft", system=True)
def guard(by: Actor, account: str, group: str, *, at: datetime, ground: Ground) -> Guard:
    """Put an account on the guard list; the ground's reason is the source that says so."""
    number = _key(account)
    if group not in guards.groups():
        raise GuardGroupUnknown
    if not number.isalnum():
        raise checks.AccountIncomplete
    if not ground.reason.strip():
        raise checks.ReasonMissing
    try:
        with transaction.atomic():
            made: Guard = Guard.objects.create(
                public_id=new_public_id("W", settings.ORGANISATION), account=number, group=group,
                source=ground.reason.strip(), noted_by=str(by), noted_at=at,
            )  # fmt: skip
    except IntegrityError:
        standing = guard_of(number)
        raise GuardedBefore(
            account=mask_account(number), group=standing.group if standing else group
        ) from None
    record("guard", made.public_id, group=group, account=mask_account(number))
    return made


@action("instruction.approve_beyond")
def unguard(by: Officer, entry: Guard, *, at: datetime, ground: Ground) -> None:
    """Take an account off the guard list, with the reason; the entry stays as history."""
    if not ground.reason.strip():
        raise checks.ReasonMissing
    facts = {"lifted_at": at, "lifted_by_id": by.pk, "lift_reason": ground.reason.strip()}
    if not Guard.objects.filter(pk=entry.pk, lifted_at=None).update(**facts):
        raise GuardNotFound
    record("guard", entry.public_id, group=entry.group, account=mask_account(entry.account))


def guard_of(account: str) -> Guard | None:
    """The entry under which the account is guarded now."""
    return Guard.objects.filter(account=_key(account), lifted_at=None).first()


def listed() -> QuerySet[Guard]:
    """The guard list, the newest first."""
    return Guard.objects.filter(lifted_at=None).order_by("-id")


def entry(public_id: str) -> Guard:
    """The entry; raises GuardNotFound."""
    found = listed().filter(public_id=public_id).first()
    if found is None:
        raise GuardNotFound
    return found


def forbidden(kind: Kind, account: str, amount_fen: int | None) -> Guard | None:
    """The entry that stands against this hold; None where nothing does."""
    found = guard_of(account)
    if found is None or not guards.groups()[found.group].forbids(kind, amount_fen):
        return None
    return found


def check(kind: Kind, account: str, amount_fen: int | None, necessity: str) -> None:
    """Raise AccountGuarded for a draft against the list without `necessity` in writing."""
    found = forbidden(kind, account, amount_fen)
    if found is not None and not necessity.strip():
        raise _refusal(found)


def overruling(instruction: Instruction, permission: str, reason: str) -> str:
    """What an approver with `permission` writes against the list; empty where nothing is guarded.

    An account may have come onto it since the draft: then the draft lacks the level.
    Raises AccountGuarded, and ReasonMissing where she writes nothing.
    """
    kind = Kind(instruction.kind)
    found = forbidden(kind, instruction.account, instruction.amount_fen)
    if found is None:
        return ""
    above = levels.in_force(kind, instruction.drafted_at, beyond=True).permission
    if permission != above or not instruction.necessity.strip():
        raise _refusal(found)
    if not reason.strip():
        raise checks.ReasonMissing
    return reason.strip()


def _refusal(found: Guard) -> AccountGuarded:
    return AccountGuarded(account=mask_account(found.account), group=found.group)


def _key(account: str) -> str:
    """A number without the mark of a sub-account."""
    return normal_account(account.partition("_")[0])
