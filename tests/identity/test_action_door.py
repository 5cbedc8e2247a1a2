"""The @action door: permission, transaction, audit entry; and the watch on every statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from fanzha.audit.models import Entry
from fanzha.cases import actions as cases
from fanzha.identity.acting import NotAudited, System, acting_for, action, record, system_scope
from fanzha.identity.models import Officer, Unit
from fanzha.identity.rules import MayNotNest, PermissionMissing, check_nesting
from fanzha.scope.current import ScopeMissing
from fanzha.scope.guard import WriteOutsideAction
from tests.cast import DUTY, NOON, officer

if TYPE_CHECKING:
    from fanzha.cases.models import Case


def _open(by: Officer) -> Case:
    return cases.open_case(
        by, fraud_type="AG", victim_name="周某", search_text="x", at=NOON, ground=DUTY
    )


def test_an_action_needs_the_permission(sun: Officer) -> None:
    with acting_for(sun), pytest.raises(PermissionMissing):
        _open(sun)


def test_a_part_of_the_system_acts_only_where_that_is_said(db: None) -> None:
    with system_scope("test") as system, pytest.raises(PermissionMissing):
        _open(system)  # type: ignore[arg-type] # that is what the test is about


def test_an_action_leaves_an_entry_with_actor_moment_ground_and_origin(lin: Officer) -> None:
    with acting_for(lin, origin="127.0.0.1"):
        case = _open(lin)
        entry = Entry.objects.get(case_id=case.pk)
    assert (entry.actor, entry.officer_id, entry.at) == ("lin", lin.pk, NOON)
    assert (entry.action, entry.object_kind, entry.object_id) == (
        "cases.open_case",
        "case",
        case.number,
    )
    assert (entry.ground_kind, entry.ground_reason, entry.origin) == ("duty", "test", "127.0.0.1")


def test_an_action_without_an_entry_fails_and_leaves_nothing(lin: Officer) -> None:
    @action("report.file")
    def silent(by: Officer, *, at: object, ground: object) -> None:
        Unit.objects.create(path="lj.zz", name="x", level="county")

    with acting_for(lin):
        with pytest.raises(NotAudited):
            silent(lin, at=NOON, ground=DUTY)
        assert not Unit.objects.filter(path="lj.zz").exists()


def test_a_refused_action_takes_back_what_it_wrote(lin: Officer) -> None:
    @action("report.file")
    def fails(by: Officer, *, at: object, ground: object) -> None:
        record("x", "1")
        Unit.objects.create(path="lj.zz", name="x", level="county")
        raise PermissionMissing(permission="x")

    with acting_for(lin):
        with pytest.raises(PermissionMissing):
            fails(lin, at=NOON, ground=DUTY)
        assert not Unit.objects.filter(path="lj.zz").exists()
        assert not Entry.objects.filter(object_kind="x").exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_unit SET name = 'x'",
        'DELETE FROM "identity_unit"',
        "INSERT INTO identity_unit (path, name, level) VALUES ('q', 'q', 'q')",
    ],
)
def test_raw_sql_cannot_write_outside_an_action(lin: Officer, statement: str) -> None:
    with acting_for(lin), connection.cursor() as cursor, pytest.raises(WriteOutsideAction):
        cursor.execute(statement)


def test_an_action_without_scope_fails(lin: Officer) -> None:
    with pytest.raises(ScopeMissing):
        _open(lin)


def test_a_system_scope_is_named_in_the_log(db: None) -> None:
    from fanzha.identity import actions as identity

    with system_scope("night shift") as system:
        assert isinstance(system, System)
        identity.add_unit(
            system, code="zz", name="x", level="county", parent=Unit.objects.get(path="lj"),
            at=NOON, ground=DUTY,
        )  # fmt: skip
        assert Entry.objects.get(object_id="lj.zz").actor == "system:night shift"


@pytest.mark.parametrize(
    ("level", "parent"),
    [("county", "city"), ("station", "county"), ("grid", "community"), ("division", "corps"),
     ("regiment", "division"), ("company", "regiment"), ("city", None)],
)  # fmt: skip
def test_units_nest_as_the_data_says(level: str, parent: str | None) -> None:
    check_nesting(level, parent)


@pytest.mark.parametrize(("level", "parent"), [("city", "station"), ("galaxy", None)])
def test_units_do_not_nest_otherwise(level: str, parent: str | None) -> None:
    with pytest.raises(MayNotNest):
        check_nesting(level, parent)


def test_a_role_that_ended_gives_nothing(lin: Officer) -> None:
    from fanzha.scope.guard import open_action

    assert officer("lin").may("report.file")
    token = open_action.set("test")
    lin.grants.update(until=NOON)
    open_action.reset(token)
    assert not officer("lin").may("report.file")
