"""Which step follows from an answer: a draft at most, and never the same name again after 0301."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from fanzha.channels.bank_gateway.profile import load
from fanzha.instructions.answers import outcome_of
from fanzha.instructions.inquiries import PeriodTooShort
from fanzha.instructions.onward import NameUnchanged, NoSuchStep, Step, asked_by, step_after
from fanzha.instructions.rules import FEEDBACK_OF, Kind
from tests.cast import NOON

PERIOD: Final = (NOON - timedelta(hours=2), NOON)

PUBLISHED = [
    (Kind.STOP, "0000", None),
    (Kind.STOP, "1200", Step.QUERY),
    (Kind.STOP, "1301", Step.FREEZE),
    (Kind.STOP, "1302", Step.FREEZE),
    (Kind.STOP, "1303", Step.FREEZE),
    (Kind.STOP, "1304", Step.FREEZE),
    (Kind.EXTEND_STOP, "1800", Step.FREEZE),
    (Kind.STOP, "0301", Step.RENAMED),
    (Kind.STOP, "0302", Step.AGAIN),
    (Kind.STOP, "0600", Step.AGAIN),
    (Kind.STOP, "1100", Step.AGAIN),
    (Kind.QUERY, "2400", Step.HALVES),
    (Kind.QUERY, "0000", None),
    (Kind.RELEASE_STOP, "1900", None),
    (Kind.STOP, "7777", Step.AGAIN),
    (Kind.STOP, "200002", Step.AGAIN),
]


@pytest.mark.parametrize(("kind", "code", "step"), PUBLISHED)
def test_every_answer_of_the_table_has_its_step(kind: Kind, code: str, step: Step | None) -> None:
    assert step_after(kind, outcome_of(kind, code)) == step


def test_a_statement_that_was_cut_off_is_asked_for_in_halves_whatever_the_code() -> None:
    assert step_after(Kind.QUERY, outcome_of(Kind.QUERY, "0000"), cut_off=True) is Step.HALVES


def test_every_failure_of_a_stop_or_freeze_in_the_tables_has_a_step() -> None:
    profile = load()
    for kind in (Kind.STOP, Kind.FREEZE):
        for code in ("0100", "0300", "0500", "0600", "0801", "1000", "1101", "1300"):
            assert profile.result(FEEDBACK_OF[kind], code), code
            assert step_after(kind, outcome_of(kind, code)), (kind, code)


@pytest.mark.parametrize("told", ["", "  ", "贾某", " 贾某 "])
def test_the_refused_name_is_never_sent_unchanged(told: str) -> None:
    with pytest.raises(NameUnchanged):
        asked_by(Step.RENAMED, Kind.STOP, name="贾某", told=told, period=PERIOD)
    (asked,) = asked_by(Step.RENAMED, Kind.STOP, name="贾某", told=" 贾某某 ", period=PERIOD)
    assert (asked.kind, asked.account_name) == (Kind.STOP, "贾某某")


def test_halves_are_two_queries_and_end_where_the_wire_ends() -> None:
    asked = asked_by(Step.HALVES, Kind.QUERY, name="贾某", told="", period=PERIOD)
    hour = timedelta(hours=1)
    assert [each.period for each in asked] == [(NOON - 2 * hour, NOON - hour), (NOON - hour, NOON)]
    with pytest.raises(PeriodTooShort):
        asked_by(
            Step.HALVES, Kind.QUERY, name="贾某", told="",
            period=(NOON, NOON + timedelta(seconds=1)),
        )  # fmt: skip


def test_a_freeze_is_never_drafted_from_an_answer_alone() -> None:
    with pytest.raises(NoSuchStep):
        asked_by(Step.FREEZE, Kind.STOP, name="贾某", told="", period=PERIOD)
