"""A duty officer, her head and an analyst at real browsers: intake, approval, fund flow."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fanzha.core import clock
from tests.walks.site import PASSWORD, Site, site
from tests.walks.test_golden_hour import FIRST, VICTIM, pay_and_run
from tests.walks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

SCENARIO = Path(__file__).parent / "two_banks.yaml"
CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
PLACES = (
    "", "intake/", "approvals/", "approvals/by-word/", "cases/", "instructions/", "institutions/",
    "orders/", "clocks/", "unknown/",
)  # fmt: skip
AXE = Path(__file__).parents[2] / "build" / "vendor" / "axe.min.js"

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture(autouse=True)
def beside_playwright(monkeypatch: pytest.MonkeyPatch) -> None:
    # Playwright keeps an event loop in this thread; our own queries are synchronous all the same.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def banks(beside_playwright: None, committed: None, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, SCENARIO) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    assert CHROMIUM, "Debian's chromium is needed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def at_desk(
    chromium: Browser, platform: Site, username: str, *, width: int = 1440
) -> Iterator[Page]:
    """An officer logged in at her own browser."""
    context = chromium.new_context(
        viewport={"width": width, "height": 900}, locale="zh-CN", bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    flaws: list[str] = []
    page.on("pageerror", lambda error: flaws.append(str(error)))
    page.goto(f"{platform.url}/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"{platform.url}/")
    yield page
    context.close()
    assert flaws == []


def no_serious_findings(page: Page) -> None:
    """Axe finds nothing serious or critical."""
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run().then(result => result.violations)")
    serious = [
        (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
        for each in found
        if each["impact"] in ("serious", "critical")
    ]
    assert serious == []


def fits(page: Page) -> None:
    """The page is no wider than the window, in both languages; it is Chinese again afterwards."""
    assert page.viewport_size
    for language in ("en", "zh-Hans"):
        choose = f"document.querySelector('.fz-choose [lang={language}]').click()"
        page.evaluate(choose)
        page.wait_for_selector(f"html[lang={language}]")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= page.viewport_size["width"], language


def words(at: str) -> str:
    return (
        f"我叫周敏，电话11200000001，是公司会计。有人冒充老板在QQ群里让我付款，今天{at}我从{VICTIM}"
        f"转了482300元到{FIRST}，户名甲一，江岚银行。"
    )


def test_intake_approve_graph(banks: World, chromium: Browser) -> None:
    payment = pay_and_run(banks)
    assert payment.paid_at
    with site(banks, "worker", "gateway", "web") as platform:
        with at_desk(chromium, platform, "lin") as lin:
            lin.goto(f"{platform.url}/intake/")
            lin.get_by_text("否", exact=True).or_(lin.locator("#ongoing-no")).first.wait_for()
            lin.check("#ongoing-no", force=True)
            lin.fill("#told", words(f"{clock.local(payment.paid_at):%H:%M}"))
            lin.wait_for_function(
                f"() => [...document.querySelectorAll('[name$=-to_account]')]"
                f".some(cell => cell.value.replaceAll(' ', '') === '{FIRST}')"
            )
            no_serious_findings(lin)
            lin.keyboard.press("Control+Enter")
            lin.wait_for_url("**/cases/LJ26-*/")
            number = lin.url.rstrip("/").rsplit("/", 1)[1]
            no_serious_findings(lin)
            assert VICTIM not in lin.content()
            assert FIRST not in lin.content()
        for username in ("zhao", "liang"):
            with at_desk(chromium, platform, username) as head:
                head.goto(f"{platform.url}/approvals/")
                no_serious_findings(head)
                with head.expect_navigation(wait_until="load"):
                    head.keyboard.press("a")
                if username == "liang":
                    head.goto(f"{platform.url}/approvals/reviews/")
                    assert head.locator("form[action$='/decide/']").count() == 1
                    no_serious_findings(head)
        with at_desk(chromium, platform, "chen") as chen:
            chen.goto(f"{platform.url}/")
            no_serious_findings(chen)
            flow = f"{platform.url}/cases/{number}/flow/"
            banks.wait(lambda: _stopped(chen, flow) == 16_330_000, "the money is stopped")
            chen.goto(flow)
            no_serious_findings(chen)
            assert "163,300.00" in chen.inner_text("body")
            assert FIRST not in chen.content()
            figures = chen.evaluate(f"fetch('{flow[:-1]}.json').then(r => r.json())")["figures"]
            assert figures["paid"] == 48_230_000
            assert sum(fen for fate, fen in figures.items() if fate != "paid") == 48_230_000


def test_a_half_typed_report_outlives_a_reload_but_no_log_out(
    banks: World, chromium: Browser
) -> None:
    with site(banks, "web") as platform, at_desk(chromium, platform, "lin") as lin:
        kept = "() => document.querySelector('[id$=amount]').value === '482,300.00'"
        lin.goto(f"{platform.url}/intake/")
        lin.check("#ongoing-no", force=True)
        lin.fill("#told", words("08:20"))
        lin.wait_for_function(kept)
        lin.locator("#draft-kept").wait_for()
        lin.on("dialog", lambda dialog: dialog.accept())
        lin.reload()
        lin.wait_for_function(kept)
        assert lin.locator("#draft-back").is_visible()
        assert lin.input_value("#told") == words("08:20")
        assert lin.is_checked("#ongoing-no")
        lin.locator("#draft-back button").click()
        lin.wait_for_function("() => document.getElementById('told').value === ''")
        lin.fill("#told", words("08:20"))
        lin.wait_for_function("() => JSON.stringify({...sessionStorage}).includes('482300')")
        lin.evaluate("document.querySelector('form[action=\"/logout/\"]').requestSubmit()")
        lin.wait_for_url("**/login/**")
        assert "482300" not in lin.evaluate("JSON.stringify({...sessionStorage})")


def _stopped(page: Page, flow: str) -> int:
    found = page.evaluate(f"fetch('{flow[:-1]}.json').then(r => r.json())")
    stopped: int = found.get("figures", {}).get("stopped", 0)
    return stopped


@pytest.mark.parametrize("width", [1440, 390])
def test_every_place_opens_without_sideways_scrolling(
    banks: World, chromium: Browser, width: int
) -> None:
    with site(banks, "web") as platform, at_desk(chromium, platform, "zhao", width=width) as zhao:
        for place in PLACES:
            zhao.goto(f"{platform.url}/{place}")
            wide = zhao.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, place
            no_serious_findings(zhao)
