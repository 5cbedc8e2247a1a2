from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from fanzha.core import clock
from fanzha.desk.statements import mapping
from fanzha.movements.models import Statement
from fanzha.movements.saved import SavedProfile
from fanzha.movements.sheets import Table
from tests import build
from tests.cast import NOON
from tests.desk.browser import HTMX, browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

OWN, OTHER = "6299010000000000011", "6299020000000000022"
ROWS = (
    ("2026-03-17 10:00:00", "500.00", "1500.00", "存"),
    ("2026-03-17 11:00:00", "200.00", "1300.00", "取"),
    ("2026-03-17 12:00:00", "300.00", "1000.00", "取"),
    ("2026-03-17 13:00:00", "50.00", "1050.00", "存"),
    ("2026-03-17 14:00:00", "70.00", "980.00", "取"),
)
FILE = "\n".join(
    ["发生于,钱数,剩余,去来,本方卡,彼方卡,彼方人"]
    + [f"{at},{sum_},{left},{way},{OWN},{OTHER},贾一二" for at, sum_, left, way in ROWS]
).encode()
COLUMNS = {
    "col-0": "txn_time", "col-1": "amount_fen", "col-2": "balance_fen", "col-3": "direction",
    "col-4": "card_no", "col-5": "cp_account_no", "col-6": "cp_name",
}  # fmt: skip
WORDS = {"word-0": "存", "way-0": "in", "word-1": "取", "way-1": "out"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def send(by: Officer, case: Case, what: str, **fields: str) -> Any:
    given: dict[str, Any] = {"files": SimpleUploadedFile("odd 629901000000.csv", FILE)}
    url = f"/cases/{case.number}/statements/{what}/"
    return browser(by).post(url, given | fields, headers=HTMX)


def test_an_unknown_layout_is_offered_for_mapping_and_not_imported(
    chen: Officer, case: Case
) -> None:
    assert 'data-map-table="0"' in shown(send(chen, case, "look"))
    send(chen, case, "import")
    assert stored(Statement) == []


def test_the_mapping_begins_with_a_proposal_and_masked_cells(chen: Officer, case: Case) -> None:
    page = shown(send(chen, case, "map", table="0"))
    assert page.count("<select") >= len(COLUMNS)
    assert re.search(r'name="col-0".*?value="txn_(time|date)" selected', page)
    assert 'value="odd-"' not in page
    assert OWN not in page
    assert OTHER not in page


def test_a_mapping_shows_at_once_what_it_gives() -> None:
    table = Table("odd.csv", FILE)
    told = mapping.mapped(table, COLUMNS | WORDS | {"name": "odd"})
    assert not told.refused
    assert (told.facts["read"], told.facts["kept"], told.facts["breaks"]) == (5, 5, 0)
    assert told.facts["sums"] == [("CNY", "550.00", "570.00", "0.00")]


def test_a_word_without_meaning_leaves_the_direction_unknown() -> None:
    unsaid = WORDS | {"way-1": ""}
    told = mapping.mapped(Table("odd.csv", FILE), COLUMNS | unsaid | {"name": "odd"})
    assert ("取", "") in told.words
    assert told.facts["sums"][0][3] != "0.00" or told.facts["findings"]


def test_a_mapping_without_a_time_says_what_is_missing() -> None:
    told = mapping.mapped(Table("odd.csv", FILE), COLUMNS | {"col-0": "", "name": "odd"})
    assert told.facts == {}
    assert "without it no row can be read" in told.refused


def test_two_columns_of_one_meaning_are_refused() -> None:
    told = mapping.mapped(Table("odd.csv", FILE), COLUMNS | {"col-2": "amount_fen", "name": "odd"})
    assert told.refused == "Two columns are called Amount; choose one."


def test_what_is_no_table_cannot_be_mapped() -> None:
    with pytest.raises(mapping.NoTable):
        mapping.mapped(Table("a.csv", b"hello\nworld\n"), {})


def test_a_saved_mapping_reads_the_next_file_of_this_layout(chen: Officer, case: Case) -> None:
    page = shown(send(chen, case, "map", table="0", name="odd", save="1", **COLUMNS, **WORDS))
    assert "Saved as odd@1" in page
    assert "Import this table" in page
    assert "layout odd@1" in shown(send(chen, case, "look"))
    assert "5 rows read = 5 kept" in shown(send(chen, case, "import"))
    assert [each.profile for each in stored(Statement)] == ["odd@1"]


def test_a_bad_name_is_refused_on_the_form(chen: Officer, case: Case) -> None:
    page = shown(send(chen, case, "map", table="0", name="a b", save="1", **COLUMNS, **WORDS))
    assert "has 1 to 30 letters" in page
    assert stored(SavedProfile) == []


def test_a_new_version_leaves_old_imports_alone(chen: Officer, case: Case) -> None:
    send(chen, case, "map", table="0", name="odd", save="1", **COLUMNS, **WORDS)
    send(chen, case, "import")
    before = stored(Statement)[0].sums
    other = WORDS | {"way-0": "out", "way-1": "in"}
    page = shown(send(chen, case, "map", table="0", name="odd", save="1", **COLUMNS, **other))
    assert "Saved as odd@2" in page
    after = stored(Statement)[0]
    assert (after.sums, after.profile) == (before, "odd@1")


def test_a_table_that_is_not_there_is_a_bad_request(chen: Officer, case: Case) -> None:
    assert send(chen, case, "map", table="7").status_code == 400
    assert send(chen, case, "map", table="x").status_code == 400
