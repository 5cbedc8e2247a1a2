"""The calendar of working days: holidays, made-up days, years that nobody knows yet."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from fanzha.core.clock import ZONE
from fanzha.core.spans import Span, to_the_last_minute
from fanzha.core.workdays import is_workday, workdays_after, years


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 14), True),  # a Saturday made up for
        (date(2026, 2, 16), False),  # a Monday in the spring holidays
        (date(2026, 3, 18), True),
        (date(2026, 3, 21), False),
        (date(2025, 10, 11), True),
        (date(2027, 2, 6), False),
        (date(2031, 10, 1), True),  # no entry: weekends only
    ],
)
def test_offices_work_as_the_yearly_notice_says(day: date, *, worked: bool) -> None:
    assert is_workday(day) is worked


def test_working_days_pass_over_the_long_holidays() -> None:
    # From the Friday before: Saturday is worked, then nine days off, then Tuesday and Wednesday.
    assert workdays_after(date(2026, 2, 13), 3) == date(2026, 2, 25)
    assert workdays_after(date(2026, 2, 25), -3) == date(2026, 2, 13)


def test_a_span_of_working_days_keeps_the_time_of_day() -> None:
    start = datetime(2026, 9, 24, 16, 30, tzinfo=ZONE)
    assert Span(workdays=3).after(start) == datetime(2026, 9, 30, 16, 30, tzinfo=ZONE)
    assert Span(workdays=3).before(datetime(2026, 9, 30, 16, 30, tzinfo=ZONE)) == start


def test_what_favours_a_person_runs_to_the_end_of_a_working_day() -> None:
    on_a_holiday = datetime(2026, 10, 3, 9, tzinfo=ZONE)
    assert to_the_last_minute(on_a_holiday) == datetime(2026, 10, 9, tzinfo=ZONE)
    assert to_the_last_minute(datetime(2026, 3, 18, 9, tzinfo=ZONE)) == datetime(
        2026, 3, 19, tzinfo=ZONE
    )


@pytest.mark.parametrize("span", [Span(minutes=5), Span(hours=12), Span(days=30), Span(workdays=7)])
def test_before_undoes_after(span: Span) -> None:
    start = datetime(2026, 3, 18, 12, tzinfo=ZONE)
    assert span.before(span.after(start)) == start


def test_every_year_says_where_it_comes_from() -> None:
    for year, facts in years().items():
        assert facts.source
        assert facts.mark in {"verified", "assumed"}
        assert all(day.weekday() >= 5 for day in facts.work), year
        assert not facts.off & facts.work
