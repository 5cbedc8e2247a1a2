"""Which clocks run for an instruction: worked out anew from its columns after every move.

The columns say when it ends; the clocks press before, and after. Nothing here is a verb of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.duties import clocks
from fanzha.duties.clocks import About, Term
from fanzha.instructions.rules import (
    HOLDING_STATES,
    ON_ITS_WAY,
    RELEASABLE,
    RENEWAL_MARGIN,
    UNRELATED_RELEASE,
    Kind,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.instructions.models import Instruction, Oral, Review

KIND, WORD = "instruction", "package"


def follow(instruction: Instruction, at: datetime) -> None:
    """Start, move and close the clocks of an instruction; before it is sent it has none."""
    if instruction.sent_at is None:
        return
    about = About(KIND, instruction.public_id, instruction.unit_path, instruction.case_id)
    clocks.keep(about, wanted(instruction), at)


def wanted(instruction: Instruction) -> dict[str, Term]:
    """The clocks that should run as the instruction stands."""
    found: dict[str, Term] = {}
    if instruction.state in ON_ITS_WAY and instruction.sent_at and instruction.due_at:
        found[instruction.due_rule] = Term(instruction.sent_at, instruction.due_at)
    holds = instruction.state in HOLDING_STATES and instruction.ends_rule
    if holds and instruction.effective_at and instruction.ends_at:
        found[instruction.ends_rule] = Term(instruction.effective_at, instruction.ends_at)
        if instruction.kind == Kind.FREEZE:
            found |= _renewal(instruction.effective_at, instruction.ends_at)
    if instruction.state in RELEASABLE and instruction.release_due_at:
        found_at = UNRELATED_RELEASE.span.before(instruction.release_due_at)
        found[instruction.release_due_rule] = Term(found_at, instruction.release_due_at)
    return found


def _renewal(since: datetime, ends_at: datetime) -> dict[str, Term]:
    """The last day on which a bank can still be asked to renew; it moves with the end."""
    last_day = RENEWAL_MARGIN.before(ends_at)
    return {"renewal_last_day": Term(since, last_day)} if last_day > since else {}


def await_word(oral: Oral, at: datetime) -> None:
    """Start the clock of a word that is to be confirmed."""
    clocks.start(_word(oral), oral.due_rule, Term(oral.recorded_at, oral.due_at), at)


def word_given(oral: Oral, at: datetime) -> None:
    """It was confirmed or denied."""
    clocks.meet(_word(oral), oral.due_rule, at)


def await_review(review: Review, at: datetime) -> None:
    """Start the clock of a review."""
    clocks.start(_looked_at(review), review.due_rule, Term(review.opened_at, review.due_at), at)


def reviewed(review: Review, at: datetime) -> None:
    """The verdict is given."""
    clocks.meet(_looked_at(review), review.due_rule, at)


def _looked_at(review: Review) -> About:
    return About(WORD, review.package.public_id, review.unit_path, review.case_id)


def _word(oral: Oral) -> About:
    return About(WORD, oral.package.public_id, oral.unit_path, oral.case_id)
