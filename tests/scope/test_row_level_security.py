"""The app role reads nothing without a scope and nothing outside it, on any connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.models import Unit
from fanzha.scope.current import NoTransaction, Scope, ScopeMissing, scoped
from tests.cast import DUTY, NOON, officer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

SCOPED = sorted({m._meta.db_table for m in apps.get_models() if getattr(m, "scoped", False)})


@pytest.fixture
def plain(database: None) -> Iterator[psycopg.Connection]:
    """A plain connection of the app role, past Python's watch."""
    parts = settings.DATABASES["default"]
    with psycopg.connect(
        host=parts["HOST"], dbname=parts["NAME"], user=parts["USER"], password=parts["PASSWORD"]
    ) as raw:
        yield raw
        raw.rollback()


def _insert_case(
    raw: psycopg.Connection, number: str, unit: str, *, restricted: bool = False
) -> int:
    raw.execute(
        "SELECT set_config('fanzha.scope', 'lj', true), set_config('fanzha.system', 'x', true)"
    )
    row = raw.execute(
        "INSERT INTO cases_case (public_id, number, state, fraud_type, victim_name, search_text,"
        " opened_at, filing_number, unit_path, restricted)"
        " VALUES (%s, %s, 'accepted', '', '', '', now(), '', %s, %s) RETURNING id",
        [number, number, unit, restricted],
    ).fetchone()
    raw.execute("SELECT set_config('fanzha.system', '', true)")
    assert row
    return int(row[0])


def test_every_table_with_people_or_cases_has_a_policy(plain: psycopg.Connection) -> None:
    rows = plain.execute(
        "SELECT c.relname, c.relrowsecurity, count(p.polname) FROM pg_class c"
        " LEFT JOIN pg_policy p ON p.polrelid = c.oid WHERE c.relname = ANY(%s) GROUP BY 1, 2",
        [SCOPED],
    ).fetchall()
    assert {name for name, on, policies in rows if on and policies} == set(SCOPED)


@pytest.mark.parametrize("table", SCOPED)
def test_without_scope_nothing_is_read_on_a_fresh_connection(
    plain: psycopg.Connection, table: str
) -> None:
    assert plain.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,)


def test_without_scope_nothing_is_read_on_a_reused_connection(plain: psycopg.Connection) -> None:
    _insert_case(plain, "T-reused", "lj.hd")
    seen = "SELECT count(*) FROM cases_case WHERE number = 'T-reused'"
    assert plain.execute(seen).fetchone() == (1,)
    # What an ended scope looks like on a reused connection: not null, but ''.
    plain.execute("SELECT set_config('fanzha.scope', '', true)")
    assert plain.execute(seen).fetchone() == (0,)


def test_an_ended_transaction_leaves_an_empty_scope_that_shows_nothing(
    plain: psycopg.Connection,
) -> None:
    plain.execute("SELECT set_config('fanzha.scope', 'lj', true)")
    plain.rollback()
    left = plain.execute("SELECT current_setting('fanzha.scope', true)").fetchone()
    assert left == ("",)
    for table in SCOPED:
        assert plain.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,)


@pytest.mark.parametrize(
    ("scope", "count"), [("lj", 1), ("lj.hd", 1), ("lj.xs", 0), ("lj.hd.s1", 0), ("other", 0)]
)
def test_a_case_is_seen_from_its_unit_and_above(
    plain: psycopg.Connection, scope: str, count: int
) -> None:
    _insert_case(plain, "T-scope", "lj.hd")
    plain.execute("SELECT set_config('fanzha.scope', %s, true)", [scope])
    found = plain.execute("SELECT count(*) FROM cases_case WHERE number = 'T-scope'").fetchone()
    assert found == (count,)


def test_a_restricted_case_and_what_belongs_to_it_is_seen_by_members_only(
    plain: psycopg.Connection,
) -> None:
    case = _insert_case(plain, "T-restricted", "lj.hd", restricted=True)
    plain.execute("SELECT set_config('fanzha.system', 'x', true)")
    plain.execute(
        "INSERT INTO cases_member (case_id, officer_id, since, unit_path, restricted)"
        " VALUES (%s, 7, now(), 'lj', false)", [case],
    )  # fmt: skip
    plain.execute(
        "INSERT INTO entities_mention (entity_id, case_id, role, name_as_written, source, at,"
        " unit_path, restricted)"
        " VALUES (entities_intern('account', '629900'), %s, 'payee', '', 't',"
        " now(), 'lj', false)", [case],
    )  # fmt: skip
    plain.execute("SELECT set_config('fanzha.system', '', true)")
    for officer_id, count in (("7", 1), ("8", 0), ("", 0)):
        plain.execute("SELECT set_config('fanzha.officer', %s, true)", [officer_id])
        for table in ("cases_case", "entities_mention"):
            key = "id" if table == "cases_case" else "case_id"
            found = plain.execute(f"SELECT count(*) FROM {table} WHERE {key} = %s", [case])
            assert found.fetchone() == (count,), (table, officer_id)


def test_a_row_cannot_be_written_outside_the_scope(plain: psycopg.Connection) -> None:
    _insert_case(plain, "T-mine", "lj.hd")
    plain.execute("SELECT set_config('fanzha.scope', 'lj.xs', true)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        plain.execute(
            "INSERT INTO intake_payment (public_id, kind, amount_fen, from_account,"
            " from_institution, to_account, to_institution, to_name, to_hint, complete,"
            " movement_id, unit_path, restricted)"
            " VALUES ('p', 'bank', 1, '', '', '', '', '', '', true, '', 'lj.hd', false)"
        )


def test_what_belongs_to_a_case_moves_with_it(lin: Officer, liang: Officer) -> None:
    with acting_for(lin):
        case = cases.open_case(
            lin, fraud_type="AG", victim_name="周某", search_text="x", at=NOON, ground=DUTY
        )
        assert case.unit_path == "lj"
    with acting_for(liang):
        cases.assign(liang, case, Unit.objects.get(path="lj.xs"), at=NOON, ground=DUTY)
        assert Case.objects.get(pk=case.pk).members.get().unit_path == "lj.xs"
    with acting_for(officer("wu")):
        assert Case.objects.filter(pk=case.pk).exists()
    with acting_for(officer("han")):
        assert not Case.objects.filter(pk=case.pk).exists()


def test_a_query_without_scope_raises_in_python(db: None) -> None:
    with pytest.raises(ScopeMissing):
        Case.objects.count()


def test_a_scope_needs_a_transaction(database: None) -> None:
    with pytest.raises(NoTransaction), scoped(Scope("lj")):
        pass
    connection.close()


def test_a_scope_set_in_a_savepoint_is_restored(db: None) -> None:
    def inside() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('fanzha.scope', true)")
            value: str = cursor.fetchone()[0]
            return value

    def look_and_fail() -> None:
        with system_scope("test"):
            assert inside() == "lj"
            raise ZeroDivisionError

    with acting_for(officer("han")):
        with pytest.raises(ZeroDivisionError):
            look_and_fail()
        assert inside() == "lj.hd"
        with transaction.atomic(), scoped(Scope("lj.xs")):
            assert inside() == "lj.xs"
        assert inside() == "lj.hd"
    assert inside() == ""
