from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.conf import settings

from fanzha.audit.models import Entry
from fanzha.channels.bank_gateway.codec import Message
from fanzha.channels.bank_gateway.replies import read_statement
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from fanzha.movements import actions, lake, ordering, queries, rules, sweeps
from fanzha.movements.models import Statement
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import A, B, at, line, table
from tests.movements.test_layouts import BILLS

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

FILE = table(line(balance_fen="100"), line(balance_fen="200"), line(amount_fen="x")).encode()


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, content: bytes = FILE, name: str = "a.csv") -> Statement:
    with acting_for(by):
        return actions.import_statement(
            by, content, file_name=name, case_id=case.pk, at=NOON, ground=DUTY
        )


def files() -> list[str]:
    return [file.name for file in lake.files() if not file.name.endswith(".source")]


def test_a_statement_stands_in_manifest_and_lake(chen: Officer, case: Case) -> None:
    statement = imported(chen, case)
    counts = (
        statement.rows_read, statement.rows_kept, statement.rows_duplicate,
        statement.rows_rejected, statement.rows_skipped,
    )  # fmt: skip
    assert counts == (3, 2, 0, 1, 1)
    assert (statement.account, statement.balance_fen) == (A, 20_000)
    assert statement.sums["in"] == {"CNY": 20_000}
    assert (statement.rejects[0]["row"], statement.rejects[0]["field"]) == (4, "交易金额")
    assert statement.profile == "bank_34@2"
    with acting_for(chen):
        (piece,) = statement.pieces.all()
        assert files() == [piece.name]
        assert (piece.low, piece.high, piece.rows) == (*[ordering.bucket_of(A)] * 2, 2)
        rows = queries.rows([statement.pk])
        entry = Entry.objects.get(object_kind="statement")
    assert [(row["row_no"], row["amount_fen"]) for row in rows] == [(2, 10_000), (3, 10_000)]
    assert rows[0]["file_sha256"] == statement.file_sha256
    assert rows[0]["txn_time"].timestamp() == NOON.timestamp()
    assert json.loads(rows[0]["raw"])["交易金额"] == "100.00"
    assert (entry.object_id, entry.case_id) == (statement.public_id, case.pk)


def test_the_file_is_kept_as_it_came(chen: Officer, case: Case) -> None:
    statement = imported(chen, case)
    assert queries.source_of(statement) == FILE
    assert queries.source_of(replied(case, reply({}))) is None


def test_a_row_with_nul_bytes_is_rejected_and_the_rest_imported(chen: Officer, case: Case) -> None:
    statement = imported(chen, case, FILE.replace(b",x,", b",1\x000,"), "n\0ul.csv")
    assert (statement.rows_kept, statement.rows_rejected) == (2, 1)
    assert statement.rejects[0]["reason"] == "undecodable"


@pytest.mark.parametrize("name", BILLS)
def test_every_layout_goes_into_a_case(chen: Officer, case: Case, name: str) -> None:
    text, sums = BILLS[name]
    statement = imported(chen, case, text.encode(), "made.csv")
    assert (statement.profile.partition("@")[0], statement.rows_kept) == (name, 2)
    assert tuple(statement.sums[way] for way in ("in", "out", "unknown")) == sums


def test_files_of_the_lake_are_for_the_platform_only(chen: Officer, case: Case) -> None:
    imported(chen, case)
    path = settings.LAKE / files()[0]
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.parent.parent.stat().st_mode & 0o077 == 0


def test_a_click_on_a_figure_leads_back_to_its_row(chen: Officer, case: Case) -> None:
    statement = imported(chen, case)
    with acting_for(chen):
        (transfer, _) = queries.transfers_of_case(case.pk).transfers
        (where,) = transfer.witnesses
        row = queries.row(queries.by_public_id(where[0]), where[1])
        assert queries.row(statement, 99) is None
    assert row is not None
    assert row["row_sha256"]


def test_the_same_bytes_are_refused_with_the_first_import_named(chen: Officer, case: Case) -> None:
    first = imported(chen, case, name="first.csv")
    with pytest.raises(rules.AlreadyImported) as raised:
        imported(chen, case, name="again.csv")
    assert {"again.csv", "first.csv", first.public_id} <= set(map(str, raised.value.facts.values()))
    assert len(files()) == 1


def test_an_overlapping_file_adds_only_what_is_new(chen: Officer, case: Case) -> None:
    first = imported(chen, case)
    later = table(line(balance_fen="200"), line(balance_fen="300", txn_time=at(60)))
    second = imported(chen, case, later.encode(), "b.csv")
    assert (second.rows_kept, second.rows_duplicate) == (1, 1)
    with acting_for(chen):
        transfers = queries.transfers_of_case(case.pk).transfers
        kept = queries.rows([second.pk], kept=True)
        told = queries.rows([second.pk])
    assert [each.balance_to_fen for each in transfers] == [10_000, 20_000, 30_000]
    assert [row["dup_of"] for row in told] == [f"{first.public_id}:3", ""]
    assert len(kept) == 1


def test_a_file_that_is_no_statement_leaves_nothing(chen: Officer, case: Case) -> None:
    with pytest.raises(rules.NotAStatement):
        imported(chen, case, b"hello, world")
    assert files() == []
    with acting_for(chen):
        assert not Statement.objects.exists()


def test_a_death_between_rename_and_commit_leaves_things_as_before(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "announce", die)
        with pytest.raises(KeyboardInterrupt):
            imported(chen, case)
    (orphan,) = files()
    with acting_for(chen):
        assert queries.transfers_of_case(case.pk).transfers == ()
        assert not Statement.objects.exists()
    imported(chen, case)
    (kept,) = set(files()) - {orphan}
    assert sweeps.remove_orphans(NOON) == 0

    later = next(file.at for file in lake.files()) + timedelta(hours=2)
    assert sweeps.remove_orphans(later) == 2
    assert files() == [kept]
    assert len(list(lake.files())) == 2
    with system_scope("test"):
        assert orphan in Entry.objects.get(object_kind="lake").facts["files"]


def test_a_death_while_writing_leaves_a_part_that_is_swept(
    chen: Officer, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(KeyboardInterrupt):
            imported(chen, case)
    (part,) = files()
    assert part.endswith(".part")
    assert sweeps.remove_orphans(next(file.at for file in lake.files()) + timedelta(hours=2)) == 1


def test_another_district_sees_neither_manifest_nor_rows(
    chen: Officer, wu: Officer, case: Case
) -> None:
    statement = imported(chen, case)
    with acting_for(wu):
        assert not Statement.objects.exists()
        assert queries.rows([statement.pk]) == []
        assert queries.transfers_of_case(case.pk).transfers == ()
        with pytest.raises(queries.StatementNotFound):
            queries.by_public_id(statement.public_id)


def test_another_district_cannot_put_a_statement_into_the_case(wu: Officer, case: Case) -> None:
    with pytest.raises(Exception, match="row-level security"):
        imported(wu, case)


def test_the_app_role_sees_the_manifest_in_scope_only(database: None) -> None:
    parts = settings.DATABASES["default"]
    with psycopg.connect(
        host=parts["HOST"], dbname=parts["NAME"], user=parts["USER"], password=parts["PASSWORD"]
    ) as raw:
        raw.execute("SELECT set_config('fanzha.scope', 'lj', true)")
        row = raw.execute(
            "INSERT INTO cases_case (public_id, number, state, fraud_type, victim_name,"
            " search_text, opened_at, filing_number, unit_path, restricted, keep_rule)"
            " VALUES ('m', 'm', 'accepted', '', '', '', now(), '', 'lj.hd', false, '') RETURNING id"
        ).fetchone()
        assert row
        raw.execute(
            "INSERT INTO movements_statement (public_id, case_id, account, institution_code,"
            " file_name, file_sha256, profile, source, imported_at, rows_read, rows_kept,"
            " rows_duplicate, rows_rejected, rows_skipped, sums, rejects, findings, truncated,"
            " unit_path, restricted) VALUES ('m', %s, '', '', '', '', '', '', now(), 0,"
            " 0, 0, 0, 0, '{}', '[]', '[]', false, 'lj', false)",
            row,
        )
        for scope, count in (("lj", 1), ("lj.hd", 1), ("lj.xs", 0), ("", 0)):
            raw.execute("SELECT set_config('fanzha.scope', %s, true)", [scope])
            found = raw.execute("SELECT count(*) FROM movements_statement WHERE public_id = 'm'")
            assert found.fetchone() == (count,), scope
        raw.rollback()


def test_who_may_not_import_is_refused(lin: Officer, case: Case) -> None:
    with pytest.raises(PermissionMissing):
        imported(lin, case)


def reply(*rows: dict[str, str], result: str = "0000", card: str = B) -> Any:
    told = [
        {"TransactionTime": "20260318120007", "BorrowingSigns": "1", "TransactionAmount": "100.00",
         "AccountBalance": "100.00", "OpponentAccountNumber": A, "TransactionStatus": "00"} | row
        for row in rows
    ]  # fmt: skip
    account = {"AccountNumber": "990100000002_01", "Currency": "CNY", "AccountBalance": "100.00",
               "Transactions": {"Transaction": told}}  # fmt: skip
    accounts = {"AccountName": "贾某", "CardNumber": card, "Account": account}
    body = {"ApplicationID": "A1", "Result": result, "Accounts": accounts}
    return read_statement(Message("100302", to="990199990000", body=body))


def replied(case: Case, told: Any, raw: bytes = b"<xml/>", **changes: Any) -> Statement:
    how: dict[str, Any] = {
        "account": B,
        "institution_code": "990100000001",
        "message_id": 7,
    } | changes
    with system_scope("test") as system:
        return actions.import_reply(
            system, told, raw, case_id=case.pk, at=NOON + timedelta(hours=1), ground=DUTY, **how
        )


def test_a_reply_becomes_the_same_rows_and_pairs_with_a_file(chen: Officer, case: Case) -> None:
    imported(chen, case, table(line(direction="出", cp_account_no=B)).encode())
    statement = replied(case, reply({}, {"TransactionAmount": "0.001"}))
    assert (statement.rows_kept, statement.rows_rejected) == (1, 1)
    assert statement.rejects[0]["field"] == "TransactionAmount"
    assert statement.rejects[0]["reason"] == "sub_fen"
    assert (statement.balance_fen, statement.until) == (10_000, NOON + timedelta(hours=1))
    with acting_for(chen):
        joined = queries.transfers_of_case(case.pk)
    (transfer,) = joined.transfers
    assert (transfer.from_account, transfer.to_account, len(transfer.witnesses)) == (A, B, 2)
    assert transfer.to_name == "贾某"
    assert joined.key_of["990100000002"] == B
    assert joined.known[B].until == NOON + timedelta(hours=1)
    assert joined.known[B].institution_code == "990100000001"


def test_the_same_reply_twice_is_refused(case: Case, chen: Officer) -> None:
    replied(case, reply({}))
    with pytest.raises(rules.AlreadyImported):
        replied(case, reply({}))


def test_a_reply_that_was_cut_off_answers_up_to_its_last_row(case: Case, chen: Officer) -> None:
    statement = replied(case, reply({}, result="2400"))
    assert statement.truncated
    assert statement.until == NOON + timedelta(seconds=7)
    with acting_for(chen):
        assert queries.transfers_of_case(case.pk).known[B].truncated


def test_an_account_without_movements_is_known(case: Case, chen: Officer) -> None:
    replied(case, reply())
    with acting_for(chen):
        joined = queries.transfers_of_case(case.pk)
    assert (joined.transfers, joined.openings) == ((), {B: 10_000})
    assert joined.known[B].holder == "贾某"


def test_a_reply_about_another_number_is_joined_and_said(case: Case, chen: Officer) -> None:
    statement = replied(case, reply({}), account="6299010000000000099")
    assert [each["kind"] for each in statement.findings] == ["other_account"]
    with acting_for(chen):
        assert queries.transfers_of_case(case.pk).key_of["6299010000000000099"] == B
