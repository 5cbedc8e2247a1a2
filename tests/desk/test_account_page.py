from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.audit.models import Entry
from fanzha.core import clock
from fanzha.desk.account import figures
from fanzha.desk.statements import words
from fanzha.identity.acting import acting_for
from fanzha.movements import actions
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.movements.build import A, B, C, at, line, table
from tests.movements.test_pairing_tables import balance, summary

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

LINES = (
    line(balance_fen="100", cp_account_no=B, cp_name="贾一二", account_no="62990100009"),
    line(txn_time=at(60), amount_fen="30", direction="出", balance_fen="70", cp_account_no=C,
         cp_name="甲三"),
    line(txn_time=at(7200), amount_fen="20", direction="出", balance_fen="50", cp_account_no=C,
         cp_name="甲三", summary="=HYPERLINK(1)"),
    line(txn_time=at(7300), amount_fen="9", direction="出", success="失败", cp_account_no=C),
    line(txn_time=at(90), amount_fen="5", currency="美元"),
)  # fmt: skip


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def page_of(by: Officer, case: Case, *lines: Any) -> str:
    """Import the lines; the address of their account's page."""
    with acting_for(by):
        actions.import_statement(
            by, table(*(lines or LINES)).encode(), file_name="a.csv", case_id=case.pk, at=NOON,
            ground=DUTY,
        )  # fmt: skip
    listed = shown(browser(by).get(f"/cases/{case.number}/statements/"))
    found = re.search(rf"/cases/{case.number}/accounts/[0-9a-f]+/", listed)
    assert found
    return found[0]


def test_the_page_sums_by_direction_and_currency_and_leaves_out_what_failed(
    chen: Officer, case: Case
) -> None:
    page = shown(browser(chen).get(page_of(chen, case)))
    told = re.findall(r'strip-name">(\S+) · (\w+)</span><span class="\S+ \S+">([^<]+)<', page)
    assert ("In", "CNY", "100.00") in told
    assert ("Out", "CNY", "50.00") in told
    assert ("failed", "CNY", "9.00") in told
    assert ("In", "USD", "5.00 USD") in told


def test_number_and_holder_are_masked_until_a_reason_is_given(chen: Officer, case: Case) -> None:
    url = page_of(chen, case)
    page = shown(browser(chen).get(url))
    assert "6299 **** **** 0001" in page
    assert "柏**" in page
    assert A not in page
    assert "柏小舟" not in page
    denied = browser(chen).post(f"{url}reveal/account/", {"reason": " "}, headers=HTMX)
    assert denied.status_code == 409
    full = browser(chen).post(f"{url}reveal/account/", {"reason": "asked"}, headers=HTMX)
    assert A in shown(full)
    assert [entry.case_id for entry in stored(Entry, action="entities.reveal")] == [case.pk]


def test_every_figure_opens_exactly_its_rows(chen: Officer, case: Case) -> None:
    url = page_of(chen, case)
    page = shown(browser(chen).get(url))
    opened = {
        match.replace("&amp;", "&") for match in re.findall(rf'href="({url}rows/\?[^"]+)"', page)
    }
    counts = {}
    for each in opened:
        rows = shown(browser(chen).get(each))
        found = re.search(r">Rows of the account <span>(\d+)<", rows)
        assert found, each
        counts[each.partition("?")[2]] = int(found[1])
    assert counts["way=in&currency=CNY"] == 1
    assert counts["way=out&currency=CNY"] == 2
    assert counts["weekday=2&hour=12"] == 3
    assert counts["weekday=2&hour=14"] == 1
    assert counts["since=2026-03-18&until=2026-03-18"] == 5
    assert sorted(n for query, n in counts.items() if query.startswith("other=")) == [1, 1, 2]


def test_every_row_opens_its_file_row_and_cells(chen: Officer, case: Case) -> None:
    url = page_of(chen, case)
    rows = shown(browser(chen).get(f"{url}rows/?way=out"))
    link = re.search(r'href="([^"]+/rows/3/)"[^>]*>a.csv, row 3<', rows)
    assert link
    source = shown(browser(chen).get(link[1], headers=HTMX))
    assert "<html" not in source
    assert "甲**" in source


def test_the_balance_is_drawn_per_currency(chen: Officer, case: Case) -> None:
    page = shown(browser(chen).get(page_of(chen, case)))
    assert page.count('<svg class="ac-chart"') == 1
    assert "Balance from 50.00 to 100.00, last 50.00" in page


def test_numbers_of_one_account_stand_with_the_row_that_says_so(chen: Officer, case: Case) -> None:
    page = shown(browser(chen).get(page_of(chen, case)))
    identity = page[page.index("identity-name") :]
    assert "6299 **** **** 0009" in identity
    assert "Card and account number stand in one row." in identity
    assert re.search(r"/statements/\S+/rows/2/", identity)


def test_a_file_to_keep_is_masked_runs_no_formula_and_says_until_when(
    chen: Officer, case: Case
) -> None:
    url = page_of(chen, case)
    told = browser(chen).get(f"{url}rows.csv?way=out").content.decode("utf-8-sig")
    lines = told.strip().splitlines()
    assert "based on statements received until 2026-03-18" in lines[0]
    assert len(lines) == 4
    assert "'=HYPERLINK" in told
    assert not any(number in told for number in (A, B, C, "甲三"))
    with zipfile.ZipFile(io.BytesIO(browser(chen).get(f"{url}rows.xlsx").content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    full = browser(chen).post(f"{url}rows.csv?way=out", {"reason": "court"})
    assert C in full.content.decode()
    assert len(stored(Entry, action="entities.reveal")) == 1


def test_a_time_that_no_statement_covers_is_shown_as_a_gap(chen: Officer, case: Case) -> None:
    page_of(chen, case)
    page = shown(browser(chen).get(page_of(chen, case, line(txn_time=at(3 * 86_400)))))
    assert "No statement for" in page


def test_counterparties_are_paged_and_sorted(chen: Officer, case: Case) -> None:
    lines = [
        line(txn_time=at(n), amount_fen=str(n + 1), direction="出",
             cp_account_no=f"62990200000000{n:04}")
        for n in range(45)
    ]  # fmt: skip
    url = page_of(chen, case, *lines)
    first = shown(browser(chen).get(f"{url}?sort=out"))
    assert "Counterparties <span>45<" in first
    amounts = re.findall(r'data-label="Out">([0-9.]+)<', first[first.index("others-name") :])
    assert amounts[:2] == ["45.00", "44.00"]
    assert "26.00" not in re.findall(r">([0-9.]+)<", shown(browser(chen).get(f"{url}?page=3")))


def test_an_unknown_account_is_not_found(chen: Officer, case: Case) -> None:
    assert browser(chen).get(f"/cases/{case.number}/accounts/0123/").status_code == 404


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (123_456, "CNY", "1,234.56"), (-5, "CNY", "-0.05"), (5, "JPY", "5 JPY"),
        (1_500_000, "USDT", "1.500000 USDT"),
    ],
)  # fmt: skip
def test_amounts_carry_the_places_of_their_currency(minor: int, currency: str, text: str) -> None:
    assert words.amount(minor, currency) == text


def test_what_an_address_says_wrongly_asks_for_nothing() -> None:
    wrong = {"way": "sideways", "since": "yesterday", "weekday": "9", "hour": "²"}
    assert figures.asked(wrong) == figures.Asked()


def test_tables_that_tell_the_same_money_are_shown_one_at_a_time(chen: Officer, case: Case) -> None:
    with acting_for(chen):
        for content in (summary(), balance()):
            actions.import_statement(
                chen, content, file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
            )
    listed = shown(browser(chen).get(f"/cases/{case.number}/statements/"))
    found = re.search(rf"/cases/{case.number}/accounts/[0-9a-f]+/", listed)
    assert found
    page = shown(browser(chen).get(found[0]))
    assert re.findall(r'strip-name">Out · CNY</span><span class="\S+ \S+">([^<]+)<', page) == [
        "500.00"
    ]
    assert "never added up" in page
    rows = shown(browser(chen).get(f"{found[0]}rows/?table=payment_firm_20"))
    assert re.findall(r'strip-name">Out · CNY</span><span class="\S+ \S+">([^<]+)<', rows) == [
        "500.00"
    ]
    assert 'name="table" value="payment_firm_20"' in rows
    kept = browser(chen).get(f"{found[0]}rows.csv?table=nothing")
    assert kept.content.decode("utf-8-sig").count("500.00") == 1
