"""Deadlines: hours on the second, months on the calendar of the centre."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.core import clock
from fanzha.core.clock import ZONE
from fanzha.core.spans import Span
from fanzha.instructions.rules import FREEZE_TERM, STOP_WINDOW


def test_a_stop_lasts_48_hours_to_the_second() -> None:
    start = datetime(2026, 2, 15, 23, 59, 59, tzinfo=ZONE)
    assert STOP_WINDOW.ends(start) - start == timedelta(hours=48)


@pytest.mark.parametrize(
    ("start", "end"),
    [((2026, 8, 31), (2027, 2, 28)), ((2027, 8, 31), (2028, 2, 29)), ((2026, 3, 18), (2026, 9, 18)),
     ((2026, 12, 1), (2027, 6, 1))],
)  # fmt: skip
def test_a_freeze_ends_on_the_same_day_or_the_last_of_a_shorter_month(
    start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert FREEZE_TERM.ends(datetime(*start, 10, tzinfo=ZONE)) == datetime(*end, 10, tzinfo=ZONE)


@pytest.mark.parametrize("parts", [{}, {"hours": 1, "days": 1}])
def test_a_span_has_exactly_one_unit(parts: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Span(**parts)


EARLIEST, LATEST = (datetime(year, 1, 1, tzinfo=ZONE) for year in (2000, 2100))


@given(st.floats(0, (LATEST - EARLIEST).total_seconds()), st.integers(1, 60))
def test_months_are_added_in_local_time(seconds: float, months: int) -> None:
    start = EARLIEST + timedelta(seconds=seconds)
    end = Span(months=months).after(start)
    assert (end.year * 12 + end.month) - (start.year * 12 + start.month) == months
    assert end.timetz() == start.timetz()


def test_a_story_clock_runs_fast_and_stops_at_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().timestamp()
    for started, expected in ((now - 10, now - 10 - 3000 + 400), (now - 100, now)):
        monkeypatch.setenv("FANZHA_STORY_CLOCK", f"{started}:3000:40")
        clock._story.cache_clear()
        assert abs(clock.now().timestamp() - expected) < 60
    monkeypatch.delenv("FANZHA_STORY_CLOCK")
    clock._story.cache_clear()


def test_a_story_is_set_as_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().timestamp()
    monkeypatch.setenv("FANZHA_STORY_CLOCK", clock.story(begins_in=0, lag=3000, speed=40))
    clock._story.cache_clear()
    assert abs(clock.now().timestamp() - (now - 3000)) < 600
    monkeypatch.delenv("FANZHA_STORY_CLOCK")
    clock._story.cache_clear()


def test_wire_times_are_local() -> None:
    moment = datetime(2026, 3, 18, 12, 0, 5, tzinfo=ZONE)
    assert clock.to_wire(moment) == "20260318120005"
    assert clock.from_wire("20260318120005") == moment
    with pytest.raises(ValueError, match="yyyyMMddHHmmss"):
        clock.from_wire("2026-03-18")
