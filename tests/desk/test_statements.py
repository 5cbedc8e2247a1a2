from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
import pyzipper  # type: ignore[import-untyped]  # ships no types
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from fanzha.audit.models import Entry
from fanzha.core import clock
from fanzha.movements.models import Statement
from tests import build
from tests.cast import NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.movements.build import A, B, at, line, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

FILE = table(
    line(balance_fen="100", cp_account_no=B, cp_name="贾一二", summary="转账给贾一二"),
    line(balance_fen="250", txn_time=at(60)),
    line(amount_fen="=1+1"),
).encode()


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def send(
    by: Officer, case: Case, what: str, content: bytes = FILE, name: str = "a.csv", **more: Any
) -> Any:
    given = {"files": SimpleUploadedFile(name, content)} | more
    return browser(by).post(f"/cases/{case.number}/statements/{what}/", given, headers=HTMX)


def first(case: Case) -> Statement:
    found: Statement = stored(Statement, case_id=case.pk)[0]
    return found


def zipped(password: str = "") -> bytes:
    written = io.BytesIO()
    if password:
        with pyzipper.AESZipFile(written, "w", encryption=pyzipper.WZ_AES) as locked:
            locked.setpassword(password.encode())
            locked.writestr("a.csv", FILE)
    else:
        with zipfile.ZipFile(written, "w") as plain:
            plain.writestr("a.csv", FILE)
            plain.writestr("b.csv", "nothing of use\n1,2\n")
    return written.getvalue()


def test_a_look_shows_counts_sums_and_rows_masked_and_keeps_nothing(
    chen: Officer, case: Case
) -> None:
    page = shown(send(chen, case, "look"))
    counts = re.findall(r"(read|kept|duplicate|rejected) <b class=\"fz-num\">(\d+)", page)
    assert counts == [("read", "3"), ("kept", "2"), ("duplicate", "0"), ("rejected", "1")]
    assert "bank_34@" in page
    assert "200.00" in page
    assert "贾**" in page
    assert "贾一二" not in page
    assert A not in page
    assert B not in page
    assert "disagree" in page
    assert stored(Statement) == []


def test_a_look_counts_what_the_case_has_already_and_the_import_counts_the_same(
    chen: Officer, case: Case
) -> None:
    send(chen, case, "import")
    longer = FILE + table(line(txn_time=at(999), amount_fen="7")).split("\r\n", 1)[1].encode()
    page = shown(send(chen, case, "look", longer))
    counts = re.findall(r"(read|kept|duplicate|rejected) <b class=\"fz-num\">(\d+)", page)
    assert counts == [("read", "4"), ("kept", "1"), ("duplicate", "2"), ("rejected", "1")]
    assert len(stored(Statement)) == 1
    done = shown(send(chen, case, "import", longer))
    assert "4 rows read = 1 kept + 2 duplicate + 1 rejected" in done


def test_a_zip_shows_each_table_and_imports_what_can_be_read(chen: Officer, case: Case) -> None:
    page = shown(send(chen, case, "look", zipped(), "many.zip"))
    assert "many.zip/a.csv" in page
    assert "this is not a statement" in page
    assert "Import this table" in page
    done = shown(send(chen, case, "import", zipped(), "many.zip"))
    assert "3 rows read = 2 kept + 0 duplicate + 1 rejected" in done
    assert first(case).file_name == "many.zip/a.csv"


def test_a_wrong_file_gets_a_sentence(chen: Officer, case: Case) -> None:
    page = shown(send(chen, case, "look", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "a.xlsx"))
    assert "a.xlsx is" in page
    assert "Import" not in page


def test_a_locked_file_asks_for_its_password_and_opens_with_it(chen: Officer, case: Case) -> None:
    locked = zipped("sesame")
    assert "data-password" in shown(send(chen, case, "look", locked, "a.zip"))
    assert "does not open" in shown(send(chen, case, "look", locked, "a.zip", password="no"))
    assert "Import this table" in shown(
        send(chen, case, "look", locked, "a.zip", password="sesame")
    )


def test_the_same_file_twice_says_so_and_harms_nothing(chen: Officer, case: Case) -> None:
    send(chen, case, "import")
    assert "imported into this case before" in shown(send(chen, case, "import"))
    assert len(stored(Statement, case_id=case.pk)) == 1


def test_without_a_script_the_answer_is_the_page(chen: Officer, case: Case) -> None:
    url = f"/cases/{case.number}/statements/import/"
    answer = browser(chen).post(url, {"files": SimpleUploadedFile("a.csv", FILE)})
    assert "<!doctype html>" in shown(answer)
    assert "3 = 2 + 0 +" in shown(answer)


def test_who_may_not_import_sees_the_list_without_the_form(lin: Officer, case: Case) -> None:
    page = shown(browser(lin).get(f"/cases/{case.number}/statements/"))
    assert "Statements appear here" in page
    assert "st-upload" not in page
    assert send(lin, case, "import").status_code == 403


def test_the_list_names_state_and_accounts_with_their_pages(chen: Officer, case: Case) -> None:
    send(chen, case, "import")
    page = shown(browser(chen).get(f"/cases/{case.number}/statements/"))
    assert "6299 **** **** 0001" in page
    assert "balances disagree" in page
    assert re.search(rf"/cases/{case.number}/accounts/[0-9a-f]+/", page)
    assert A not in page


def test_a_statement_shows_its_balance_break_and_its_rejects(chen: Officer, case: Case) -> None:
    send(chen, case, "import")
    url = f"/cases/{case.number}/statements/{first(case).public_id}/"
    page = shown(browser(chen).get(url))
    assert "Balance breaks: 1, first in row 3: 50.00 missing" in page
    assert "=1+1 is not an amount" in page
    row = shown(browser(chen).get(f"{url}rows/3/"))
    assert "交易金额" in row
    assert first(case).file_sha256 in row
    assert A not in row


def test_the_reject_list_runs_no_formula_and_shows_lines_for_a_reason_only(
    chen: Officer, case: Case
) -> None:
    send(chen, case, "import", table(line(), line(amount_fen="=1+1", summary="=2")).encode())
    url = f"/cases/{case.number}/statements/{first(case).public_id}/rejects"
    told = browser(chen).get(f"{url}.csv").content.decode("utf-8-sig")
    assert '"' not in told.split("\n")[2] or "'=" in told
    assert not re.search(r"(^|,)=", told)
    assert A not in told
    assert browser(chen).get(f"{url}.xlsx").content.startswith(b"PK")
    assert browser(chen).post(f"{url}.csv", {"reason": ""}).status_code == 409
    full = browser(chen).post(f"{url}.csv", {"reason": "asked the bank"})
    assert A in full.content.decode()
    assert len(stored(Entry, action="entities.reveal")) == 1


def test_a_row_shows_every_original_cell_for_a_reason(chen: Officer, case: Case) -> None:
    send(chen, case, "import")
    url = f"/cases/{case.number}/statements/{first(case).public_id}/rows/2/"
    masked = shown(browser(chen).get(url))
    assert "贾**" in masked
    assert "贾一二" not in masked
    full = shown(browser(chen).post(f"{url}full/", {"reason": "court"}))
    assert "贾一二" in full
    assert A in full


def test_nobody_reaches_a_statement_through_another_case(
    chen: Officer, lin: Officer, case: Case
) -> None:
    send(chen, case, "import")
    other = build.case(lin)
    url = f"/cases/{other.number}/statements/{first(case).public_id}/"
    assert browser(chen).get(url).status_code == 404


def test_another_district_sees_nothing(chen: Officer, wu: Officer, case: Case) -> None:
    send(chen, case, "import")
    assert browser(wu).get(f"/cases/{case.number}/statements/").status_code == 404
