"""What may be drafted, approved, released and extended, and what stays held: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.clock import local
from fanzha.core.money import format_yuan
from fanzha.core.refusal import NotAllowed, Refusal, gettext_noop
from fanzha.instructions.rules import (
    EXTENSION_OF,
    FOLLOW_ONS,
    HOLDING_STATES,
    RELEASABLE,
    RELEASE_OF,
    STOP_WINDOW,
    Kind,
    ReleaseGround,
    State,
)

if TYPE_CHECKING:
    from datetime import datetime


class OwnDraft(NotAllowed):
    """Nobody approves what she drafted herself."""

    message = gettext_noop("You drafted this yourself; another officer must approve it.")


class CaseNotFiled(Refusal):
    """PCR 174: before filing nothing may be frozen (also F01)."""

    message = gettext_noop("Case %(case)s is not filed; nothing may be frozen before filing.")


class StopUsesExhausted(Refusal):
    """An account may be stopped at most twice (L02)."""

    message = gettext_noop("This account was already stopped %(uses)d times; freeze it instead.")


class AlreadyUnderWay(Refusal):
    """The same is already drafted, sent or in force for this account."""

    message = gettext_noop(
        "%(kind)s for account %(account)s is already under way: "
        "%(state)s since %(since)s (%(case)s)."
    )


class AccountIncomplete(Refusal):
    """A bank acts only on a full account number."""

    message = gettext_noop("The account of this payment is incomplete; find the full number first.")


class InstitutionUnknown(Refusal):
    """No institution was named, or none that we reach."""

    message = gettext_noop("Say which institution holds account %(account)s.")


class HolderUnknown(Refusal):
    """The bank first checks the name (L03); without one it refuses."""

    message = gettext_noop("Ask for the name on account %(account)s; without it the bank refuses.")


class TransferTimeUnknown(Refusal):
    """The bank first checks the time of the transfer (L03)."""

    message = gettext_noop("Ask when the transfer to account %(account)s was made.")


class AmountNotAllowed(Refusal):
    """A limited freeze needs an amount above zero and not above what was traced."""

    message = gettext_noop(
        "The amount %(amount)s exceeds the traced amount %(traced)s; write why or lower it."
    )


class HoldNotInForce(Refusal):
    """Only what holds money can be released or extended."""

    message = gettext_noop("This hold is %(state)s: there is nothing to release or to extend.")


class GroundUnfit(Refusal):
    """A watch ends because enough was seen, a hold never does."""

    message = gettext_noop("This is no ground on which such an instruction ends; choose another.")


class LeadDecided(Refusal):
    """Somebody was quicker."""

    message = gettext_noop("This report was decided before; read the page again.")


class HoldEnded(Refusal):
    """PCR 240: an extension goes out before the end, or not at all."""

    message = gettext_noop("This hold ended at %(ended)s: it can no longer be extended.")


class FollowOnUnderWay(Refusal):
    """One release and one extension of a hold at a time."""

    message = gettext_noop("%(kind)s: already under way for this hold (%(state)s).")


class NotReducible(Refusal):
    """Only a limited freeze has an amount that can be lowered."""

    message = gettext_noop(
        "A reduction needs a freeze up to an amount, and a new amount between zero and the old one."
    )


class ReasonMissing(Refusal):
    """A return, an override, a withdrawal, a release and an extension carry a reason."""

    message = gettext_noop("Write the reason.")


class ExplainedBefore(Refusal):
    """Another officer was faster."""

    message = gettext_noop("It is already explained why this money could leave.")


@dataclass(frozen=True)
class Underway:
    """What is known city-wide of an instruction for the same account: no person, no case file."""

    kind: Kind
    state: State
    since: datetime
    case_number: str


def check_approver(drafted_by: int, approver: int) -> None:
    """Raise OwnDraft when they are the same officer."""
    if drafted_by == approver:
        raise OwnDraft


def check_draft(kind: Kind, *, filed: bool, case: str, stops_so_far: int) -> None:
    """Raise CaseNotFiled or StopUsesExhausted when the law forbids the draft."""
    if kind == Kind.FREEZE and not filed:
        raise CaseNotFiled(case=case)
    if kind == Kind.STOP and STOP_WINDOW.uses_max and stops_so_far >= STOP_WINDOW.uses_max:
        raise StopUsesExhausted(uses=stops_so_far)


def is_beyond(amount_fen: int | None, traced_fen: int) -> bool:
    """Whether a freeze takes more than was traced; None is the whole account."""
    return amount_fen is None or amount_fen > traced_fen


def check_freeze_amount(amount_fen: int | None, traced_fen: int, necessity: str) -> None:
    """A freeze stays within the traced amount unless necessity is written (F04, F08).

    Raises ReasonMissing for a whole account, AmountNotAllowed for an amount.
    """
    argued = bool(necessity.strip())
    if amount_fen is None:
        if not argued:
            raise ReasonMissing
    elif amount_fen <= 0 or (is_beyond(amount_fen, traced_fen) and not argued):
        raise AmountNotAllowed(amount=format_yuan(amount_fen), traced=format_yuan(traced_fen))


def check_release(
    kind: Kind, state: State, ground: ReleaseGround, *, amount_fen: int | None, keep_fen: int | None
) -> None:
    """Raise HoldNotInForce, GroundUnfit or NotReducible.

    `amount_fen` is held up to, `keep_fen` would stay.
    """
    if kind not in RELEASE_OF or state not in RELEASABLE:
        raise HoldNotInForce(state=state)
    if (ground is ReleaseGround.SEEN_ENOUGH) != (kind == Kind.WATCH):
        raise GroundUnfit
    reduced = amount_fen is not None and keep_fen is not None and 0 < keep_fen < amount_fen
    if (ground is ReleaseGround.REDUCTION) != reduced or (reduced and kind != Kind.FREEZE):
        raise NotReducible


def check_extension(
    kind: Kind, state: State, ends_at: datetime | None, *, at: datetime, stops_so_far: int
) -> None:
    """Raise HoldNotInForce, HoldEnded or StopUsesExhausted; an extension is one more use (L05)."""
    if kind not in EXTENSION_OF or state not in HOLDING_STATES or ends_at is None:
        raise HoldNotInForce(state=state)
    if at >= ends_at:
        raise HoldEnded(ended=f"{local(ends_at):%m-%d %H:%M}")
    limit = FOLLOW_ONS[EXTENSION_OF[kind]].limit
    if limit and limit.uses_max and stops_so_far >= limit.uses_max:
        raise StopUsesExhausted(uses=stops_so_far)


@dataclass(frozen=True)
class Held:
    """What a freeze still holds: up to which amount (None: everything), how much is there."""

    amount_fen: int | None
    held_fen: int | None


def after_release(before: Held, *, asked_fen: int | None, freed_fen: int | None) -> Held | None:
    """What stays held after the bank's yes; None when nothing does. It believes the bank.

    `asked_fen` was to be freed (None: everything), `freed_fen` is what the bank says it freed.
    """
    rest = None
    if before.held_fen is not None and freed_fen is not None:
        rest = before.held_fen - freed_fen
    if asked_fen is None:
        if rest is None or rest <= 0:
            return None
        return Held(None if before.amount_fen is None else rest, rest)
    if rest is not None and rest <= 0 and before.held_fen:
        return None
    amount = None if before.amount_fen is None else before.amount_fen - asked_fen
    return Held(amount, before.held_fen if rest is None else rest)
