"""Kinds, states, moves and limits of instructions: pure.

States as in law-and-clocks section 10; what the table of moves does not name is forbidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.core.spans import Span
from fanzha.duties.rules import limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.core.spans import Limit


class Kind(StrEnum):
    """What is asked of the institution; the last five concern an earlier watch, stop or freeze."""

    QUERY = "transaction_query"
    HOLDER = "holder_query"
    ACCOUNTS = "all_accounts_query"
    WATCH = "watch"
    STOP = "stop_payment"
    FREEZE = "freeze"
    RELEASE_WATCH = "release_watch"
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


HOLDS = frozenset({Kind.STOP, Kind.FREEZE})
"""Kinds that keep money where it is."""
QUERIES = frozenset({Kind.QUERY, Kind.HOLDER, Kind.ACCOUNTS})
"""Kinds that ask and hold nothing: once answered, the same may be asked again."""
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
    # How often a stop is extended is for its count (L05) to say, not for this table.
    **{(state, Move.EXTEND): State.EXTENDED for state in (*_HOLDING[:2], State.EXTENDED)},
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

TX_CODE: Mapping[Kind, str] = {
    Kind.QUERY: "100301",
    Kind.HOLDER: "100303",
    Kind.ACCOUNTS: "100309",
    Kind.WATCH: "100305",
    Kind.RELEASE_WATCH: "100307",
    Kind.STOP: "100101",
    Kind.FREEZE: "100201",
    Kind.RELEASE_STOP: "100103",
    Kind.EXTEND_STOP: "100105",
    Kind.RELEASE_FREEZE: "100203",
    Kind.RENEW_FREEZE: "100205",
}
FEEDBACK_OF = {kind: str(int(code) + 1) for kind, code in TX_CODE.items()}

STOP_WINDOW = limit("stop_window")
FREEZE_TERM = limit("freeze_term")
WATCH_TERM = limit("watch_term")
UNRELATED_RELEASE = limit("unrelated_release")
APPROVAL_LIFE = limit("approval_life")
FEEDBACK_LIMIT = limit("feedback_limit")
ORAL_CONFIRMATION = limit("oral_confirmation")
STOP_REVIEW = limit("stop_review")
MAY_REVIEW = "instruction.review_stop"
"""Who holds this looks again at stops that others approved, and at none of her own."""
RENEWAL_MARGIN = Span(workdays=3)
"""So long before its end a freeze is renewed: a bank needs some days for it (assumed)."""
BY_WORD = frozenset({"instruction.approve_stop"})
"""What may go out on an approver's word (assumed): a freeze and a query need her signature."""


@dataclass(frozen=True)
class FollowOn:
    """What an instruction about an earlier one does: to a watch or which hold, by which move.

    `limit` is the term that an extension adds; a release adds none.
    """

    of: Kind
    move: Move
    limit: Limit | None = None


FOLLOW_ONS: Mapping[Kind, FollowOn] = {
    Kind.RELEASE_WATCH: FollowOn(Kind.WATCH, Move.RELEASE),
    Kind.RELEASE_STOP: FollowOn(Kind.STOP, Move.RELEASE),
    Kind.EXTEND_STOP: FollowOn(Kind.STOP, Move.EXTEND, STOP_WINDOW),
    Kind.RELEASE_FREEZE: FollowOn(Kind.FREEZE, Move.RELEASE),
    Kind.RENEW_FREEZE: FollowOn(Kind.FREEZE, Move.RENEW, FREEZE_TERM),
}
RELEASE_OF = {each.of: kind for kind, each in FOLLOW_ONS.items() if each.limit is None}
EXTENSION_OF = {each.of: kind for kind, each in FOLLOW_ONS.items() if each.limit is not None}


class ReleaseGround(StrEnum):
    """Why a hold is released; the last is why a watch ends, and of nothing else."""

    UNRELATED = "unrelated"
    WRONG_STOP = "wrong_stop"
    CASE_DECIDED = "case_decided"
    REDUCTION = "reduction"
    SEEN_ENOUGH = "seen_enough"


WITHIN_THREE_DAYS = frozenset(
    {ReleaseGround.UNRELATED, ReleaseGround.WRONG_STOP, ReleaseGround.REDUCTION}
)
"""Grounds whose finding starts the clock of PCR 247 (an excess by F10: reported)."""
HARM = frozenset({ReleaseGround.UNRELATED, ReleaseGround.WRONG_STOP})
"""Grounds by which somebody's money should never have been held."""


class ForbiddenMove(Refusal):
    """The table of moves does not allow this."""

    message = gettext_noop("An instruction that is %(state)s cannot do this: %(move)s.")


def next_state(state: State, move: Move) -> State:
    """The state after the move; raises ForbiddenMove."""
    try:
        return MOVES[state, move]
    except KeyError:
        raise ForbiddenMove(state=state, move=move) from None


def diagram() -> str:
    """The table of moves as a Mermaid state diagram, printed into the docs."""
    lines = [f"    {state} --> {after}: {move}" for (state, move), after in MOVES.items()]
    return "\n".join(["stateDiagram-v2", "    [*] --> draft", *lines])
