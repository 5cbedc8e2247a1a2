"""Trials of watched accounts: what a bank tells is kept, and seen once by an officer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.instructions import watching
from fanzha.instructions.models import Batch, Instruction
from fanzha.instructions.rules import Kind, State
from fanzha.instructions.watching import Moved, NothingUnseen
from tests.cast import DUTY, NOON
from tests.refusals.of_instructions import WHY, drafted, put
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from fanzha.identity.acting import System

TOLD = Moved(arrived_fen=100, left_fen=50, rows=2)


def _running(system: System) -> Instruction:
    return put(drafted(Kind.WATCH)(system), State.EFFECTIVE)


def _told(system: System) -> Instruction:
    watch = _running(system)
    with writing():
        Batch.objects.create(
            watch=watch, case=watch.case, statement="S-1", received_at=NOON, **vars(TOLD)
        )
    return watch


def _seen(watch: Instruction, state: str) -> Instruction:
    with writing():
        Batch.objects.filter(watch=watch).update(seen_at=NOON if state else None)
    return watch


TRIALS = (
    Trial(
        watching.note_batch,
        lambda by, watch: watching.note_batch(by, watch, TOLD, "S-1", at=NOON, ground=DUTY),
        _running,
    ),
    Trial(
        watching.see,
        lambda by, watch: watching.see(by, watch, at=NOON, ground=WHY), _told, _seen,
        {"": Done(), "seen": Refused(NothingUnseen)},
    ),
)  # fmt: skip
