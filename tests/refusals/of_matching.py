"""Trials of judgements about pairs of rows and of numbers, decided upon already or not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements import actions as movements
from fanzha.movements import deciding
from fanzha.movements.models import IdentityDecision, PairDecision, Statement
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.movements.build import A, B, table
from tests.movements.test_transfers import into, out
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System

OPEN, DECIDED, UNDONE = "open", "decided", "undone"
DECISION = "D-TEST-1"


class Thing(NamedTuple):
    """A case with the payer's statement and the payee's."""

    case_id: int
    paid: Statement
    received: Statement


def _told(by: System) -> Thing:
    case = build.case(officer("lin"))
    files = [table(out(0, 500)).encode(), table(into(5, 500)).encode()]
    paid, received = (
        movements.import_statement(
            by, content, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
        for content in files
    )
    assert isinstance(paid, Statement)
    assert isinstance(received, Statement)
    return Thing(case.pk, paid, received)


def _put(thing: Thing, state: str) -> Thing:
    if state == OPEN:
        return thing
    judged = {
        "case_id": thing.case_id, "same": True, "officer_id": officer("chen").pk,
        "decided_at": NOON, "undone_at": NOON if state == UNDONE else None, "unit_path": "lj",
    }  # fmt: skip
    with writing():
        PairDecision.objects.create(
            **judged, public_id=DECISION, out_sha256=thing.paid.file_sha256, out_row=2,
            in_sha256=thing.received.file_sha256, in_row=2,
        )  # fmt: skip
        IdentityDecision.objects.create(**judged, public_id=f"{DECISION}2", one=A, other=B)
    return thing


def _state(thing: Thing) -> str:
    found = PairDecision.objects.filter(case_id=thing.case_id)
    if not found and not IdentityDecision.objects.filter(case_id=thing.case_id):
        return OPEN
    return UNDONE if found and not found.filter(undone_at=None) else DECIDED


def _trials() -> Iterator[Trial]:
    pair = Trial(
        deciding.decide_pair, build=_told, put=_put, state_of=_state,
        act=lambda by, thing: deciding.decide_pair(
            by, (thing.paid.public_id, 2), (thing.received.public_id, 2), same=True, at=NOON,
            ground=DUTY,
        ),
        states={OPEN: Done(DECIDED), DECIDED: Refused(deciding.DecidedAlready),
                UNDONE: Done(DECIDED)},
    )  # fmt: skip
    yield pair
    yield replace(
        pair, action=deciding.decide_identity, states={
            OPEN: Done(DECIDED), DECIDED: Refused(deciding.DecidedAlready), UNDONE: Done(UNDONE)
        },
        act=lambda by, thing: deciding.decide_identity(
            by, A, B, case_id=thing.case_id, same=True, at=NOON, ground=DUTY
        ),
    )  # fmt: skip
    yield replace(
        pair, action=deciding.undo_decision, states={
            OPEN: Refused(deciding.DecisionNotFound), DECIDED: Done(UNDONE),
            UNDONE: Refused(deciding.DecisionNotFound),
        },
        act=lambda by, _: deciding.undo_decision(by, DECISION, at=NOON, ground=DUTY),
    )  # fmt: skip


TRIALS = tuple(_trials())
