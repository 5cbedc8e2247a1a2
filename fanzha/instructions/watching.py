"""A watched account: each batch of new rows is told to the case until an officer has seen it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.instructions.checks import ReasonMissing
from fanzha.instructions.models import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import System
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction


class NothingUnseen(Refusal):
    """Somebody has seen it before, or nothing moved."""

    message = gettext_noop("Nothing new was told of this account since somebody looked.")


@dataclass(frozen=True)
class Moved:
    """What rows of an account add up to: how much arrived, how much left, in how many rows."""

    arrived_fen: int
    left_fen: int
    rows: int


def moved(rows: Iterable[dict[str, Any]]) -> Moved:
    """Add up the rows of a batch; what failed at the bank moved nothing."""
    real = [row for row in rows if row["success"] != "failed" and row["amount_fen"] is not None]
    sums = {
        way: sum(row["amount_fen"] for row in real if row["direction"] == way)
        for way in ("in", "out")
    }
    return Moved(sums["in"], sums["out"], len(real))


@action("instruction.send", system=True)
def note_batch(
    by: System, watch: Instruction, told: Moved, statement: str, *, at: datetime, ground: Ground
) -> None:
    """Keep that money moved on a watched account; the rows are in the statement."""
    Batch.objects.create(
        watch=watch, case_id=watch.case_id, unit_path=watch.unit_path,
        restricted=watch.restricted, statement=statement, received_at=at, **vars(told),
    )  # fmt: skip
    record("instruction", watch.public_id, case_id=watch.case_id, statement=statement, **vars(told))


@action("instruction.draft")
def see(by: Officer, watch: Instruction, *, at: datetime, ground: Ground) -> int:
    """Note what was done about everything told so far: the ground's reason. How many batches."""
    if not ground.reason.strip():
        raise ReasonMissing
    seen = Batch.objects.filter(watch=watch, seen_at=None).update(
        seen_at=at, seen_by_id=by.pk, note=ground.reason
    )
    if not seen:
        raise NothingUnseen
    record("instruction", watch.public_id, case_id=watch.case_id, seen=seen)
    return seen
