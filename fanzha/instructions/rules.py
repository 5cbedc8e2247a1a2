"""Kinds, states, moves, limits and checks of instructions: pure.

States as in law-and-clocks section 10; what the table of moves does not name is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.core.clock import local
from fanzha.core.refusal import NotAllowed, Refusal, gettext_noop
from fanzha.core.spans import Limit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Kind(StrEnum):
    """What is asked of the institution; the last four concern an earlier stop or freeze."""

    QUERY = "transaction_query"
    STOP = "stop_payment"
    FREEZE = "freeze"
    RELEASE_STOP = "release_stop"
    EXTEND_STOP = "extend_stop"
    RELEASE_FREEZE = "release_freeze"
    RENEW_FREEZE = "renew_freeze"


class State(StrEnum):
    """Where an instruction stands."""

    DRAFT = "draft"
    AWAITING_APPROVAL = "awaiting_approval"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPROVAL_EXPIRED = "approval_expired"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    EFFECTIVE = "effective"
    PARTIALLY_EFFECTIVE = "partially_effective"
    EXTENDED = "extended"
    RENEWED = "renewed"
    FAILED = "failed"
    UNKNOWN_RESULT = "unknown_result"
    RELEASED = "released"
    LAPSED = "lapsed"
    RELEASED_BY_LAW = "released_by_law"


class Move(StrEnum):
    """What can happen to an instruction."""

    SUBMIT = "submit"
    APPROVE = "approve"
    RETURN = "return"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    REJECT = "reject"
    TAKE_EFFECT = "take_effect"
    TAKE_PARTIAL_EFFECT = "take_partial_effect"
    FAIL = "fail"
    PUZZLE = "puzzle"
    EXTEND = "extend"
    RENEW = "renew"
    REDUCE = "reduce"
    RELEASE = "release"
    LAPSE = "lapse"
    END_BY_LAW = "end_by_law"


_WAITING = (State.SENT, State.ACCEPTED, State.UNKNOWN_RESULT)
_HOLDING = (State.EFFECTIVE, State.PARTIALLY_EFFECTIVE, State.EXTENDED, State.RENEWED)

MOVES: Mapping[tuple[State, Move], State] = {
    (State.DRAFT, Move.SUBMIT): State.AWAITING_APPROVAL,
    (State.DRAFT, Move.WITHDRAW): State.WITHDRAWN,
    (State.AWAITING_APPROVAL, Move.APPROVE): State.APPROVED,
    (State.AWAITING_APPROVAL, Move.RETURN): State.RETURNED,
    (State.AWAITING_APPROVAL, Move.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Move.SEND): State.SENT,
    (State.APPROVED, Move.EXPIRE): State.APPROVAL_EXPIRED,
    (State.APPROVED, Move.WITHDRAW): State.WITHDRAWN,
    (State.SENT, Move.ACKNOWLEDGE): State.ACCEPTED,
    (State.SENT, Move.REJECT): State.FAILED,
    # The answer may overtake the gateway's acknowledgement.
    **{(state, Move.TAKE_EFFECT): State.EFFECTIVE for state in _WAITING},
    **{(state, Move.TAKE_PARTIAL_EFFECT): State.PARTIALLY_EFFECTIVE for state in _WAITING},
    **{(state, Move.FAIL): State.FAILED for state in _WAITING},
    (State.SENT, Move.PUZZLE): State.UNKNOWN_RESULT,
    (State.ACCEPTED, Move.PUZZLE): State.UNKNOWN_RESULT,
    (State.UNKNOWN_RESULT, Move.PUZZLE): State.UNKNOWN_RESULT,
    **{(state, Move.EXTEND): State.EXTENDED for state in _HOLDING[:2]},
    **{(state, Move.RENEW): State.RENEWED for state in (*_HOLDING[:2], State.RENEWED)},
    # The bank extended in time, and its answer came after our clock had ended the hold.
    (State.LAPSED, Move.EXTEND): State.EXTENDED,
    (State.RELEASED_BY_LAW, Move.RENEW): State.RENEWED,
    **{(state, Move.REDUCE): state for state in _HOLDING},
    **{(state, Move.RELEASE): State.RELEASED for state in _HOLDING},
    # An answer that nobody understood may hold money all the same.
    (State.UNKNOWN_RESULT, Move.RELEASE): State.RELEASED,
    **{(state, Move.LAPSE): State.LAPSED for state in _HOLDING},
    **{(state, Move.END_BY_LAW): State.RELEASED_BY_LAW for state in _HOLDING},
}

OPEN_STATES = frozenset(
    {State.DRAFT, State.AWAITING_APPROVAL, State.APPROVED, *_WAITING, *_HOLDING}
)
"""An account with an instruction of the same kind in one of these is not drafted again."""
HOLDING_STATES = frozenset(_HOLDING)
WAITING_STATES = frozenset(_WAITING)
ON_ITS_WAY = frozenset({State.SENT, State.ACCEPTED})
RELEASABLE = ON_ITS_WAY | {state for state, move in MOVES if move is Move.RELEASE}
"""What is on its way may hold money soon: its release goes out after the answer."""
UNDECIDED_STATES = frozenset(
    {State.DRAFT, State.AWAITING_APPROVAL, State.APPROVED, State.SENT, State.ACCEPTED}
)
"""A hold with a release (or an extension) in one of these gets no second one."""

APPROVAL_PERMISSION: Mapping[Kind, str] = {
    Kind.QUERY: "instruction.approve_query",
    Kind.STOP: "instruction.approve_stop",
    Kind.FREEZE: "instruction.approve_freeze",
    # PCR 240, 241: at the level that approved the hold itself.
    Kind.RELEASE_STOP: "instruction.approve_stop",
    Kind.EXTEND_STOP: "instruction.approve_stop",
    Kind.RELEASE_FREEZE: "instruction.approve_freeze",
    Kind.RENEW_FREEZE: "instruction.approve_freeze",
}
TX_CODE: Mapping[Kind, str] = {
    Kind.QUERY: "100301",
    Kind.STOP: "100101",
    Kind.FREEZE: "100201",
    Kind.RELEASE_STOP: "100103",
    Kind.EXTEND_STOP: "100105",
    Kind.RELEASE_FREEZE: "100203",
    Kind.RENEW_FREEZE: "100205",
}

_N86 = "银发〔2016〕86号"
_PCR = "公安机关办理刑事案件程序规定"
STOP_WINDOW = Limit(
    "stop_window", Span(hours=48), _N86, uses_max=2,
    warn_before=(Span(hours=12), Span(hours=6), Span(hours=2)),
)  # fmt: skip
FREEZE_TERM = Limit(
    "freeze_term", Span(months=6), f"{_PCR} 243",
    warn_before=(Span(days=30), Span(days=15), Span(days=10), Span(days=7), Span(days=1)),
)  # fmt: skip
UNRELATED_RELEASE = Limit(
    "unrelated_release", Span(days=3), f"{_PCR} 247", warn_before=(Span(days=1),)
)
APPROVAL_LIFE = Limit("approval_life", Span(hours=24), "project", mark="assumed")
FEEDBACK_LIMIT = Limit("feedback_limit", Span(hours=1), "bank profile 2016", mark="assumed")
LIMITS = (STOP_WINDOW, FREEZE_TERM, UNRELATED_RELEASE, APPROVAL_LIFE, FEEDBACK_LIMIT)


@dataclass(frozen=True)
class FollowOn:
    """What an instruction about an earlier one does: to which kind of hold, by which move.

    `limit` is the term that an extension adds; a release adds none.
    """

    of: Kind
    move: Move
    limit: Limit | None = None


FOLLOW_ONS: Mapping[Kind, FollowOn] = {
    Kind.RELEASE_STOP: FollowOn(Kind.STOP, Move.RELEASE),
    Kind.EXTEND_STOP: FollowOn(Kind.STOP, Move.EXTEND, STOP_WINDOW),
    Kind.RELEASE_FREEZE: FollowOn(Kind.FREEZE, Move.RELEASE),
    Kind.RENEW_FREEZE: FollowOn(Kind.FREEZE, Move.RENEW, FREEZE_TERM),
}
RELEASE_OF = {each.of: kind for kind, each in FOLLOW_ONS.items() if each.limit is None}
EXTENSION_OF = {each.of: kind for kind, each in FOLLOW_ONS.items() if each.limit is not None}


class ReleaseGround(StrEnum):
    """Why a hold is released."""

    UNRELATED = "unrelated"
    WRONG_STOP = "wrong_stop"
    CASE_DECIDED = "case_decided"
    REDUCTION = "reduction"


WITHIN_THREE_DAYS = frozenset(
    {ReleaseGround.UNRELATED, ReleaseGround.WRONG_STOP, ReleaseGround.REDUCTION}
)
"""Grounds whose finding starts the clock of PCR 247 (an excess by F10: reported)."""
HARM = frozenset({ReleaseGround.UNRELATED, ReleaseGround.WRONG_STOP})
"""Grounds by which somebody's money should never have been held."""


class ForbiddenMove(Refusal):
    """The table of moves does not allow this."""

    message = gettext_noop("An instruction that is %(state)s cannot do this: %(move)s.")


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


def next_state(state: State, move: Move) -> State:
    """The state after the move; raises ForbiddenMove."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise ForbiddenMove(state=state, move=move) from None


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


def check_freeze_amount(amount_fen: int, traced_fen: int, necessity: str) -> None:
    """A limited freeze stays within the traced amount unless necessity is written (F04, F08)."""
    from fanzha.core.money import format_yuan

    if amount_fen <= 0 or (amount_fen > traced_fen and not necessity.strip()):
        raise AmountNotAllowed(amount=format_yuan(amount_fen), traced=format_yuan(traced_fen))


def check_release(
    kind: Kind, state: State, ground: ReleaseGround, *, amount_fen: int | None, keep_fen: int | None
) -> None:
    """Raise HoldNotInForce or NotReducible; `amount_fen` is held up to, `keep_fen` would stay."""
    if kind not in RELEASE_OF or state not in RELEASABLE:
        raise HoldNotInForce(state=state)
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


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, printed into the docs."""
    lines = [f"    {state} --> {after}: {move}" for (state, move), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> draft", *lines])
