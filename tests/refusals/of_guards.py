"""Trials of the guard list: easily set, taken off once and only from above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.identity.acting import acting_for
from fanzha.instructions import guarding
from fanzha.instructions.models import Guard
from tests import build
from tests.cast import NOON, officer
from tests.refusals.of_instructions import WHY
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from fanzha.identity.acting import System

GROUP = "military"


def _entry(_: System) -> Guard:
    lin = officer("lin")
    with acting_for(lin):
        return guarding.guard(lin, build.MULE, GROUP, at=NOON, ground=WHY)


def _put(entry: Guard, state: str) -> Guard:
    with writing():
        Guard.objects.filter(pk=entry.pk).update(lifted_at=NOON if state else None)
    return entry


TRIALS = (
    Trial(
        guarding.guard,
        lambda by, _: guarding.guard(by, build.MULE, GROUP, at=NOON, ground=WHY),
        _entry, _put, {"": Refused(guarding.GuardedBefore), "lifted": Done()},
    ),
    Trial(
        guarding.unguard, lambda by, entry: guarding.unguard(by, entry, at=NOON, ground=WHY),
        _entry, _put, {"": Done(), "lifted": Refused(guarding.GuardNotFound)},
    ),
)  # fmt: skip
