"""A workbook or an archive is kept as it came, once; every row leads back into it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from fanzha.identity.acting import acting_for
from fanzha.movements import actions, lake, originals, queries, rules, sheets
from tests import build
from tests.cast import DUTY, NOON
from tests.movements.build import B, at, line, table
from tests.movements.test_layouts import workbook, zipped

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.models import Statement


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def imported(by: Officer, case: Case, content: bytes, name: str) -> list[Statement]:
    with acting_for(by):
        return [
            actions.import_statement(
                by, each.content, file_name=each.name, case_id=case.pk, at=NOON, ground=DUTY,
                table=each,
            )
            for each in sheets.tables(content, name)
        ]  # fmt: skip


def texts() -> tuple[str, str]:
    one, other = table(line(), line(txn_time=at(1))), table(line(card_no=B))
    return one.replace(",", "\t"), other.replace(",", "\t")


def test_the_sheets_of_a_workbook_lead_back_to_its_bytes_sheet_and_row(
    chen: Officer, case: Case
) -> None:
    content = workbook(*texts())
    first, second = imported(chen, case, content, "made.xlsx")
    with acting_for(chen):
        assert queries.source_of(first) == queries.source_of(second) == content
        assert [originals.origin_of(each) for each in (first, second)] == [
            originals.Origin("made.xlsx", hashlib.sha256(content).hexdigest(), name)
            for name in ("Sheet1", "Sheet2")
        ]
        assert queries.row(second, 2)
    kept = [file for file in lake.files() if file.name.endswith(".source")]
    assert len(kept) == 1


def test_a_member_of_an_archive_and_a_single_sheet_are_named(chen: Officer, case: Case) -> None:
    (member,) = imported(chen, case, zipped(**{"a/b.csv": texts()[0].encode()}), "made.zip")
    (sheet,) = imported(chen, case, workbook(texts()[1]), "made.xlsx")
    assert originals.origin_of(member)[::2] == ("made.zip", "a/b.csv")
    assert originals.origin_of(sheet)[::2] == ("made.xlsx", "")


def test_a_plain_text_is_its_own_origin_and_a_workbook_is_imported_once(
    chen: Officer, case: Case
) -> None:
    text = texts()[0].encode()
    (plain,) = imported(chen, case, text, "made.txt")
    assert originals.origin_of(plain).sha256 == hashlib.sha256(text).hexdigest()
    imported(chen, case, workbook(texts()[1]), "made.xlsx")
    with pytest.raises(rules.AlreadyImported):
        imported(chen, case, workbook(texts()[1]), "again.xlsx")
