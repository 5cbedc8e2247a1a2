"""Extending a stop, renewing a freeze: in time, by the same level, as often as the law lets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.core.clock import ZONE
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from fanzha.instructions import actions, checks, queries, rules, settling
from fanzha.instructions.actions import Answer
from fanzha.instructions.rules import Kind, Move, State
from fanzha.instructions.settling import Told
from fanzha.instructions.sweeps import lapse_due
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.instructions.follow import (
    STOP_END,
    answered,
    carried,
    extension,
    fresh,
    hold,
    release,
    sent,
)

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

HOUR = timedelta(hours=1)
YES = Answer(Move.TAKE_EFFECT, "0000", "成功")
NO = Answer(Move.FAIL, "1800", "止付已到期，不能延期")
pytestmark = pytest.mark.usefixtures("db")


def test_an_extended_stop_holds_past_its_first_end_and_then_lapses() -> None:
    stop = hold()
    made = carried(extension(stop))
    assert (made.kind, made.asked_until) == (Kind.EXTEND_STOP, STOP_END + 48 * HOUR)
    assert fresh(stop).ends_at == STOP_END
    answered(made, YES)
    longer = fresh(stop)
    assert (longer.state, longer.ends_at, longer.ends_rule) == (
        State.EXTENDED, STOP_END + 48 * HOUR, "stop_window",
    )  # fmt: skip
    with clock.held_at(STOP_END + HOUR):
        assert lapse_due() == 0
        with system_scope("test"):
            assert stop.account in queries.stops_in_force([stop.account])
    with clock.held_at(STOP_END + 48 * HOUR):
        assert lapse_due() == 1
    assert fresh(stop).state == State.LAPSED


def test_where_the_count_allows_it_an_extended_stop_is_extended_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The table has no count of its own: as configured, two uses in all, it is refused."""
    stop = hold()
    answered(carried(extension(stop)), YES)
    with pytest.raises(checks.StopUsesExhausted):
        extension(fresh(stop))
    more = replace(rules.STOP_WINDOW, uses_max=3)
    rule = replace(rules.FOLLOW_ONS[Kind.EXTEND_STOP], limit=more)
    monkeypatch.setitem(cast("dict[Kind, object]", rules.FOLLOW_ONS), Kind.EXTEND_STOP, rule)
    answered(carried(extension(fresh(stop))), YES)
    assert (fresh(stop).state, fresh(stop).ends_at) == (State.EXTENDED, STOP_END + 96 * HOUR)


def test_the_end_that_the_bank_names_is_the_end() -> None:
    stop = hold()
    named = STOP_END + 47 * HOUR
    answered(carried(extension(stop)), Answer(Move.TAKE_EFFECT, "0000", "", ends_at=named))
    assert fresh(stop).ends_at == named


def test_the_message_says_from_when_to_when() -> None:
    stop = hold()
    made = carried(extension(stop))
    with system_scope("test"):
        raw = bytes(Message.objects.get(application_id=made.application_id).content).decode()
    assert "<TxCode>100105</TxCode>" in raw
    assert f"<OriginalApplicationID>{stop.application_id}</OriginalApplicationID>" in raw
    assert "<PostponeStartTime>20260320120000</PostponeStartTime>" in raw
    assert "<ExpireTime>20260322120000</ExpireTime>" in raw


def test_on_a_no_the_hold_keeps_its_end() -> None:
    stop = hold()
    made = answered(carried(extension(stop)), NO)
    assert (made.state, fresh(stop).state, fresh(stop).ends_at) == (
        State.FAILED, State.EFFECTIVE, STOP_END,
    )  # fmt: skip


def test_an_extension_is_the_second_and_last_use_of_the_account(lin: Officer) -> None:
    stop = hold()
    answered(carried(extension(stop)), YES)
    with pytest.raises(checks.StopUsesExhausted):
        extension(stop)
    with clock.held_at(STOP_END + 48 * HOUR):
        assert lapse_due() == 1
    with acting_for(lin), pytest.raises(checks.StopUsesExhausted):
        actions.draft(lin, fresh(stop).case, [build.draft()], at=NOON, ground=DUTY)


def test_a_freeze_is_renewed_by_calendar_months_as_often_as_needed() -> None:
    freeze = hold(Kind.FREEZE, ends_at=datetime(2026, 8, 31, 12, tzinfo=ZONE))
    first = carried(extension(freeze))
    assert first.asked_until == datetime(2027, 2, 28, 12, tzinfo=ZONE)
    answered(first, YES)
    assert fresh(freeze).state == State.RENEWED
    answered(carried(extension(fresh(freeze))), YES)
    last = fresh(freeze)
    assert (last.state, last.ends_at, last.ends_rule) == (
        State.RENEWED, datetime(2027, 8, 28, 12, tzinfo=ZONE), "freeze_term",
    )  # fmt: skip


def test_an_extension_needs_the_level_that_approved_the_hold(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    package = extension(hold(Kind.FREEZE))
    for by in (lin, zhao):
        with acting_for(by), pytest.raises(PermissionMissing):
            actions.approve(by, package, at=NOON, ground=DUTY)
    with acting_for(liang):
        assert actions.approve(liang, package, at=NOON, ground=DUTY) == 1


def test_an_extension_carries_its_reason(lin: Officer) -> None:
    stop = hold()
    with acting_for(lin), pytest.raises(checks.ReasonMissing):
        actions.draft_extension(lin, stop, at=NOON, ground=Ground("case", ""))


def test_after_the_end_nothing_is_extended() -> None:
    stop = hold()
    assert extension(stop, at=STOP_END - timedelta(seconds=1))
    with pytest.raises(checks.HoldEnded):
        extension(stop, at=STOP_END)


def test_an_extension_is_not_approved_after_the_end(liang: Officer) -> None:
    package = extension(hold())
    with acting_for(liang), pytest.raises(checks.HoldEnded):
        actions.approve(liang, package, at=STOP_END, ground=DUTY)


def test_an_approved_extension_does_not_go_out_after_the_end(liang: Officer) -> None:
    package = extension(hold())
    with acting_for(liang):
        actions.approve(liang, package, at=STOP_END - HOUR, ground=DUTY)
    assert sent(package, at=STOP_END).state == State.APPROVAL_EXPIRED


def test_what_was_released_is_not_extended() -> None:
    stop = hold()
    package = extension(stop)
    answered(carried(release(stop)), YES)
    with pytest.raises(checks.HoldNotInForce):
        extension(stop)
    with acting_for(officer("zhao")), pytest.raises(checks.HoldNotInForce):
        actions.approve(officer("zhao"), package, at=NOON, ground=DUTY)


def test_one_extension_of_a_hold_at_a_time() -> None:
    stop = hold()
    extension(stop)
    with pytest.raises(checks.FollowOnUnderWay):
        extension(stop)


def test_a_yes_that_comes_after_our_clock_ended_the_hold_is_believed() -> None:
    stop = hold()
    made = carried(extension(stop))
    with clock.held_at(STOP_END):
        assert lapse_due() == 1
    assert fresh(stop).state == State.LAPSED
    answered(made, YES, at=STOP_END + HOUR)
    longer = fresh(stop)
    assert (longer.state, longer.ends_at) == (State.EXTENDED, STOP_END + 48 * HOUR)


def test_a_late_yes_does_not_stand_beside_another_stop_of_the_account(lin: Officer) -> None:
    stop = hold()
    made = carried(extension(stop))
    with clock.held_at(STOP_END):
        assert lapse_due() == 1
    with acting_for(lin):
        actions.draft(lin, fresh(stop).case, [build.draft()], at=STOP_END, ground=DUTY)
    answered(made, YES, at=STOP_END + HOUR)
    assert (fresh(made).state, fresh(stop).state) == (State.UNKNOWN_RESULT, State.LAPSED)


def test_a_late_yes_after_a_second_stop_is_no_third_use_but_a_finding() -> None:
    stop = hold()
    made = carried(extension(stop))
    with clock.held_at(STOP_END):
        assert lapse_due() == 1
    second = hold_again(stop)
    answered(made, YES, at=STOP_END + HOUR)
    with clock.held_at(STOP_END + 48 * HOUR):
        assert lapse_due() == 1
    answered(fresh(made), YES, at=STOP_END + 49 * HOUR)
    assert (fresh(made).state, fresh(stop).state, fresh(second).state) == (
        State.UNKNOWN_RESULT, State.LAPSED, State.LAPSED,
    )  # fmt: skip
    with system_scope("test"):
        assert queries.stops_so_far(stop.account) == rules.STOP_WINDOW.uses_max
    told = Told(settling.Verdict.DONE, "柜员", "1060001", STOP_END + 50 * HOUR, "录音 1")
    lin = officer("lin")
    with acting_for(lin), pytest.raises(settling.BeyondTheLaw):
        settling.note_told(lin, fresh(made), told, at=STOP_END + 50 * HOUR, ground=DUTY)


def hold_again(stop: Instruction) -> Instruction:
    """The second stop of the account, in effect since the first one's end."""
    lin = officer("lin")
    with acting_for(lin):
        (package,) = actions.draft(
            lin, fresh(stop).case, [build.draft()], at=STOP_END, ground=DUTY
        )  # fmt: skip
    yes = replace(YES, effective_at=STOP_END)
    return answered(carried(package), yes, at=STOP_END)


def test_the_same_answer_twice_extends_once() -> None:
    stop = hold()
    made = carried(extension(stop))
    answered(made, YES)
    answered(made, YES)
    assert fresh(stop).ends_at == STOP_END + 48 * HOUR
    with system_scope("test"):
        moves = list(queries.history(stop).values_list("move", flat=True))
    assert moves.count("extend") == 1
