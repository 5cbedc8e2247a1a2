"""A short campaign of faults keeps every promise; the comparison finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench.faults import campaign
from bench.faults_books import (
    AT_ODDS,
    CHAIN,
    CHECKS,
    GIVEN_UP,
    LOST,
    OVERSTAYED,
    RAW_MISSING,
    SECOND_NUMBER,
    TWICE,
    Books,
    Ours,
    Theirs,
    violations,
)
from fanzha.instructions.rules import State

HELD = Ours("A1", State.EFFECTIVE, ("S1",), answers=1)
WAITS = Ours("A2", State.ACCEPTED, ("S2",), answers=0)
KEPT = Books(
    ours=(HELD, WAITS),
    theirs=(Theirs("A1", "S1"), Theirs("A2", "S2")),
    effects={"A1": 1, "A2": 1},
    swallowed=1,
)


def test_books_that_agree_hold_no_violation() -> None:
    assert violations(KEPT) == []


def test_the_same_bytes_twice_under_one_serial_are_no_violation() -> None:
    assert violations(replace(KEPT, theirs=(*KEPT.theirs, Theirs("A1", "S1")))) == []


@pytest.mark.parametrize(
    ("planted", "check"),
    [
        (replace(KEPT, swallowed=0), LOST),
        (replace(KEPT, ours=(HELD, replace(WAITS, state=State.APPROVED))), LOST),
        (replace(KEPT, theirs=KEPT.theirs[:1]), LOST),
        (replace(KEPT, effects={"A1": 2, "A2": 1}), TWICE),
        (replace(KEPT, ours=(replace(HELD, serials=("S1", "S3")), WAITS)), SECOND_NUMBER),
        (replace(KEPT, theirs=(*KEPT.theirs, Theirs("A9", "S2"))), SECOND_NUMBER),
        (replace(KEPT, ours=(replace(HELD, past_end=True), WAITS)), OVERSTAYED),
        (replace(KEPT, effects={"A2": 1}), AT_ODDS),
        (replace(KEPT, ours=(replace(HELD, state=State.FAILED), WAITS)), AT_ODDS),
        (replace(KEPT, ours=(replace(HELD, answers=0), WAITS)), RAW_MISSING),
        (replace(KEPT, ours=(replace(HELD, serials=()), WAITS)), RAW_MISSING),
        (replace(KEPT, chain_flaws=("block 3",)), CHAIN),
        (replace(KEPT, given_up=("outbox.deliver 7",)), GIVEN_UP),
    ],
)
def test_a_planted_violation_is_reported(planted: Books, check: str) -> None:
    assert {each.check for each in violations(planted)} == {check}


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("check", [True, False], ids=["duplicate check", "no check"])
def test_nothing_is_lost_doubled_or_overstayed_whatever_is_killed(*, check: bool) -> None:
    goals = {goal.id.removeprefix("no check: "): goal for goal in campaign("tiny", check=check)}

    assert {each: goals[each].ours for each in CHECKS} == dict.fromkeys(CHECKS, 0)
    assert goals["instructions"].ours >= 48
    assert any(name.startswith("kill -9") for name in goals)
