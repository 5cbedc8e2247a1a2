"""A hold in force and what may follow on it, as the tests of release and extension need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move, ReleaseGround
from tests import build
from tests.cast import DUTY, NOON, officer

if TYPE_CHECKING:
    from fanzha.instructions.models import Package

WHY = Ground("case", "", "经核实与案件无关")
STOP_END = NOON + timedelta(hours=48)


def hold(
    kind: Kind = Kind.STOP,
    *,
    ends_at: datetime | None = None,
    answered_at_all: bool = True,
    **facts: Any,
) -> Instruction:
    """A stop or freeze by Lin, approved by Liang, in effect since noon (or only sent)."""
    lin, liang = officer("lin"), officer("liang")
    case = build.filed_case(lin, liang)
    with acting_for(lin):
        (package,) = actions.draft(lin, case, [build.draft(kind, **facts)], at=NOON, ground=DUTY)
    made = carried(package)
    if not answered_at_all:
        return made
    held = {"balance_fen": 50_000_000, "held_fen": 48_230_000 if kind == Kind.FREEZE else None}
    return answered(
        made, Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON, ends_at=ends_at, **held)
    )


def carried(package: Package, *, by: str = "liang", at: datetime = NOON) -> Instruction:
    """Approve the package and send its one instruction."""
    approver = officer(by)
    with acting_for(approver):
        actions.approve(approver, package, at=at, ground=DUTY)
    return sent(package, at=at)


def sent(package: Package, *, at: datetime = NOON) -> Instruction:
    """Send the one instruction of an approved package."""
    with system_scope("test") as system:
        instruction = package.instructions.select_related("case", "concerns").get()
        actions.send(system, instruction, at=at, ground=DUTY)
    return fresh(instruction)


def answered(instruction: Instruction, answer: Answer, *, at: datetime = NOON) -> Instruction:
    """Let the bank answer."""
    with system_scope("test") as system:
        again = Instruction.objects.select_related("case").get(pk=instruction.pk)
        actions.record_reply(system, again, answer, message_id=1, at=at, ground=DUTY)
    return fresh(instruction)


def fresh(instruction: Instruction) -> Instruction:
    """As the table has it now."""
    with system_scope("test"):
        return Instruction.objects.select_related("case", "package", "concerns").get(
            pk=instruction.pk
        )


def release(
    of: Instruction,
    because: ReleaseGround = ReleaseGround.UNRELATED,
    *,
    by: str = "lin",
    at: datetime = NOON,
    **facts: Any,
) -> Package:
    """Draft a release."""
    drafter = officer(by)
    with acting_for(drafter):
        return actions.draft_release(drafter, of, because, at=at, ground=WHY, **facts)


def extension(of: Instruction, *, by: str = "lin", at: datetime = NOON) -> Package:
    """Draft an extension."""
    drafter = officer(by)
    with acting_for(drafter):
        return actions.draft_extension(drafter, of, at=at, ground=WHY)
