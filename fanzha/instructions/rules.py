"""Kinds, states, moves, limits and checks of instructions: pure.

States as in law-and-clocks section 10; what the table of moves does not name is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.core.refusal import NotAllowed, Refusal, gettext_noop
from fanzha.core.spans import Limit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Kind(StrEnum):
    """What is asked of the institution."""

    QUERY = "transaction_query"
    STOP = "stop_payment"
    FREEZE = "freeze"


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
    RELEASE = "release"
    LAPSE = "lapse"
    END_BY_LAW = "end_by_law"


_WAITING = (State.SENT, State.ACCEPTED, State.UNKNOWN_RESULT)
_HOLDING = (State.EFFECTIVE, State.PARTIALLY_EFFECTIVE)

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
    **{(state, Move.RELEASE): State.RELEASED for state in _HOLDING},
    **{(state, Move.LAPSE): State.LAPSED for state in _HOLDING},
    **{(state, Move.END_BY_LAW): State.RELEASED_BY_LAW for state in _HOLDING},
}

OPEN_STATES = frozenset(
    {State.DRAFT, State.AWAITING_APPROVAL, State.APPROVED, *_WAITING, *_HOLDING}
)
"""An account with an instruction of the same kind in one of these is not drafted again."""
HOLDING_STATES = frozenset(_HOLDING)
WAITING_STATES = frozenset(_WAITING)

APPROVAL_PERMISSION: Mapping[Kind, str] = {
    Kind.QUERY: "instruction.approve_query",
    Kind.STOP: "instruction.approve_stop",
    Kind.FREEZE: "instruction.approve_freeze",
}
TX_CODE: Mapping[Kind, str] = {Kind.QUERY: "100301", Kind.STOP: "100101", Kind.FREEZE: "100201"}

_N86 = "银发〔2016〕86号"
_PCR = "公安机关办理刑事案件程序规定"
STOP_WINDOW = Limit(
    "stop_window", Span(hours=48), _N86, uses_max=2,
    warn_before=(Span(hours=12), Span(hours=6), Span(hours=2)),
)  # fmt: skip
FREEZE_TERM = Limit(
    "freeze_term", Span(months=6), f"{_PCR} 243",
    warn_before=(Span(days=30), Span(days=15), Span(days=7), Span(days=1)),
)  # fmt: skip
APPROVAL_LIFE = Limit("approval_life", Span(hours=24), "project", mark="assumed")
FEEDBACK_LIMIT = Limit("feedback_limit", Span(hours=1), "bank profile 2016", mark="assumed")
LIMITS = (STOP_WINDOW, FREEZE_TERM, APPROVAL_LIFE, FEEDBACK_LIMIT)


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


class ReasonMissing(Refusal):
    """A return, an override and a withdrawal carry a reason."""

    message = gettext_noop("Write the reason.")


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


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, printed into the docs."""
    lines = [f"    {state} --> {after}: {move}" for (state, move), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> draft", *lines])
