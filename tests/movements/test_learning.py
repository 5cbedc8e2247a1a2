"""A person's mapping is saved, offered from then on, and changes no earlier import."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.audit.models import Entry
from fanzha.identity.acting import acting_for
from fanzha.movements import actions, learning, rules
from fanzha.movements.proposing import propose
from fanzha.movements.sheets import Table
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.test_proposing import UNKNOWN

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.models import SavedProfile, Statement


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, text: str) -> Statement:
    with acting_for(by):
        return actions.import_statement(
            by, text.encode(), file_name="made.csv", case_id=case.pk, at=NOON, ground=DUTY
        )


def saved(by: Officer, **changed: object) -> SavedProfile:
    mapping = propose(Table("made.csv", UNKNOWN.encode()))
    assert mapping
    with acting_for(by):
        return learning.save_profile(
            by, mapping.chosen({}, **changed), "村镇银行", at=NOON, ground=DUTY
        )


def test_a_saved_layout_is_known_at_the_next_import(chen: Officer, case: Case) -> None:
    with pytest.raises(rules.NotAStatement):
        imported(chen, case, UNKNOWN)
    assert str(saved(chen)) == "村镇银行@1"
    first = imported(chen, case, UNKNOWN)
    assert (first.profile, first.sums["in"]) == ("村镇银行@1", {"CNY": 12_000})


def test_a_new_version_is_used_from_then_on_and_changes_nothing_before(
    chen: Officer, case: Case
) -> None:
    saved(chen)
    first = imported(chen, case, UNKNOWN)
    assert str(saved(chen, directions={"甲": "out", "乙": "in"})) == "村镇银行@2"
    second = imported(chen, case, UNKNOWN.replace("2026-03-18", "2026-04-18"))
    assert (second.profile, second.sums["out"]) == ("村镇银行@2", {"CNY": 12_000})
    with acting_for(chen):
        first.refresh_from_db()
        assert Entry.objects.filter(object_kind="profile").count() == 2
    assert (first.profile, first.sums["in"]) == ("村镇银行@1", {"CNY": 12_000})
