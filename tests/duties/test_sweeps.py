"""The sweep of clocks: several at once, one that fails, a batch that is full."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from fanzha.audit.models import Entry
from fanzha.duties import actions, clocks, sweeps
from fanzha.duties.clocks import About, Term
from fanzha.duties.models import Clock
from fanzha.duties.sweeps import press_due
from fanzha.identity.acting import system_scope
from tests.cast import NOON, populate
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.duties.events import Expired, Pressed

HOUR = timedelta(hours=1)
LATE = NOON + 100 * HOUR


def start(count: int) -> None:
    with system_scope("test"), writing():
        for number in range(count):
            clocks.start(About("instruction", f"I-{number}", "lj"), "stop_window", Term(NOON), NOON)


def told() -> int:
    """How many moments the log says were told."""
    with system_scope("test"):
        return sum(each.facts["told"] for each in Entry.objects.filter(object_kind="clock"))


@pytest.mark.usefixtures("committed")
def test_sweeps_at_the_same_time_tell_every_moment_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with system_scope("test", root="lj"):
        populate()
    start(40)
    monkeypatch.setattr(sweeps, "BATCH", 5)

    def sweep(at: datetime) -> int:
        try:
            return press_due(at)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        counts = list(pool.map(sweep, [LATE] * 3))
    assert sum(counts) + press_due(LATE) == told() == 4 * 40
    with system_scope("test"):
        assert not Clock.objects.filter(closed_at=None).exists()


@pytest.mark.usefixtures("db")
def test_a_clock_that_fails_holds_up_no_other_and_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start(3)
    monkeypatch.setattr(sweeps, "BATCH", 2)

    def fails(fact: Pressed | Expired) -> None:
        if fact.about == "I-0":
            raise ValueError("nobody listens")

    with monkeypatch.context() as broken:
        broken.setattr(actions, "announce", fails)
        assert press_due(LATE) == 8
    assert "stop_window I-0 cannot press" in caplog.text
    assert press_due(LATE) == 4
    assert told() == 12
