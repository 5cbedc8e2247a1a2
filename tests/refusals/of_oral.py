"""Trials of approval by word of mouth: given in every state, confirmed or denied once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.identity.acting import acting_for
from fanzha.instructions import oral
from fanzha.instructions.models import Oral
from fanzha.instructions.rules import Kind, Move
from tests.cast import DUTY, NOON, officer
from tests.refusals.of_instructions import WHY, drafted, only, put, state_of
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System
    from fanzha.instructions.models import Instruction


def _word(by: Any, stop: Instruction) -> Oral:
    return oral.approve_by_word(
        by, stop.package, officer("liang"), called="1060000", told_at=NOON, at=NOON, ground=DUTY
    )


def _given(system: System) -> Oral:
    """A stop that Lin drafted, on Liang's word that she recorded."""
    stop, lin = drafted(Kind.STOP)(system), officer("lin")
    with acting_for(lin):
        return _word(lin, stop)


def _decided(kept: Oral, state: str) -> Oral:
    with writing():
        Oral.objects.filter(pk=kept.pk).update(decided_at=NOON if state else None)
    return kept


def _hers(by: Any, kept: Oral) -> Oral:
    """As if she who acts had given her word."""
    kept.approver_id = getattr(by, "pk", 0)
    return kept


def _trials() -> Iterator[Trial]:
    yield Trial(oral.approve_by_word, _word, drafted(Kind.STOP), put, only(Move.APPROVE), state_of)
    states: dict[str, Refused | Done] = {"": Done(), "decided": Refused(oral.DecidedBefore)}
    yield Trial(
        oral.confirm_word,
        lambda by, kept: oral.confirm_word(by, _hers(by, kept), at=NOON, ground=DUTY),
        _given, _decided, states, needs="instruction.approve_stop",
    )  # fmt: skip
    yield Trial(
        oral.deny_word,
        lambda by, kept: oral.deny_word(by, _hers(by, kept), at=NOON, ground=WHY),
        _given, _decided, states, needs="instruction.approve_stop",
    )  # fmt: skip


TRIALS = tuple(_trials())
