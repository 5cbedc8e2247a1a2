"""The clocks of instructions: started and closed by their moves, pressed in time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.core import clock
from fanzha.duties.models import Clock
from fanzha.duties.rules import State as Clocks
from fanzha.duties.sweeps import press_due
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, oral
from fanzha.instructions.actions import Answer
from fanzha.instructions.rules import Kind, Move
from fanzha.instructions.sweeps import lapse_due
from tests import build
from tests.cast import DUTY, NOON
from tests.instructions.follow import answered, carried, extension, hold, release

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.models import Officer

HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


def running() -> dict[str, datetime]:
    """The open clocks by rule."""
    with system_scope("test"):
        return dict(Clock.objects.filter(closed_at=None).values_list("rule", "due_at"))


def closed() -> dict[str, str]:
    """How clocks ended, by rule."""
    with system_scope("test"):
        return dict(Clock.objects.exclude(closed_at=None).values_list("rule", "state"))


def test_what_was_sent_waits_for_its_answer() -> None:
    made = hold(answered_at_all=False)
    assert running() == {"feedback_limit": NOON + HOUR}
    answered(made, Answer(Move.FAIL, "1999", ""))
    assert (running(), closed()) == ({}, {"feedback_limit": Clocks.MET})


def test_a_stop_in_effect_runs_to_the_end_that_the_bank_named() -> None:
    hold(ends_at=NOON + 47 * HOUR)
    assert running() == {"stop_window": NOON + 47 * HOUR}


def test_an_extension_moves_the_clock_of_its_hold() -> None:
    stop = hold()
    longer = carried(extension(stop, at=NOON + 40 * HOUR), at=NOON + 40 * HOUR)
    answered(longer, Answer(Move.TAKE_EFFECT, "0000", ""), at=NOON + 41 * HOUR)
    assert running() == {"stop_window": NOON + 96 * HOUR}


def test_a_stop_that_lapses_closes_its_clock_whoever_sweeps_first() -> None:
    hold()
    with clock.held_at(NOON + 48 * HOUR):
        assert lapse_due() == 1
    assert closed()["stop_window"] == Clocks.EXPIRED
    assert press_due(NOON + 49 * HOUR) == 0


def test_a_finding_starts_the_three_days_and_the_release_meets_them() -> None:
    stop = hold()
    package = release(stop, at=NOON + HOUR)
    assert running()["unrelated_release"] == NOON + HOUR + timedelta(days=3)
    freed = carried(package, at=NOON + HOUR)
    answered(freed, Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON + 2 * HOUR))
    assert running() == {}
    assert closed()["unrelated_release"] == Clocks.MET
    assert closed()["stop_window"] == Clocks.STOPPED


def test_a_word_is_pressed_for_until_it_is_confirmed(lin: Officer, liang: Officer) -> None:
    build.bank()
    case = build.case(lin)
    with acting_for(lin):
        (package,) = actions.draft(lin, case, [build.draft(Kind.STOP)], at=NOON, ground=DUTY)
        word = oral.approve_by_word(
            lin, package, liang, called="1060000", told_at=NOON, at=NOON, ground=DUTY
        )
    assert running() == {"oral_confirmation": NOON + 24 * HOUR}
    with acting_for(liang):
        oral.confirm_word(liang, word, at=NOON + HOUR, ground=DUTY)
    assert closed() == {"oral_confirmation": Clocks.MET}


def test_the_last_day_to_renew_a_freeze_lies_three_working_days_before_its_end() -> None:
    # 2026-09-18 is a Friday.
    freeze = hold(Kind.FREEZE)
    assert freeze.ends_at == NOON.replace(month=9)
    assert running() == {
        "freeze_term": NOON.replace(month=9), "renewal_last_day": NOON.replace(month=9, day=15),
    }  # fmt: skip
    longer = carried(extension(freeze, at=NOON), at=NOON)
    answered(longer, Answer(Move.TAKE_EFFECT, "0000", ""), at=NOON)
    assert running()["renewal_last_day"] == NOON.replace(year=2027, month=3, day=15)
