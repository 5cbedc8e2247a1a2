"""The log is append-only, sealed, and a change to it is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from fanzha.audit import log
from fanzha.audit.models import Block, Entry
from fanzha.audit.rules import GENESIS, Flaw, digest, flaws_of_block, seal
from fanzha.identity import actions as identity
from fanzha.identity.acting import system_scope
from fanzha.identity.queries import unit_at
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def written(database: None) -> Iterator[None]:
    """Three committed entries; removed by the owner afterwards."""
    with system_scope("test", root="audited") as system:
        identity.add_unit(
            system, code="audited", name="x", level="city", parent=None, at=NOON, ground=DUTY
        )
    for name in ("one", "two"):
        with system_scope("test") as system:
            identity.add_unit(
                system, code=name, name=name, level="county", parent=unit_at("audited"),
                at=NOON, ground=DUTY,
            )  # fmt: skip
    yield
    _as_owner(
        "ALTER TABLE audit_entry DISABLE TRIGGER USER;"
        " ALTER TABLE audit_block DISABLE TRIGGER USER;"
        "DELETE FROM audit_entry; DELETE FROM audit_block; DELETE FROM identity_unit;"
        "ALTER TABLE audit_entry ENABLE TRIGGER USER; ALTER TABLE audit_block ENABLE TRIGGER USER;"
    )
    connection.close()


def _as_owner(statement: str) -> None:
    parts = settings.DATABASES["owner"]
    with psycopg.connect(
        host=parts["HOST"], dbname=parts["NAME"], user=parts["USER"], password=parts["PASSWORD"]
    ) as raw:
        raw.execute(statement)


def _tamper(statement: str) -> None:
    _as_owner(
        "ALTER TABLE audit_entry DISABLE TRIGGER USER;"
        f"{statement};"
        "ALTER TABLE audit_entry ENABLE TRIGGER USER"
    )


def _verify() -> list[Flaw]:
    with system_scope("test"):
        return log.verify()[0]


def _ids() -> list[int]:
    with system_scope("test"):
        return list(Entry.objects.order_by("id").values_list("id", flat=True))


def test_the_app_role_can_neither_change_nor_remove_an_entry(written: None) -> None:
    for statement in ("UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"):
        with transaction.atomic(), connection.cursor() as cursor:
            connection.execute_wrappers.clear()
            with pytest.raises(Exception, match="permission denied"), transaction.atomic():
                cursor.execute(statement)


def test_even_the_owner_meets_the_trigger(written: None) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
        _as_owner("UPDATE audit_entry SET actor = 'x'")


def test_a_whole_chain_verifies_and_the_unsealed_tail_is_counted(written: None) -> None:
    with system_scope("test"):
        assert log.verify() == ([], 0, 3)
    with system_scope("test"):
        assert log.seal_finished() == 3
    with system_scope("test"):
        assert log.verify() == ([], 3, 0)
        head = log.head()
        assert head is not None
        assert log.holds_anchor(f"{head[0]}:{head[1]}")
        assert not log.holds_anchor(f"{head[0]}:{'0' * 64}")


def test_an_unfinished_transaction_holds_back_the_seal(written: None) -> None:
    parts = settings.DATABASES["default"]
    with psycopg.connect(host=parts["HOST"], dbname=parts["NAME"], user=parts["USER"]) as other:
        other.execute("SELECT pg_current_xact_id()")  # an open transaction with a number
        with system_scope("test") as system:
            identity.add_unit(
                system, code="later", name="x", level="county", parent=unit_at("audited"),
                at=NOON, ground=DUTY,
            )  # fmt: skip
        with system_scope("test"):
            assert log.seal_finished() == 3
    with system_scope("test"):
        assert log.seal_finished() == 1


def test_a_changed_entry_is_named(written: None) -> None:
    with system_scope("test"):
        log.seal_finished()
    second = _ids()[1]
    _tamper(f"UPDATE audit_entry SET ground_reason = 'other' WHERE id = {second}")
    assert _verify() == [Flaw("changed", 1, second)]


def test_a_removed_entry_is_named(written: None) -> None:
    with system_scope("test"):
        log.seal_finished()
    first = _ids()[0]
    _tamper(f"DELETE FROM audit_entry WHERE id = {first}")
    assert _verify() == [Flaw("removed", 1, first)]


def test_an_entry_smuggled_in_is_named(written: None) -> None:
    with system_scope("test"):
        log.seal_finished()
        last = Block.objects.get(number=1).last_xid
    _tamper(
        "INSERT INTO audit_entry (at, actor, action, object_kind, object_id, ground_kind,"
        " ground_ref, ground_reason, facts, origin, unit_path, restricted, xid)"
        " VALUES (now(), 'x', 'y', '', '',"
        f" '', '', '', '{{}}', '', 'audited', false, {last})"
    )
    assert [flaw.kind for flaw in _verify()] == ["added"]


def test_a_rewritten_block_breaks_the_chain(written: None) -> None:
    with system_scope("test"):
        log.seal_finished()
    _as_owner(
        "ALTER TABLE audit_block DISABLE TRIGGER USER;"
        f"UPDATE audit_block SET hash = '{'a' * 64}';"
        "ALTER TABLE audit_block ENABLE TRIGGER USER"
    )
    assert _verify() == [Flaw("chain", 1)]


def test_exchanged_entries_are_named_as_reordered() -> None:
    one, two = digest({"n": 1}), digest({"n": 2})
    block = seal(1, GENESIS, [(1, one), (2, two)])
    found = flaws_of_block(block, GENESIS, {1: two, 2: one})
    assert found == [Flaw("reordered", 1, 1), Flaw("reordered", 1, 2)]
