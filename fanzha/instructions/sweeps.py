"""What happens because time passed: holds lapse, unused approvals die."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import OperationalError

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, State

if TYPE_CHECKING:
    from fanzha.identity.acting import System

logger = logging.getLogger(__name__)

BATCH = 50
"""In one transaction: what a batch claims, nobody else can change until it is committed."""
BATCHES_MAX = 400
"""In one sweep; what is left then, the next one takes."""
ENDING_STATES = sorted({State.APPROVED, *HOLDING_STATES})


def lapse_due() -> int:
    """End what has run out, batch by batch; how many.

    Each one is claimed by conditional UPDATE, so two sweeps do no harm. An instruction that cannot
    be ended is set aside with an entry in the log: no other hold stands longer because of it. The
    next sweep tries it again.
    """
    ended, aside = 0, set[int]()
    for _ in range(BATCHES_MAX):
        found, won, failed = _lapse_batch(aside)
        ended += won
        aside |= failed
        if found < BATCH or not (won or failed):
            break
    return ended


def _lapse_batch(aside: set[int]) -> tuple[int, int, set[int]]:
    """How many were due, how many of them this sweep ended, and which cannot be ended."""
    try:
        with system_scope("instructions.lapse") as system:
            batch = _due(aside)
            return len(batch), sum(_lapse(system, each) for each in batch), set()
    except OperationalError:
        raise
    except Exception:
        logger.exception("a batch of ends failed: one by one")
    return _one_by_one(aside)


def _one_by_one(aside: set[int]) -> tuple[int, int, set[int]]:
    """The same, each instruction in a transaction of its own."""
    with system_scope("instructions.lapse"):
        batch = _due(aside)
    won, failed = 0, set[int]()
    for each in batch:
        try:
            with system_scope("instructions.lapse") as system:
                won += _lapse(system, each)
        except OperationalError:
            raise
        except Exception:
            logger.exception("%s has run out and cannot be ended", each.public_id)
            failed.add(each.pk)
    return len(batch), won, failed


def _due(aside: set[int]) -> list[Instruction]:
    due = Instruction.objects.filter(state__in=ENDING_STATES, ends_at__lte=clock.now())
    due = due.exclude(ends_rule="").exclude(pk__in=aside).order_by("ends_at")
    # The keys alone first: joined, the database looks through all that is due once per case.
    keys = list(due.values_list("pk", flat=True)[:BATCH])
    return list(Instruction.objects.select_related("case").filter(pk__in=keys).order_by("ends_at"))


def _lapse(system: System, instruction: Instruction) -> bool:
    ground = Ground("clock", instruction.ends_rule)
    return actions.lapse(system, instruction, at=clock.now(), ground=ground)
