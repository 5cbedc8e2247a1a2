"""An analyst at a real browser: files into a case, an unknown layout, an account and its rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.identity.acting import acting_for
from fanzha.movements.models import Statement
from tests.cast import DUTY, officer
from tests.movements.build import A, B, C, at, line, table
from tests.walks.site import site
from tests.walks.test_in_the_browser import at_desk, banks, beside_playwright, chromium, fits
from tests.walks.test_in_the_browser import no_serious_findings as clean

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.walks.world import World

__all__ = ["banks", "beside_playwright", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
SUMS = [37 * n % 900 + 5 if n % 3 == 0 else -(37 * n % 400 + 5) for n in range(60)]
LINES = [
    line(
        txn_time=at(3_600 * n * (1 + n % 2) + 60 * (n % 7)),
        amount_fen=f"{abs(fen)}.00",
        balance_fen=f"{20_000 + sum(SUMS[: n + 1])}.00",
        direction="进" if fen > 0 else "出",
        cp_account_no=(B, C)[n % 2],
        cp_name=("贾一二", "甲三")[n % 2],
        summary="货款",
        account_no="62990100009",
    )
    for n, fen in enumerate(SUMS)
]
ODD = "发生于,钱数,剩余,本方卡,彼方卡\n" + "".join(
    f"2026-03-17 1{n}:00:00,{10 * n + 10}.00,{sum(10 * k + 10 for k in range(n + 1))}.00,{A},{B}\n"
    for n in range(6)
)


def written(folder: Path) -> list[str]:
    """A known layout with one bad row, an unknown one, and something that is no statement."""
    folder.joinpath("known.csv").write_text(table(*LINES, line(amount_fen="x")), encoding="utf-8")
    folder.joinpath("odd.csv").write_text(ODD, encoding="utf-8")
    folder.joinpath("picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return [str(folder / name) for name in ("known.csv", "odd.csv", "picture.csv")]


def test_files_mapping_account_and_source(banks: World, chromium: Browser, tmp_path: Path) -> None:
    with acting_for(officer("lin")):
        case = cases.open_case(
            officer("lin"), fraud_type="AG", victim_name="周敏", search_text="周敏",
            at=clock.now(), ground=DUTY,
        )  # fmt: skip
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen") as chen:
        chen.goto(f"{platform.url}/cases/{case.number}/statements/")
        clean(chen)
        *chosen, dropped = written(tmp_path)
        chen.set_input_files("#st-files", chosen)
        _drop(chen, Path(dropped))
        files = chen.locator("#st-list > li")
        chen.wait_for_function(
            "() => document.querySelectorAll('#st-list [data-found] > *').length === 3"
        )
        assert files.nth(0).locator(".fz-scroll").first.is_visible()
        assert files.nth(2).locator(".fz-note--bad").is_visible()
        assert A not in chen.content()
        clean(chen)
        _map(chen)
        chen.click("#st-import-all")
        chen.wait_for_function(
            "() => document.querySelectorAll('#st-list .fz-note--ok a').length === 2"
        )
        chen.reload()
        chen.locator("a[href*='/accounts/']").first.click()
        chen.wait_for_url("**/accounts/*/")
        clean(chen)
        assert chen.locator(".ac-chart").count() == 1
        chen.locator(".ac-heat a").first.click()
        chen.wait_for_url("**/rows/?weekday=*")
        clean(chen)
        chen.locator("[hx-target='#drawer']").first.click()
        chen.locator("#drawer h2").wait_for()
        clean(chen)
        assert A not in chen.content()


def test_a_folder_is_chosen_whole(banks: World, chromium: Browser, tmp_path: Path) -> None:
    with acting_for(officer("lin")):
        case = cases.open_case(
            officer("lin"), fraud_type="AG", victim_name="周敏", search_text="周敏",
            at=clock.now(), ground=DUTY,
        )  # fmt: skip
    inner = tmp_path / "from the bank" / "second account"
    inner.mkdir(parents=True)
    inner.joinpath("b.csv").write_text(table(LINES[1]), encoding="utf-8")
    inner.parent.joinpath("a.csv").write_text(table(LINES[0], LINES[1]), encoding="utf-8")
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen", width=390) as chen:
        chen.goto(f"{platform.url}/cases/{case.number}/statements/")
        chen.set_input_files("#st-folder", inner.parent)
        chen.wait_for_function(
            "() => document.querySelectorAll('#st-list [data-found] > *').length === 2"
        )
        clean(chen)
        chen.click("#st-import-all")
        chen.wait_for_function(
            "() => document.querySelectorAll('#st-list .fz-note--ok a').length === 2"
        )
        fits(chen)
    with acting_for(officer("chen")):
        told = list(Statement.objects.filter(case_id=case.pk))
    assert sorted((each.rows_kept, each.rows_duplicate) for each in told) == [(0, 1), (2, 0)]


def _drop(chen: Page, file: Path) -> None:
    """Drop a file on the form, as from a folder of the desktop."""
    carried = chen.evaluate_handle(
        """([name, bytes]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([new Uint8Array(bytes)], name));
            return carried;
        }""",
        [file.name, list(file.read_bytes())],
    )
    chen.dispatch_event("#st-upload", "drop", {"dataTransfer": carried})


def _map(chen: Page) -> None:
    """Save the proposed mapping of the second file, after one change by keyboard."""
    odd = chen.locator("#st-list > li").nth(1)
    odd.locator("[data-map-table]").press("Enter")
    odd.locator("form[data-mapping]").wait_for()
    clean(chen)
    for column, meaning in enumerate(
        ("txn_time", "amount_fen", "balance_fen", "card_no", "cp_account_no")
    ):
        odd.locator(f"[name=col-{column}]").select_option(meaning)
        chen.wait_for_load_state("networkidle")
    odd.locator("[name=sign]").select_option("in")
    chen.wait_for_load_state("networkidle")
    odd.locator("[name=name]").fill("odd-bank")
    odd.locator("form[data-mapping] .btn-primary").click()
    odd.locator("[data-take]").wait_for()
