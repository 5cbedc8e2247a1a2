"""An analyst works on a fund flow in a real browser: rule, finds, replay, keys, export."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest

from fanzha.core import clock
from fanzha.desk.actions import take_report
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from tests import build
from tests.cast import DUTY, officer
from tests.movements.build import line, table
from tests.walks.site import site
from tests.walks.test_in_the_browser import at_desk, banks, beside_playwright, chromium
from tests.walks.test_in_the_browser import no_serious_findings as clean

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from tests.walks.world import World

__all__ = ["banks", "beside_playwright", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
VICTIM = "6299020000000000002"
CHAIN = [f"62990200000{n:05d}" for n in range(4)]


def moved(account: str, other: str, minute: int, yuan: int, *, came: bool) -> dict[str, str]:
    """A line of the account's statement; what came is there before it goes on."""
    return line(
        card_no=account, txn_time=f"2026-03-18 11:{minute:02d}:00", amount_fen=f"{yuan}.00",
        direction="进" if came else "出", cp_account_no=other,
        balance_fen=f"{yuan if came else 1_000}.00",
    )  # fmt: skip


def opened() -> str:
    """A case of 1,750,000 yuan that went over four tiers; its number."""
    lin, chen = officer("lin"), officer("chen")
    paid = build.payment(to_account=CHAIN[0], amount_fen=175_000_000)
    with acting_for(lin):
        case = take_report(lin, build.report(paid), at=clock.now(), ground=DUTY, draft=False).case
    lines = []
    for n, account in enumerate(CHAIN[:-1]):
        payer = CHAIN[n - 1] if n else VICTIM
        fen = 1_750_000 - 1_000 * n
        lines.append(moved(account, payer, 30 + n, fen, came=True))
        lines.append(moved(account, CHAIN[n + 1], 31 + n, fen - 1_000, came=False))
    with acting_for(chen):
        movements.import_statement(
            chen, table(*lines).encode(), file_name="chain.csv", case_id=case.pk,
            at=clock.now(), ground=DUTY,
        )  # fmt: skip
    return case.number


def test_rule_finds_replay_keys_and_export(banks: World, chromium: Browser, tmp_path: Path) -> None:
    number = opened()
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen") as chen:
        chen.goto(f"{platform.url}/cases/{number}/flow/")
        clean(chen)
        assert chen.locator(".ff-node").count() >= len(CHAIN) + 1
        chen.locator("#flow-replay").wait_for()
        hidden = "() => document.querySelectorAll('.ff-line.is-later').length"
        chen.locator("#flow-replay input").fill("0")
        assert chen.evaluate(hidden) > 0
        chen.locator("#flow-replay input").press("End")
        assert chen.evaluate(hidden) == 0
        chen.locator(".ff-canvas").focus()
        width = chen.locator("#flow-picture").get_attribute("width")
        chen.keyboard.press("+")
        assert chen.locator("#flow-picture").get_attribute("width") != width
        chen.keyboard.press("0")
        assert chen.locator("#flow-picture").get_attribute("width") == width
        chen.keyboard.press("h")
        chen.locator("#flow-keys[open]").wait_for()
        clean(chen)
        chen.keyboard.press("Escape")
        chen.keyboard.press("c")
        chen.locator("#drawer .ff-rules").wait_for()
        clean(chen)
        chen.keyboard.press("f")
        chen.locator("#drawer select[name=from]").wait_for()
        clean(chen)
        chen.locator("#drawer form button").click()
        chen.locator("#drawer ol.ff-rows").wait_for()
        chen.locator(".ff-aim nav a").nth(1).click()
        chen.wait_for_url("**/flow/?rule=lifo")
        chen.keyboard.press("e")
        with chen.expect_download() as kept:
            chen.locator(".ff-keep a[href*='flow.csv']").click()
        kept.value.save_as(tmp_path / "flow.csv")
        lines = list(csv.reader(io.StringIO((tmp_path / "flow.csv").read_text("utf-8-sig"))))
        assert ["已付", "1,750,000.00 元"] in lines
        assert not any(account in chen.content() for account in CHAIN)


def test_notes_and_views_are_written_by_keyboard(banks: World, chromium: Browser) -> None:
    number = opened()
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen") as chen:
        chen.goto(f"{platform.url}/cases/{number}/flow/?rule=lifo")
        chen.keyboard.press("n")
        name = chen.locator("#drawer input[name=name]")
        name.fill("last in, first out")
        name.press("Enter")
        view = chen.locator("#drawer a", has_text="last in, first out")
        view.wait_for()
        chen.locator("#drawer select[name=node]").select_option(index=2)
        chen.locator("#drawer textarea").fill("the same phone as in June")
        chen.keyboard.press("Tab")
        chen.keyboard.press("Enter")
        note = chen.locator("#drawer li", has_text="the same phone as in June")
        note.wait_for()
        clean(chen)
        note.locator("a").click()
        chen.locator("#drawer [data-chosen]").wait_for()
        assert "the same phone as in June" in chen.locator("#drawer").inner_text()
        clean(chen)
        chen.locator("#drawer a[href*='/notes/']").click()
        chosen = chen.locator("#drawer select[name=node]")
        chosen.wait_for()
        assert chosen.input_value()
        chen.goto(f"{platform.url}/cases/{number}/flow/")
        chen.keyboard.press("n")
        view.click()
        chen.wait_for_url("**/flow/?rule=lifo")
