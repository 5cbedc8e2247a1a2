"""Trials of answers settled by telephone: noted in every state, decided once, by a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.identity.acting import acting_for
from fanzha.instructions import settling
from fanzha.instructions.models import Settlement
from fanzha.instructions.rules import Kind, State
from fanzha.instructions.settling import Told, Verdict
from tests.cast import DUTY, NOON, officer
from tests.refusals.of_instructions import WHY, drafted, put
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System
    from fanzha.instructions.models import Instruction

TOLD = Told(Verdict.DONE, "test", "1060001", NOON, "test")


def _note(by: Any, stop: Instruction) -> Settlement:
    return settling.note_told(by, stop, TOLD, at=NOON, ground=DUTY)


def _noted(system: System) -> Settlement:
    """A stop that Lin drafted, whose answer nobody understood; she called the bank."""
    stop, lin = put(drafted(Kind.STOP)(system), State.UNKNOWN_RESULT), officer("lin")
    with acting_for(lin):
        return _note(lin, stop)


def _decided(kept: Settlement, state: str) -> Settlement:
    with writing():
        Settlement.objects.filter(pk=kept.pk).update(decided_at=NOON if state else None)
    return kept


def _trials() -> Iterator[Trial]:
    stands: dict[str, Refused | Done] = {
        state: Done() if state == State.UNKNOWN_RESULT else Refused(settling.NotUnknown)
        for state in State
    }
    yield Trial(settling.note_told, _note, drafted(Kind.STOP), put, stands)
    states: dict[str, Refused | Done] = {"": Done(), "decided": Refused(settling.SettledBefore)}
    yield Trial(
        settling.agree, lambda by, kept: settling.agree(by, kept, at=NOON, ground=WHY),
        _noted, _decided, states, needs="instruction.approve_stop",
    )  # fmt: skip
    yield Trial(
        settling.disagree, lambda by, kept: settling.disagree(by, kept, at=NOON, ground=WHY),
        _noted, _decided, states, needs="instruction.approve_stop",
    )  # fmt: skip


TRIALS = tuple(_trials())
