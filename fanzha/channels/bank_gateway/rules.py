"""What an answer of a bank or of a front-end means for the instruction. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.profile import Profile, load

if TYPE_CHECKING:
    from fanzha.channels.bank_gateway.replies import FreezeReply, Result, StopReply


class Outcome(Enum):
    """The meaning of a business result (bank interface, section 8)."""

    EFFECTIVE = "effective"
    PARTIAL = "partial"
    """It holds less than was asked: show the balance, query the next tier at once."""
    QUEUED = "queued"
    """Waits behind an earlier freeze and holds nothing yet."""
    ALREADY_STOPPED = "already_stopped"
    """Somebody stopped it before: link, do not count it as ours, ask for the freeze."""
    ALREADY_FROZEN = "already_frozen"
    """A freeze runs: send ours, it will be queued."""
    FREEZE_OR_LOSE = "freeze_or_lose"
    """No stop is left to use or to extend: freeze now."""
    NAME_MISMATCH = "name_mismatch"
    """Back to intake; never sent again unchanged."""
    GUARDED = "guarded"
    """On the bank's white list: the approver decides."""
    PAPER_MISSING = "paper_missing"
    """Attach the paper and ask again under a new ApplicationID."""
    RETRY = "retry"
    DELIVERED_TWICE = "delivered_twice"
    """The first copy arrived: wait for its feedback."""
    TRUNCATED = "truncated"
    """More rows exist: ask again by halves of the period."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    """The profile has no such code: kept verbatim, shown as unknown, decided by a person."""


HOLDING = frozenset({Outcome.EFFECTIVE, Outcome.PARTIAL})
"""Outcomes under which money is held by our own instruction."""


class Delivery(Enum):
    """What the synchronous answer of a front-end means. It is never success of the business."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    RESEND = "resend"
    """Send the same bytes again, at most three times."""
    LATER = "later"
    """The front-end is busy or closed: the same bytes, after a rest."""
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class GatewayAnswer:
    """A gateway code with its meaning and labels; unknown codes are kept verbatim."""

    code: str
    delivery: Delivery
    label: str
    label_en: str


RESENDS_MAX = 3
"""Public code resends after a network error at most three times."""


def classify(tx_code: str, result: Result | str, *, profile: Profile | None = None) -> Outcome:
    """Say what `result` means in a feedback `tx_code`; request codes and both series work too."""
    code = result if isinstance(result, str) else result.code
    chosen = profile or load()
    found = chosen.result(tx_code, code)
    if found is None:
        requested = chosen.tx_codes.get(chosen.base_code(tx_code))
        found = chosen.result(requested.feedback, code) if requested else None
    return Outcome(found.outcome) if found else Outcome.UNKNOWN


def outcome_of_stop(reply: StopReply, *, profile: Profile | None = None) -> Outcome:
    """Say what came of a stop."""
    return classify("100102", reply.result, profile=profile)


def outcome_of_freeze(reply: FreezeReply, *, profile: Profile | None = None) -> Outcome:
    """Say what came of a freeze: an accepted one may be queued or hold less than asked."""
    outcome = classify("100202", reply.result, profile=profile)
    if outcome is not Outcome.EFFECTIVE:
        return outcome
    if reply.queued:
        return Outcome.QUEUED
    if reply.applied_fen is None or reply.frozen_fen is None:
        return outcome
    return Outcome.PARTIAL if reply.frozen_fen < reply.applied_fen else outcome


def read_gateway_code(code: str, *, profile: Profile | None = None) -> GatewayAnswer:
    """Say what the `Code` of an acknowledgement asks of the sender."""
    found = (profile or load()).gateway.get(code)
    if found is None:
        return GatewayAnswer(code, Delivery.UNKNOWN, "未知应答码", "Unknown gateway code")
    return GatewayAnswer(code, Delivery(found.action), found.zh, found.en)
