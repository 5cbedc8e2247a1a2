"""What happens because time passed: holds lapse, unused approvals die."""

from __future__ import annotations

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, State

BATCH = 200
ENDING_STATES = sorted({State.APPROVED, *HOLDING_STATES})


def lapse_due() -> int:
    """End what has run out; each one claimed by conditional UPDATE, so two sweeps do no harm."""
    ended = 0
    with system_scope("instructions.lapse") as system:
        at = clock.now()
        due = Instruction.objects.filter(state__in=ENDING_STATES, ends_at__lte=at).exclude(
            ends_rule=""
        )
        for instruction in due.select_related("case").order_by("ends_at")[:BATCH]:
            ground = Ground("clock", instruction.ends_rule)
            ended += actions.lapse(system, instruction, at=at, ground=ground)
    return ended
