"""An answer that nobody understands: asked by telephone, agreed by a second officer, then moved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, checks, queries, settling
from fanzha.instructions.actions import Answer
from fanzha.instructions.rules import Kind, Move, State
from fanzha.instructions.settling import Told, Verdict
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.instructions.follow import WHY, answered, carried, fresh, hold, release

if TYPE_CHECKING:
    from fanzha.instructions.models import Instruction, Settlement

MINUTE = timedelta(minutes=1)
PUZZLE = Answer(Move.PUZZLE, "9876", "")
pytestmark = pytest.mark.usefixtures("db")


def puzzling(kind: Kind = Kind.STOP) -> Instruction:
    return answered(hold(kind, answered_at_all=False), PUZZLE)


def told(
    about: Instruction, verdict: Verdict = Verdict.DONE, *, by: str = "lin", **changes: Any
) -> Settlement:
    said: dict[str, Any] = {
        "told_by": "江岚银行值班员", "called": "1060001", "told_at": NOON, "evidence": "录音 7 号",
    } | changes  # fmt: skip
    caller = officer(by)
    with acting_for(caller):
        return settling.note_told(
            caller, about, Told(verdict, **said), at=NOON + MINUTE, ground=DUTY
        )


def decided(about: Instruction, *, by: str = "liang", yes: bool = True, why: str = "") -> None:
    decider = officer(by)
    with acting_for(decider):
        decide = settling.agree if yes else settling.disagree
        decide(
            decider,
            settling.waiting_of(about),
            at=NOON + 2 * MINUTE,
            ground=Ground("case", "", why),
        )


def test_nothing_moves_until_a_second_officer_agrees() -> None:
    stop = puzzling()
    told(stop)
    assert fresh(stop).state == State.UNKNOWN_RESULT
    decided(stop)
    now = fresh(stop)
    assert (now.state, now.effective_at) == (State.EFFECTIVE, NOON)
    assert (now.ends_at, now.ends_rule) == (NOON + timedelta(hours=48), "stop_window")
    with system_scope("test"):
        assert queries.stops_so_far(stop.account) == 1


def test_what_was_not_done_can_be_drafted_again() -> None:
    stop = puzzling()
    lin = officer("lin")
    with acting_for(lin), pytest.raises(checks.AlreadyUnderWay):
        actions.draft(lin, stop.case, [build.draft()], at=NOON, ground=DUTY)
    told(stop, Verdict.NOT_DONE)
    decided(stop)
    assert (fresh(stop).state, fresh(stop).result_code) == (State.FAILED, "9876")
    with acting_for(lin):
        actions.draft(lin, stop.case, [build.draft()], at=NOON, ground=DUTY)
        assert queries.stops_so_far(stop.account) == 0


def test_a_release_that_was_done_ends_the_hold() -> None:
    stop = hold()
    let_go = answered(carried(release(stop)), PUZZLE)
    assert fresh(stop).state == State.EFFECTIVE
    told(let_go)
    decided(let_go)
    assert fresh(stop).state == State.RELEASED


def test_who_called_or_drafted_does_not_decide() -> None:
    stop = puzzling()
    told(stop, by="zhao")
    with pytest.raises(checks.OwnDraft):
        decided(stop, by="zhao")
    assert fresh(stop).state == State.UNKNOWN_RESULT


def test_a_no_needs_a_reason_and_the_bank_can_be_called_again() -> None:
    stop = puzzling()
    told(stop)
    with pytest.raises(settling.SettlementWaits):
        told(stop)
    with pytest.raises(checks.ReasonMissing):
        decided(stop, yes=False)
    decided(stop, yes=False, why=WHY.reason)
    assert fresh(stop).state == State.UNKNOWN_RESULT
    with pytest.raises(settling.NothingToldYet):
        decided(stop)
    told(stop)
    decided(stop)
    assert fresh(stop).state == State.EFFECTIVE


def test_the_banks_own_word_goes_before_the_telephone() -> None:
    stop = puzzling()
    told(stop)
    answered(stop, Answer(Move.FAIL, "1304", ""))
    with pytest.raises(settling.NotUnknown):
        decided(stop)
    assert fresh(stop).state == State.FAILED


@pytest.mark.parametrize("missing", ["told_by", "called", "evidence"])
def test_what_nobody_could_check_is_refused(missing: str) -> None:
    with pytest.raises(settling.EvidenceMissing):
        told(puzzling(), Verdict.DONE, **{missing: " "})


@pytest.mark.parametrize(
    "when",
    [
        {"told_at": NOON - MINUTE},
        {"told_at": NOON + 2 * MINUTE},
        {"effective_at": NOON - MINUTE},
        {"effective_at": NOON + MINUTE},
    ],
)
def test_times_that_cannot_be_are_refused(when: Any) -> None:
    with pytest.raises(settling.ToldWhen):
        told(puzzling(), **when)


def test_no_statement_comes_by_telephone() -> None:
    query = puzzling(Kind.QUERY)
    with pytest.raises(settling.NotByTelephone):
        told(query)
    told(query, Verdict.NOT_DONE)
    decided(query)
    assert fresh(query).state == State.FAILED


def test_only_what_nobody_understands_is_settled() -> None:
    with pytest.raises(settling.NotUnknown):
        told(hold())
