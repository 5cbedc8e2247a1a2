"""What happens because time passed: holds lapse, unused approvals die."""

from __future__ import annotations

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, State

BATCH = 50
"""In one transaction: what a batch claims, nobody else can change until it is committed."""
BATCHES_MAX = 400
"""In one sweep; what is left then, the next one takes."""
ENDING_STATES = sorted({State.APPROVED, *HOLDING_STATES})


def lapse_due() -> int:
    """End what has run out, batch by batch; how many.

    Each one is claimed by conditional UPDATE, so two sweeps do no harm.
    """
    ended = 0
    for _ in range(BATCHES_MAX):
        found, won = _lapse_batch()
        ended += won
        if found < BATCH or not won:
            break
    return ended


def _lapse_batch() -> tuple[int, int]:
    """How many were due, and how many of them this sweep ended."""
    ended = 0
    with system_scope("instructions.lapse") as system:
        at = clock.now()
        due = Instruction.objects.filter(state__in=ENDING_STATES, ends_at__lte=at).exclude(
            ends_rule=""
        )
        batch = list(due.select_related("case").order_by("ends_at")[:BATCH])
        for instruction in batch:
            ground = Ground("clock", instruction.ends_rule)
            ended += actions.lapse(system, instruction, at=at, ground=ground)
    return len(batch), ended
