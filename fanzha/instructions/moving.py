"""One move of an instruction: claimed by the state it starts from, kept as history, audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.identity.acting import Actor, record
from fanzha.instructions import alarms, rules
from fanzha.instructions.models import Change, Instruction
from fanzha.instructions.rules import Move, State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def move(
    by: Actor,
    instruction: Instruction,
    step: Move,
    at: datetime,
    *,
    note: str = "",
    message_id: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Make one move of the table and set `facts` with it; raises ForbiddenMove."""
    before = State(instruction.state)
    after = rules.next_state(before, step)
    changes = {**(facts or {}), "state": after}
    won = Instruction.objects.filter(pk=instruction.pk, state=before).update(**changes)
    if not won:
        raise rules.ForbiddenMove(state=before, move=step)
    for name, value in changes.items():
        setattr(instruction, name, value)
    note_change(by, instruction, step, before, after, at, note=note, message_id=message_id)
    alarms.follow(instruction, at)
    record(
        "instruction", instruction.public_id, case_id=instruction.case_id,
        kind=instruction.kind, move=step, state=after, tail=instruction.account[-4:],
        institution=instruction.institution_name, amount_fen=instruction.amount_fen, note=note,
    )  # fmt: skip


def note_change(
    by: Actor,
    instruction: Instruction,
    step: Move,
    before: str,
    after: str,
    at: datetime,
    *,
    note: str = "",
    message_id: int | None = None,
) -> None:
    """Keep the move as history."""
    Change.objects.create(
        instruction=instruction, case_id=instruction.case_id, move=step, before=before,
        after=after, at=at, actor=str(by), note=note, message_id=message_id,
        unit_path=instruction.unit_path,
    )  # fmt: skip
