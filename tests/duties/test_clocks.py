"""Clocks: started with their rule, pressed exactly once, closed by what fulfils them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from fanzha.core.clock import ZONE
from fanzha.duties import actions, clocks, rules
from fanzha.duties.clocks import About, Term
from fanzha.duties.events import Expired, Pressed
from fanzha.duties.models import Clock
from fanzha.duties.rules import EndNotGiven, State
from fanzha.duties.sweeps import press_due
from fanzha.identity.acting import system_scope
from fanzha.scope.guard import open_action
from tests.cast import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR = timedelta(hours=1)
STOP = About("instruction", "I-1", "lj.hd")


@pytest.fixture
def running(db: None) -> Iterator[None]:
    """A running act of the platform, inside which clocks are started."""
    token = open_action.set("tests.duties")
    try:
        with system_scope("test"):
            yield
    finally:
        open_action.reset(token)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Pressed | Expired]:
    """What was announced."""
    facts: list[Pressed | Expired] = []
    monkeypatch.setattr(actions, "announce", facts.append)
    return facts


def only() -> Clock:
    return Clock.objects.get()


def test_a_clock_stores_its_rule_its_basis_and_its_end(running: None) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    found = only()
    assert (found.due_at, found.basis, found.version) == (
        NOON + 48 * HOUR, "银发〔2016〕86号", 1,
    )  # fmt: skip
    assert found.presses == [NOON + hours * HOUR for hours in (36, 42, 46, 48)]


def test_every_moment_is_told_once_however_often_one_sweeps(
    running: None, told: list[Pressed | Expired]
) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    for hours in (35, 36, 36, 41, 43, 43, 47, 48, 48, 60):
        press_due(NOON + hours * HOUR)
    clock = only().pk
    warnings = [Pressed(clock, number, "stop_window", "I-1") for number in (1, 2, 3)]
    assert told == [*warnings, Expired(clock, "stop_window", "I-1")]
    assert (only().state, only().closed_at) == (State.EXPIRED, NOON + 48 * HOUR)


def test_after_a_clock_that_jumped_forwards_nothing_is_missed(running: None) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    assert press_due(NOON + 100 * HOUR) == 4
    assert press_due(NOON + 101 * HOUR) == 0


def test_a_clock_that_jumped_back_tells_nothing_twice(running: None) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    press_due(NOON + 43 * HOUR)
    for hours in (30, 37, 42, 43):
        assert press_due(NOON + hours * HOUR) == 0
    assert press_due(NOON + 46 * HOUR) == 1


def test_a_duty_presses_on_after_its_end_and_goes_to_the_unit_above(running: None) -> None:
    clocks.start(STOP, "unrelated_release", Term(NOON), NOON)
    press_due(NOON + timedelta(days=4))
    found = only()
    assert (found.state, found.closed_at, found.escalated_path) == (State.EXPIRED, None, "lj")
    assert clocks.meet(STOP, "unrelated_release", NOON + timedelta(days=5))
    assert only().state == State.MET
    assert not clocks.meet(STOP, "unrelated_release", NOON + timedelta(days=5))


def test_what_is_met_or_stopped_in_time_presses_no_more(running: None) -> None:
    other = About("instruction", "I-2", "lj.hd")
    for about in (STOP, other):
        clocks.start(about, "unrelated_release", Term(NOON), NOON)
    clocks.meet(STOP, "unrelated_release", NOON + HOUR)
    clocks.stop(other, "unrelated_release", NOON + HOUR)
    assert press_due(NOON + timedelta(days=9)) == 0
    assert set(Clock.objects.values_list("state", flat=True)) == {State.MET, State.STOPPED}


def test_an_extended_clock_presses_for_its_new_end(running: None) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    press_due(NOON + 40 * HOUR)
    clocks.start(STOP, "stop_window", Term(NOON, NOON + 96 * HOUR), NOON + 40 * HOUR)
    assert press_due(NOON + 60 * HOUR) == 0
    assert press_due(NOON + 96 * HOUR) == 4


def test_a_clock_that_was_shortened_presses_at_once_and_once(running: None) -> None:
    clocks.start(STOP, "stop_window", Term(NOON), NOON)
    clocks.start(STOP, "stop_window", Term(NOON, NOON + 15 * HOUR), NOON + 10 * HOUR)
    assert [press_due(NOON + 10 * HOUR) for _ in range(2)] == [1, 0]
    assert press_due(NOON + 15 * HOUR) == 2


def test_a_clock_runs_once_about_one_thing(running: None) -> None:
    for _ in range(2):
        clocks.start(STOP, "stop_window", Term(NOON), NOON)
    assert Clock.objects.count() == 1


def test_keeping_starts_moves_and_closes(running: None) -> None:
    clocks.keep(STOP, {"feedback_limit": Term(NOON)}, NOON)
    clocks.keep(STOP, {"stop_window": Term(NOON)}, NOON + HOUR / 2)
    clocks.keep(STOP, {}, NOON + HOUR)
    states = dict(Clock.objects.values_list("rule", "state"))
    assert states == {"feedback_limit": State.MET, "stop_window": State.STOPPED}


def test_a_term_that_is_over_when_it_is_closed_has_expired(running: None) -> None:
    clocks.keep(STOP, {"stop_window": Term(NOON)}, NOON)
    clocks.keep(STOP, {}, NOON + 48 * HOUR)
    assert only().state == State.EXPIRED


def test_a_rule_without_a_length_asks_for_an_end(running: None) -> None:
    with pytest.raises(EndNotGiven):
        clocks.start(STOP, "order_feedback", Term(NOON), NOON)
    assert not Clock.objects.exists()


@pytest.mark.parametrize("name", sorted(rules.register()))
def test_every_rule_has_words_a_basis_and_warnings_from_early_to_late(name: str) -> None:
    rule = rules.rule(name)
    assert rule.zh
    assert rule.en
    assert rule.basis
    assert rule.mark in {"verified", "reported", "assumed"}
    due = rule.ends(NOON) if rule.limit else NOON + timedelta(days=3)
    moments = rule.presses(NOON, due)
    assert moments[-1] == due
    assert all(one < next_one for one, next_one in pairwise(moments))


def test_what_is_granted_to_a_person_ends_with_a_working_day() -> None:
    start = datetime(2026, 9, 3, 15, tzinfo=ZONE)  # thirty days later lies in the holidays
    assert rules.rule("restitution_notice").ends(start) == datetime(2026, 10, 9, tzinfo=ZONE)
    assert rules.rule("police_complaint").ends(start) == datetime(2026, 10, 3, 15, tzinfo=ZONE)
