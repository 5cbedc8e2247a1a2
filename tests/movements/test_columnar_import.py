"""A large file goes into a case in columns, and stands there as if it had gone row by row."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.identity.acting import acting_for
from fanzha.movements import actions, columnar, queries
from fanzha.movements.columnar import blocks
from fanzha.movements.models import Statement
from fanzha.movements.row import cells_of
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import A, at, line, table
from tests.movements.test_command import run

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

LINES = [line(txn_time=at(each // 2), serial_no=f"S{each // 3:08}") for each in range(60)]
FIRST = table(*LINES[:40], line(amount_fen="x")).encode()
SECOND = table(*LINES[20:], line(account_no="990100000001")).encode("gb18030")


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


@pytest.fixture
def small_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columnar, "LARGE", 0)
    monkeypatch.setattr(blocks, "BLOCK", 1000)


def told(by: Officer, case: Case, *files: bytes | Path) -> list[Any]:
    found: list[Any] = []
    names = ("public_id", "id", "imported_at", "lake_file")
    with acting_for(by):
        for file in files:
            statement = actions.import_statement(
                by, file, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
            )
            row = Statement.objects.filter(pk=statement.pk).values().get()
            kept = queries.rows([statement.pk])
            ids = {each.public_id: str(place) for place, each in
                   enumerate(queries.statements_of_case(case.pk))}  # fmt: skip
            for each in kept:
                each["statement"] = ids[each["statement"]]
                one, _, number = each["dup_of"].partition(":")
                each["dup_of"] = f"{ids.get(one, '')}:{number}" if number else ""
                told = queries.row(statement, each["row_no"])
                assert told
                each["row_sha256"] = told["row_sha256"]
                each["raw"] = cells_of(told["raw"], each.pop("raw_names"))
                del each["raw_at"]
            found.append(({k: v for k, v in row.items() if k not in (*names, "case_id")}, kept))
    return found


def test_two_overlapping_files_stand_alike_either_way(
    lin: Officer, chen: Officer, case: Case, request: pytest.FixtureRequest
) -> None:
    by_rows = told(chen, case, FIRST, SECOND)
    other = build.case(lin)
    request.getfixturevalue("small_is_large")
    by_columns = told(chen, other, FIRST, SECOND)
    assert by_columns == by_rows
    assert by_rows[1][0]["rows_duplicate"] > 20


@pytest.mark.usefixtures("small_is_large")
def test_a_path_is_kept_like_its_bytes(chen: Officer, case: Case, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(FIRST)
    with acting_for(chen):
        statement = actions.import_statement(
            chen, path, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
        assert queries.source_of(statement) == FIRST
        assert statement.account == A


def test_the_command_tells_the_same_of_a_large_file(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(FIRST)
    reports = []
    for fixture in ("tmp_path", "small_is_large"):
        request.getfixturevalue(fixture)
        code, printed, _ = run("--dry-run", "--json", str(path))
        assert code == 0
        reports.append(json.loads(printed))
    assert reports[0] == reports[1]
