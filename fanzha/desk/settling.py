"""An answer settled by telephone, as the page of an instruction shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.desk.waiting import person
from fanzha.instructions import settling
from fanzha.instructions.rules import State

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction, Settlement


@dataclass(frozen=True)
class Call:
    """One call to the bank: who called, and who decided on it."""

    kept: Settlement
    caller: Officer | None
    decider: Officer | None


@dataclass(frozen=True)
class OnTelephone:
    """The calls so far, and what this officer may do now: note a call, or decide on the last."""

    calls: list[Call]
    may_note: bool
    may_decide: bool
    can_be_done: bool
    """False for a query: no statement comes by telephone; and for what the law does not allow."""


def on_telephone(officer: Officer, instruction: Instruction) -> OnTelephone | None:
    """What is shown; None where nobody called and no answer is unknown."""
    unknown = instruction.state == State.UNKNOWN_RESULT
    kept = settling.settlements_of(instruction)
    if not (unknown or kept):
        return None
    waiting = next((each for each in kept if each.decided_at is None), None)
    return OnTelephone(
        [Call(each, person(each.recorded_by_id), person(each.decided_by_id)) for each in kept],
        may_note=unknown and waiting is None and officer.may("instruction.draft"),
        may_decide=unknown and waiting is not None and _second(officer, instruction, waiting),
        can_be_done=settling.can_be_done(instruction),
    )


def _second(officer: Officer, instruction: Instruction, waiting: Settlement) -> bool:
    others = officer.pk not in (waiting.recorded_by_id, instruction.drafted_by_id)
    return others and officer.may(instruction.package.permission)
