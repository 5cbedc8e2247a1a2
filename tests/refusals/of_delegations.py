"""Trials of delegations: lent by who holds the right, ended once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.identity import delegating
from fanzha.identity.acting import acting_for
from fanzha.identity.models import Delegation
from tests.cast import NOON, officer
from tests.refusals.of_instructions import WHY
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from fanzha.identity.acting import System
    from fanzha.identity.models import Officer

STOP = "instruction.approve_stop"


def _lend(by: Officer) -> Delegation:
    return delegating.lend(
        by, officer("chen"), STOP, since=NOON, until=NOON + timedelta(days=1), at=NOON, ground=WHY
    )


def _lent(_: System) -> Delegation:
    zhao = officer("zhao")
    with acting_for(zhao):
        return _lend(zhao)


def _put(lent: Delegation, state: str) -> Delegation:
    with writing():
        Delegation.objects.filter(pk=lent.pk).update(withdrawn_at=NOON if state else None)
    return lent


TRIALS = (
    Trial(delegating.lend, lambda by, _: _lend(by), needs=STOP),
    Trial(
        delegating.take_back, lambda by, it: delegating.take_back(by, it, at=NOON, ground=WHY),
        _lent, _put, {"": Done(), "taken back": Refused(delegating.DelegationNotFound)}, needs=STOP,
    ),
)  # fmt: skip
