"""Release of a hold: on which ground, by whose approval, and what the bank's answer makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway.models import Message
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from fanzha.instructions import actions, checks, queries
from fanzha.instructions.actions import Answer
from fanzha.instructions.events import Approved
from fanzha.instructions.models import Instruction
from fanzha.instructions.reactions import send_approved
from fanzha.instructions.rules import Kind, Move, ReleaseGround, State
from tests.cast import DUTY, NOON, officer
from tests.instructions.follow import (
    answered,
    carried,
    extension,
    fresh,
    hold,
    release,
    sent,
)
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

HOUR = timedelta(hours=1)
YES = Answer(Move.TAKE_EFFECT, "0000", "成功", effective_at=NOON + HOUR)
NO = Answer(Move.FAIL, "1999", "其他解除失败")
pytestmark = pytest.mark.usefixtures("db")


def test_a_stop_found_unrelated_is_released_when_the_bank_says_so() -> None:
    stop = hold()
    made = carried(release(stop))
    assert (made.kind, made.state, made.release_ground) == (
        Kind.RELEASE_STOP, State.SENT, ReleaseGround.UNRELATED,
    )  # fmt: skip
    assert fresh(stop).state == State.EFFECTIVE
    answered(made, YES, at=NOON + HOUR)
    over = fresh(stop)
    assert (over.state, over.ends_at, over.ends_rule) == (State.RELEASED, NOON + HOUR, "")
    assert fresh(made).state == State.EFFECTIVE
    with system_scope("test"):
        assert queries.stops_in_force([stop.account]) == {}


def test_the_message_names_the_stop_that_it_ends() -> None:
    stop = hold()
    made = carried(release(stop))
    with system_scope("test"):
        raw = bytes(Message.objects.get(application_id=made.application_id).content).decode()
    assert "<TxCode>100103</TxCode>" in raw
    assert f"<OriginalApplicationID>{stop.application_id}</OriginalApplicationID>" in raw
    assert "<WithdrawalRemark>经核实与案件无关</WithdrawalRemark>" in raw


def test_on_a_no_the_hold_stays_and_can_be_released_again() -> None:
    stop = hold()
    made = answered(carried(release(stop)), NO)
    assert (made.state, made.result_code) == (State.FAILED, "1999")
    assert fresh(stop).state == State.EFFECTIVE
    assert release(stop)


def test_a_code_that_nobody_knows_releases_nothing() -> None:
    stop = hold()
    made = answered(carried(release(stop)), Answer(Move.PUZZLE, "7777", ""))
    assert made.state == State.UNKNOWN_RESULT
    assert fresh(stop).state == State.EFFECTIVE
    assert release(stop)


def test_a_release_waits_for_another_officer_of_the_level_of_the_hold(
    zhao: Officer, liang: Officer
) -> None:
    of_stop, of_freeze = release(hold(), by="zhao"), None
    with acting_for(zhao), pytest.raises(checks.OwnDraft):
        actions.approve(zhao, of_stop, at=NOON, ground=DUTY)
    of_freeze = release(hold(Kind.FREEZE))
    with acting_for(zhao), pytest.raises(PermissionMissing):
        actions.approve(zhao, of_freeze, at=NOON, ground=DUTY)
    with acting_for(liang):
        assert actions.approve(liang, of_freeze, at=NOON, ground=DUTY) == 1


def test_a_release_carries_its_reason(lin: Officer) -> None:
    stop = hold()
    with acting_for(lin), pytest.raises(checks.ReasonMissing):
        actions.draft_release(
            lin, stop, ReleaseGround.UNRELATED, at=NOON, ground=Ground("case", "", " ")
        )


def test_a_finding_starts_the_three_days_once_and_they_stay_with_the_hold(lin: Officer) -> None:
    stop = hold()
    package = release(stop)
    due = fresh(stop).release_due_at
    assert due == NOON + timedelta(days=3)
    assert fresh(stop).release_due_rule == "unrelated_release"
    with acting_for(lin):
        made = package.instructions.select_related("case").get()
        actions.withdraw(lin, made, at=NOON, ground=Ground("case", "", "笔误"))
    release(stop, at=NOON + HOUR)
    assert fresh(stop).release_due_at == due


def test_a_decided_case_sets_no_three_day_clock() -> None:
    freeze = hold(Kind.FREEZE)
    release(freeze, ReleaseGround.CASE_DECIDED)
    assert fresh(freeze).release_due_at is None


@pytest.mark.parametrize(
    ("because", "harm"),
    [
        (ReleaseGround.WRONG_STOP, 1),
        (ReleaseGround.UNRELATED, 1),
        (ReleaseGround.CASE_DECIDED, 0),
    ],
)
def test_a_wrong_stop_is_on_record_as_harm(because: ReleaseGround, harm: int) -> None:
    freeze = hold(Kind.FREEZE)
    made = carried(release(freeze, because))
    answered(made, YES, at=NOON + HOUR)
    with system_scope("test"):
        found = queries.harm_of(freeze.case_id, NOON + 5 * HOUR)
        noted = Entry.objects.filter(object_kind="harm", object_id=freeze.public_id)
        assert [each.facts["found"] for each in noted] == [because] * harm
    assert (found.holds, found.held_fen, found.held_for, found.late) == (
        harm, 48_230_000 * harm, HOUR * harm, 0,
    )  # fmt: skip


def test_a_release_after_the_three_days_counts_as_late() -> None:
    freeze = hold(Kind.FREEZE)
    package = release(freeze)
    with system_scope("test"):
        assert queries.harm_of(freeze.case_id, NOON + timedelta(days=3)).late == 0
        assert queries.harm_of(freeze.case_id, NOON + timedelta(days=4)).late == 1
    with acting_for(officer("liang")):
        actions.send_back(
            officer("liang"), package, at=NOON, ground=Ground("case", "", "与案件有关")
        )
    with system_scope("test"):
        assert queries.harm_of(freeze.case_id, NOON + timedelta(days=4)) == queries.Harm()


def test_one_release_at_a_time_but_a_release_beside_an_extension() -> None:
    stop = hold()
    extension(stop)
    release(stop)
    with pytest.raises(checks.FollowOnUnderWay) as refused:
        release(stop)
    assert refused.value.facts["state"] == State.AWAITING_APPROVAL


def test_what_holds_nothing_any_more_is_not_released() -> None:
    stop = hold()
    answered(carried(release(stop)), YES)
    with pytest.raises(checks.HoldNotInForce):
        release(stop)


def test_a_hold_whose_answer_nobody_understood_can_be_released() -> None:
    stop = hold()
    with system_scope("test"):
        _put(stop, State.UNKNOWN_RESULT)
    answered(carried(release(fresh(stop))), YES)
    assert fresh(stop).state == State.RELEASED


@pytest.mark.parametrize(
    ("answer", "sent_on"),
    [(Answer(Move.TAKE_EFFECT, "0000", ""), True), (Answer(Move.FAIL, "0301", ""), False)],
)
def test_a_stop_found_wrong_before_the_bank_answered_is_released_after_its_answer(
    answer: Answer, *, sent_on: bool
) -> None:
    stop = hold(answered_at_all=False)
    assert stop.state == State.SENT
    made = carried(release(stop, ReleaseGround.WRONG_STOP))
    assert made.state == State.APPROVED
    answered(stop, answer)
    send_approved(Approved(made.pk))
    assert fresh(made).state == (State.SENT if sent_on else State.APPROVAL_EXPIRED)


def test_a_release_is_not_approved_when_the_hold_has_ended_meanwhile(liang: Officer) -> None:
    stop = hold()
    package = release(stop)
    _put(stop, State.LAPSED)
    with acting_for(liang), pytest.raises(checks.HoldNotInForce):
        actions.approve(liang, package, at=NOON, ground=DUTY)


def test_an_approved_release_of_an_ended_hold_does_not_go_out(liang: Officer) -> None:
    stop = hold()
    package = release(stop)
    with acting_for(liang):
        actions.approve(liang, package, at=NOON, ground=DUTY)
    _put(stop, State.LAPSED)
    made = sent(package)
    assert made.state == State.APPROVAL_EXPIRED
    with system_scope("test"):
        assert not Message.objects.filter(application_id=made.application_id).exists()


def test_a_reduction_frees_the_excess_and_holds_the_rest() -> None:
    freeze = hold(Kind.FREEZE)
    made = carried(release(freeze, ReleaseGround.REDUCTION, keep_fen=30_000_000))
    assert made.amount_fen == 18_230_000
    with system_scope("test"):
        raw = bytes(Message.objects.get(application_id=made.application_id).content).decode()
    assert "<Balance>182300.00</Balance>" in raw
    answered(made, Answer(Move.TAKE_EFFECT, "0000", "", freed_fen=18_230_000))
    left = fresh(freeze)
    assert (left.state, left.amount_fen, left.held_fen) == (
        State.EFFECTIVE, 30_000_000, 30_000_000,
    )  # fmt: skip
    assert left.ends_rule == "freeze_term"


def test_a_bank_that_frees_everything_instead_of_a_part_is_believed() -> None:
    freeze = hold(Kind.FREEZE)
    made = carried(release(freeze, ReleaseGround.REDUCTION, keep_fen=30_000_000))
    answered(made, Answer(Move.TAKE_EFFECT, "0000", "", freed_fen=48_230_000))
    assert fresh(freeze).state == State.RELEASED


def test_a_bank_that_frees_less_than_everything_still_holds_the_rest() -> None:
    freeze = hold(Kind.FREEZE)
    answered(carried(release(freeze)), Answer(Move.TAKE_EFFECT, "0000", "", freed_fen=40_000_000))
    left = fresh(freeze)
    assert (left.state, left.held_fen) == (State.EFFECTIVE, 8_230_000)


@pytest.mark.parametrize("keep_fen", [None, 0, 48_230_000, 50_000_000])
def test_a_reduction_needs_a_new_amount_between_zero_and_the_old(keep_fen: int | None) -> None:
    with pytest.raises(checks.NotReducible):
        release(hold(Kind.FREEZE), ReleaseGround.REDUCTION, keep_fen=keep_fen)


def test_only_a_limited_freeze_is_reduced() -> None:
    stop = hold()
    with pytest.raises(checks.NotReducible):
        release(stop, ReleaseGround.REDUCTION, keep_fen=1)


def test_a_whole_account_freeze_is_not_reduced() -> None:
    freeze = hold(Kind.FREEZE)
    with system_scope("test"), writing():
        Instruction.objects.filter(pk=freeze.pk).update(amount_fen=None)
    with pytest.raises(checks.NotReducible):
        release(freeze, ReleaseGround.REDUCTION, keep_fen=1)


def test_another_ground_takes_no_amount() -> None:
    with pytest.raises(checks.NotReducible):
        release(hold(Kind.FREEZE), ReleaseGround.UNRELATED, keep_fen=1)


def _put(instruction: Instruction, state: State) -> None:
    from fanzha.scope.guard import open_action

    token = open_action.set("test")
    with system_scope("test"):
        Instruction.objects.filter(pk=instruction.pk).update(state=state)
    open_action.reset(token)
