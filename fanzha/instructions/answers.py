"""From a bank's message to what it means for the instruction: pure translation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway import replies
from fanzha.channels.bank_gateway.rules import (
    Delivery,
    Outcome,
    classify,
    outcome_of_freeze,
    outcome_of_stop,
    read_gateway_code,
)
from fanzha.instructions.actions import Answer
from fanzha.instructions.rules import FEEDBACK_OF, Kind, Move

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fanzha.channels.bank_gateway.codec import Message

MOVE_OF = {
    Outcome.EFFECTIVE: Move.TAKE_EFFECT,
    Outcome.PARTIAL: Move.TAKE_PARTIAL_EFFECT,
    Outcome.TRUNCATED: Move.TAKE_PARTIAL_EFFECT,
    Outcome.UNKNOWN: Move.PUZZLE,
    # A queued freeze holds nothing yet: a person watches it.
    Outcome.QUEUED: Move.PUZZLE,
}
OTHER_LINE = "came over another line than the request went"
OTHER_ACCOUNT = "names another account than the request"
AFTER_A_NO = "the bank says that it holds what was noted as failed"
ONE_TOO_MANY = "the bank extended a stop beyond what the law allows"
AFTER_A_YES = "the bank says no after the watch had begun"
"""Why a message is left to a person although it answers one of ours."""


def outcome_of(kind: Kind, code: str) -> Outcome:
    """What a stored result code means in an answer to `kind`; a front-end's refusal is FAILED."""
    outcome = classify(FEEDBACK_OF[kind], code)
    refused = outcome is Outcome.UNKNOWN and (
        read_gateway_code(code).delivery is not Delivery.UNKNOWN
    )
    return Outcome.FAILED if refused else outcome


def read(kind: Kind, message: Message) -> Answer | None:
    """The answer, or None when the bank only says that it has the request already."""
    return _READERS[kind](message)


def _stop(message: Message) -> Answer | None:
    reply = replies.read_stop(message)
    return _hold(reply, outcome_of_stop(reply), held_fen=reply.balance_fen)


def _freeze(message: Message) -> Answer | None:
    reply = replies.read_freeze(message)
    return _hold(reply, outcome_of_freeze(reply), held_fen=reply.frozen_fen)


def _longer_stop(message: Message) -> Answer | None:
    reply = replies.read_stop(message)
    return _longer(_hold(reply, classify("100106", reply.result), held_fen=None))


def _longer_freeze(message: Message) -> Answer | None:
    reply = replies.read_freeze(message)
    return _longer(_hold(reply, classify("100206", reply.result), held_fen=reply.frozen_fen))


def _longer(answer: Answer | None) -> Answer | None:
    """StartTime of an extension is when the added term begins, not when the bank agreed to it."""
    return answer and replace(answer, effective_at=None)


def _release(message: Message) -> Answer | None:
    reply = replies.read_release(message)
    outcome = classify(message.tx_code, reply.result)
    if outcome is Outcome.DELIVERED_TWICE:
        return None
    return Answer(
        move=MOVE_OF.get(outcome, Move.FAIL),
        result_code=reply.result.code,
        result_text=_text(reply.result.label, reply.failure_cause, reply.remark, reply.issues),
        effective_at=reply.withdrawn_at,
        balance_fen=reply.balance_fen,
        freed_fen=reply.freed_fen,
    )


def _hold(
    reply: replies.StopReply | replies.FreezeReply, outcome: Outcome, *, held_fen: int | None
) -> Answer | None:
    if outcome is Outcome.DELIVERED_TWICE:
        return None
    return Answer(
        move=MOVE_OF.get(outcome, Move.FAIL),
        result_code=reply.result.code,
        result_text=_text(reply.result.label, reply.failure_cause, reply.remark, reply.issues),
        effective_at=reply.start_time,
        ends_at=reply.expire_time,
        balance_fen=reply.balance_fen,
        held_fen=held_fen,
    )


def _told(message: Message) -> Answer | None:
    result = replies.read_result(message)
    outcome = classify(message.tx_code, result)
    if outcome is Outcome.DELIVERED_TWICE:
        return None
    return Answer(
        move=MOVE_OF.get(outcome, Move.FAIL),
        result_code=result.code,
        result_text=result.label,
    )


def _text(*parts: str | tuple[str, ...]) -> str:
    flat = [part if isinstance(part, str) else "；".join(part) for part in parts]
    return " · ".join(part for part in flat if part)


_READERS: Mapping[Kind, Callable[[Message], Answer | None]] = {
    Kind.STOP: _stop,
    Kind.FREEZE: _freeze,
    Kind.QUERY: _told,
    Kind.HOLDER: _told,
    Kind.ACCOUNTS: _told,
    Kind.WATCH: _told,
    Kind.RELEASE_WATCH: _release,
    Kind.RELEASE_STOP: _release,
    Kind.EXTEND_STOP: _longer_stop,
    Kind.RELEASE_FREEZE: _release,
    Kind.RENEW_FREEZE: _longer_freeze,
}
