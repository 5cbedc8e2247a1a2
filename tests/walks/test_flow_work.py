"""An analyst works on a fund flow in a real browser: rule, finds, replay, keys, export."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

import pytest
import python_calamine as calamine
from PIL import Image

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.core.money import format_yuan
from fanzha.desk.actions import take_report
from fanzha.desk.flow.copies.figure import LOOK
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.actions import Answer
from fanzha.instructions.rules import Kind, Move
from fanzha.movements import actions as movements
from tests import build
from tests.cast import DUTY, officer
from tests.movements.build import line, table
from tests.walks.site import site
from tests.walks.test_in_the_browser import at_desk, banks, beside_playwright, chromium
from tests.walks.test_in_the_browser import no_serious_findings as clean

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from fanzha.cases.models import Case
    from tests.walks.world import World

__all__ = ["banks", "beside_playwright", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
VICTIM = "6299020000000000002"
CHAIN = [f"62990200000{n:05d}" for n in range(4)]
SMALL = 80
"""So many accounts got 1,000 yuan each from the last of the chain: too many to draw at first."""
LEFT = 174_700_000 - SMALL * 100_000
"""Fen of the victim's that the last one kept, where the first that came is the first to go."""


def moved(account: str, other: str, minute: int, yuan: int, *, came: bool) -> dict[str, str]:
    """A line of the account's statement; what came is there before it goes on."""
    return line(
        card_no=account, txn_time=f"2026-03-18 11:{minute:02d}:00", amount_fen=f"{yuan}.00",
        direction="进" if came else "出", cp_account_no=other,
        balance_fen=f"{yuan if came else 1_000}.00",
    )  # fmt: skip


def opened(*more: dict[str, str]) -> Case:
    """A case of 1,750,000 yuan that went over four tiers; `more` lines come after."""
    lin, chen = officer("lin"), officer("chen")
    paid = build.payment(to_account=CHAIN[0], amount_fen=175_000_000)
    with acting_for(lin):
        case = take_report(lin, build.report(paid), at=clock.now(), ground=DUTY, draft=False).case
    lines = []
    for n, account in enumerate(CHAIN):
        payer = CHAIN[n - 1] if n else VICTIM
        yuan = 1_750_000 - 1_000 * n
        lines.append(moved(account, payer, 30 + n, yuan, came=True))
        if account != CHAIN[-1]:
            lines.append(moved(account, CHAIN[n + 1], 31 + n, yuan - 1_000, came=False))
    with acting_for(chen):
        movements.import_statement(
            chen, table(*lines, *more).encode(), file_name="chain.csv", case_id=case.pk,
            at=clock.now(), ground=DUTY,
        )  # fmt: skip
    return case


def spread() -> list[dict[str, str]]:
    """The last of the chain gets 90,000 yuan of its own, then pays 1,000 to each small account."""
    facts: dict[str, Any] = {"card_no": CHAIN[-1], "cp_account_no": "6299030000000000"}
    lines = [
        line(**facts, txn_time="2026-03-18 11:39:00", amount_fen="90000.00",
             balance_fen="1837000.00")
    ]  # fmt: skip
    for n in range(SMALL):
        facts["cp_account_no"] = f"62990310000{n + 100:05d}"
        lines.append(line(
            **facts, txn_time=f"2026-03-18 11:{40 + n // 60}:{n % 60:02d}", direction="出",
            amount_fen="1000.00", balance_fen=f"{1_836_000 - 1_000 * n}.00",
        ))  # fmt: skip
    return lines


def held_and_filed(case: Case) -> None:
    """Let a stop of the last account take effect and the case be filed."""
    lin, liang, at = officer("lin"), officer("liang"), clock.now()
    with acting_for(lin):
        wanted = build.draft(Kind.STOP, CHAIN[-1])
        (package,) = instructions.draft(lin, case, [wanted], at=at, ground=DUTY)
    with acting_for(liang):
        instructions.approve(liang, package, at=at, ground=DUTY)
        cases.file_case(liang, case, "岚公立字〔2026〕1号", at=at, ground=DUTY)
    with system_scope("test") as system:
        order = package.instructions.select_related("case", "package").get()
        instructions.send(system, order, at=at, ground=DUTY)
        answer = Answer(Move.TAKE_EFFECT, "0000", "", balance_fen=LEFT + 9_000_000)
        instructions.record_reply(system, order, answer, message_id=1, at=at, ground=DUTY)


def test_rule_finds_replay_keys_and_export(banks: World, chromium: Browser, tmp_path: Path) -> None:
    number = opened().number
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
    number = opened().number
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


def test_a_join_by_hand_is_undone_and_redone_by_keyboard(banks: World, chromium: Browser) -> None:
    number, third = opened().number, "6299035550000000017"
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen") as chen:
        chen.goto(f"{platform.url}/cases/{number}/flow/")
        chen.keyboard.press("b")
        source = chen.locator("#drawer select[name=source]")
        source.wait_for()
        last = source.locator("option", has_text=CHAIN[-1][-4:]).last
        source.select_option(value=last.get_attribute("value"))
        chen.locator("#drawer input[name=payee]").fill(third)
        chen.locator("#drawer input[name=amount_yuan]").fill("50,000")
        chen.locator("#drawer input[name=moved_at]").fill("2026-03-18T11:50:00")
        chen.locator("#drawer textarea").fill("seen on the bank's camera")
        clean(chen)
        chen.locator("#drawer textarea").press("Tab")
        chen.keyboard.press("Enter")
        row = chen.locator("tr[data-kind=account]", has_text=third[-4:])
        row.wait_for()
        assert "50,000.00" in row.inner_text()
        assert chen.locator(".ff-by-hand").count() == 1
        clean(chen)
        chen.keyboard.press("Control+z")
        row.wait_for(state="detached")
        assert chen.locator(".ff-by-hand").count() == 0
        chen.keyboard.press("Control+y")
        row.wait_for()


def kept(page: Page, form: str, folder: Path) -> bytes:
    """Keep one form of the fund flow (the end of its address) as a reader does; its content."""
    page.keyboard.press("Escape")
    if not page.locator(".ff-keep[open]").count():
        page.locator(".ff-keep summary").click()
    with page.expect_download() as told:
        link = "[data-png]" if form.endswith("png") else f"[href*='{form}']"
        page.locator(f".ff-keep a{link}").click()
    told.value.save_as(folder / form)
    return (folder / form).read_bytes()


def here(page: Page) -> str:
    """What the table says of the last account: the sum that lies there."""
    row = page.locator("tr[data-kind=account]", has_text=CHAIN[-1][-4:])
    return row.locator("a[href*='.here']").inner_text()


def sheets_of(raw: bytes) -> dict[str, calamine.CalamineSheet]:
    """The sheets of a workbook by name."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
    return {name: book.get_sheet_by_name(name) for name in book.sheet_names}


def fen(cell: Any) -> int:
    """The sum in a cell of a file or of the page; none is nothing."""
    found = re.search(r"[\d,]+\.\d\d", f"{cell:.2f}" if isinstance(cell, float) else str(cell))
    return int(re.sub(r"\D", "", found[0])) if found else 0


def figures_of(page: Page) -> list[tuple[int, int, int]]:
    """What the page's table says of every account: received, passed on, here."""
    rows = page.locator(".ff-table tbody tr").evaluate_all(
        "rows => rows.map(row => [2, 3, 4].map(at => row.cells[at].innerText))"
    )
    return [(fen(came), fen(went), fen(stays)) for came, went, stays in rows]


def freeze(page: Page, flow: str) -> None:
    """Draft a freeze of the last account: more than was traced is refused, what was traced goes."""
    drawn = f"tr[data-kind=account]:has-text('{CHAIN[-1][-4:]}') [data-node-link]"
    for asked, answer in (("1,700,000.00", "超出追踪金额"), ("", "已起草冻结")):
        page.goto(flow)
        page.locator(drawn).click()
        amount = page.locator("#drawer input[name=amount_yuan]")
        amount.wait_for()
        assert fen(amount.input_value()) == LEFT
        if asked:
            amount.fill(asked)
        page.locator("#drawer form:has([name=amount_yuan]) .btn-order").click()
        page.get_by_text(answer).first.wait_for()


def drawn_as_png(page: Page, svg: str, folder: Path) -> None:
    """The picture kept as PNG has twice the size of the SVG at that address, and its colours."""
    png = Image.open(io.BytesIO(kept(page, "picture.png", folder)))
    text = page.evaluate(f"fetch('{svg}').then(r => r.text())")
    size = re.search(r'width="(\d+)" height="(\d+)"', text)
    assert size
    assert png.size == tuple(2 * int(each) for each in size.groups())
    assert len(png.getcolors(1 << 24) or ()) > len(LOOK)


def test_followed_over_four_tiers_opened_frozen_and_kept(
    banks: World, chromium: Browser, tmp_path: Path
) -> None:
    case = opened(*spread())
    held_and_filed(case)
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen") as chen:
        flow = f"{platform.url}/cases/{case.number}/flow/"
        chen.goto(flow)
        tiers = chen.locator("tr[data-kind=account]").evaluate_all(
            "rows => [...new Set(rows.map(row => row.cells[0].innerText))].length"
        )
        assert tiers == len(CHAIN) + 1
        assert format_yuan(LEFT) in here(chen)
        chen.locator(".ff-aim nav a").nth(1).click()
        chen.wait_for_url("**/flow/?rule=lifo")
        assert format_yuan(174_700_000) in here(chen)
        chen.go_back()

        pile = chen.locator("tr[data-kind=others]")
        drawn = chen.locator("tr[data-kind=account]").count()
        pile.locator("[data-node-link]").click()
        inside = chen.locator("#drawer ul [data-node-link]")
        inside.first.wait_for()
        assert drawn + inside.count() == len(CHAIN) + SMALL
        clean(chen)
        inside.first.click()
        chen.locator("#drawer a[href*='.in']", has_text="1,000.00").wait_for()

        freeze(chen, flow)

        chen.goto(f"{flow}?all=1")
        raw = kept(chen, "sheet.xlsx", tmp_path)
        book = {name: sheet.to_python() for name, sheet in sheets_of(raw).items()}
        text = kept(chen, "flow.csv", tmp_path).decode("utf-8-sig")
        moves = [row for row in csv.reader(io.StringIO(text)) if re.match(r"T\d+$", row[0])]
        places = figures_of(chen)
        assert [tuple(map(fen, row[4:7])) for row in book["账户"][2:]] == places
        assert [(fen(row[10]), fen(row[11])) for row in book["资金流向表"][2:]] == [
            (fen(row[10]), fen(row[11])) for row in moves
        ]
        assert sum(fen(row[11]) for row in moves) == sum(received for received, _, _ in places)
        told = chen.evaluate(f"fetch('{flow[:-1]}.json').then(r => r.json())")["figures"]
        drawn_as_png(chen, f"{flow}keep/picture.svg?all=1", tmp_path)
        basis = {str(row[0]): str(row[1]) for row in book["依据"][2:]}
        assert fen(basis["已付"]) == told["paid"] == 175_000_000
        assert basis["依据"].endswith("收到的流水")
