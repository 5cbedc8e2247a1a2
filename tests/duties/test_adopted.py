"""What was under way before there were clocks gets the same ones that it would have now."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from fanzha.core import clock
from fanzha.duties.models import Clock
from fanzha.identity.acting import system_scope
from fanzha.instructions import alarms
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from tests import build
from tests.instructions.follow import hold, release
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from datetime import datetime

ADOPT = import_module("fanzha.duties.migrations.0006_adopt").ADOPT
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


def clocks() -> set[tuple[Any, ...]]:
    found = Clock.objects.exclude(rule="renewal_last_day").values_list(
        "rule", "about", "started_at", "due_at", "presses", "next_press_at", "case_id"
    )
    return {(*facts[:4], tuple(facts[4]), *facts[5:]) for facts in found}


def at_present(now: datetime) -> None:
    """Move what was built to the present: the migration asks the database for the time."""
    for each in Instruction.objects.all():
        by = now - each.drafted_at
        for name in ("sent_at", "due_at", "effective_at", "ends_at", "release_due_at"):
            moment = getattr(each, name)
            setattr(each, name, moment and moment + by)
        each.save()
        alarms.follow(each, now)


def test_an_upgrade_starts_the_clocks_that_would_run() -> None:
    release(hold())
    hold(Kind.FREEZE, account=build.OTHER_MULE)
    hold(Kind.QUERY, answered_at_all=False, account="6299019999999999991")
    now = clock.now()
    with system_scope("test"), writing():
        Clock.objects.all().delete()
        at_present(now)
        expected = clocks()
        Clock.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(ADOPT)
            assert clocks() == expected
            assert len(expected) == 4
            cursor.execute(ADOPT)
        assert Clock.objects.count() == 4
