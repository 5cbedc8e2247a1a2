"""The fund flow in a real browser: seconds to the first picture and to the new one, long tasks.

Cases with 20, 200, 2,000 and 20,000 accounts behind them on the site as it runs in production; the
largest has a hundred thousand movements. Time runs in the browser, from the click to the frame in
which the boxes are drawn. `python -m bench.flow FOLDER` keeps pictures of every case instead.
"""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from bench.flow_case import invented, one_more
from bench.goals import Goal
from bench.home import free_port, throw_away_home
from fanzha.core import clock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

SIZES = {20: 200, 200: 2_000, 2_000: 10_000, 20_000: 100_000}
"""Accounts behind a case, and movements."""
PASSWORD = "only-for-the-benchmark"  # noqa: S105 - of a home that is thrown away
LEAD = "u3"
"""A duty head of the whole city: takes reports and imports statements."""
REPEATS = 5
FIRST_MS, AGAIN_MS, LONG_TASK_MS = 1_500.0, 300.0, 100.0
MANY_BOXES = 100
WATCH = """
window.__tasks = [0];
new PerformanceObserver((list) => {
  list.getEntries().forEach((each) => window.__tasks.push(each.duration));
}).observe({ type: "longtask", buffered: true });
const see = () => {
  if (!document.querySelector("#flow-picture .ff-node")) return requestAnimationFrame(see);
  return requestAnimationFrame(() => setTimeout(() => { window.__drawn = performance.now(); }));
};
requestAnimationFrame(see);
"""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
WIDTHS = {1440: 900, 390: 844}


def measure(_size: str) -> list[Goal]:
    """Open every case several times; then let a statement arrive and ask for the new state."""
    goals: list[Goal] = []
    with _site() as (url, numbers), _browser(url) as page:
        for accounts, number in numbers.items():
            goals += _of_case(page, f"{url}/cases/{number}/flow/", number, accounts)
    return goals


def pictures(folder: Path) -> None:
    """Keep every case as the screen shows it, light and dark, wide and narrow."""
    folder.mkdir(parents=True, exist_ok=True)
    with _site() as (url, numbers):
        for theme in ("light", "dark"):
            for width in WIDTHS:
                with _browser(url, width=width, theme=theme) as page:
                    for accounts, number in numbers.items():
                        for name, query in {"first": "", "all": "?all=1"}.items():
                            page.goto(f"{url}/cases/{number}/flow/{query}")
                            path = folder / f"{accounts}-{name}-{theme}-{width}.png"
                            page.screenshot(path=path, full_page=True)


def _of_case(page: Page, url: str, number: str, accounts: int) -> list[Goal]:
    large = accounts == max(SIZES)
    name = f"{accounts} accounts, {SIZES[accounts]} movements:"
    cold, _ = _opened(page, url)
    first = median(_opened(page, url)[0] for _ in range(REPEATS))
    tries = [_opened(page, f"{url}?all=1") for _ in range(REPEATS)]
    boxes = page.locator("#flow-picture .ff-node").count()
    again = _again(page, url, number)
    return [
        Goal(f"{name} first picture in a new process", cold, "ms"),
        Goal(f"{name} first picture", first, "ms", target=FIRST_MS if large else None),
        Goal(f"{name} picture of {boxes} boxes", median(each for each, _ in tries), "ms"),
        Goal(
            f"{name} longest task at {boxes} boxes", max(task for _, task in tries), "ms",
            target=LONG_TASK_MS if boxes > MANY_BOXES else None,
        ),
        Goal(f"{name} new picture", again, "ms", target=AGAIN_MS if large else None),
    ]  # fmt: skip


def _opened(page: Page, url: str) -> tuple[float, float]:
    """Milliseconds to the picture, and of the longest task until the page rests."""
    page.goto(url)
    drawn = _drawn(page)
    page.wait_for_timeout(300)
    task: float = page.evaluate("Math.max(...window.__tasks)")
    return drawn, task


def _again(page: Page, url: str, number: str) -> float:
    """Milliseconds from asking for the new state, once the page offers it, to the new picture."""
    page.goto(url)
    _drawn(page)
    _import(number, "again.csv", one_more(clock.local(clock.now())))
    page.wait_for_selector("[data-refresh]", timeout=60_000)
    page.evaluate("delete window.__drawn")
    page.click("[data-refresh]")
    return _drawn(page)


def _drawn(page: Page) -> float:
    page.wait_for_function("() => window.__drawn", timeout=60_000)
    found: float = page.evaluate("window.__drawn")
    return found


@contextmanager
def _browser(url: str, *, width: int = 1440, theme: str = "light") -> Iterator[Page]:
    """The lead at a browser of Debian's, in Chinese."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        context = chromium.new_context(
            viewport={"width": width, "height": WIDTHS[width]}, locale="zh-CN", bypass_csp=True
        )
        context.add_cookies([{"name": "fanzha_theme", "value": theme, "url": url}])
        context.add_init_script(WATCH)
        page = context.new_page()
        page.goto(f"{url}/login/")
        page.fill("[name=username]", LEAD)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(f"{url}/")
        yield page
        chromium.close()


@contextmanager
def _site() -> Iterator[tuple[str, dict[int, str]]]:
    """The site with its cases: its address, and the number of the case of each size."""
    with throw_away_home():
        from fanzha.wiring.cli.run import prepare
        from fanzha.wiring.database import setup_django

        setup_django()
        prepare()
        from fanzha.wiring.processes import Process, Supervisor

        # Our own reads are synchronous, beside the loop of the browser's driver.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
        numbers = _filled()
        port = free_port()
        with Supervisor([Process("web", ["web", "--port", str(port)])]) as supervisor:
            supervisor.wait_for_site(port)
            yield f"http://127.0.0.1:{port}", numbers


def _filled() -> dict[int, str]:
    import psycopg
    from django.conf import settings
    from django.contrib.auth.hashers import make_password

    from bench.city import found, people

    with psycopg.connect(settings.EMBEDDED.url("fanzha_owner")) as owner:
        found(owner, people(4), make_password(PASSWORD), clock.now())
    return {accounts: _case(accounts, rows) for accounts, rows in SIZES.items()}


def _case(accounts: int, rows: int) -> str:
    """Take the report and import the statements through the actions of the screens; its number."""
    from fanzha.audit.rules import Ground
    from fanzha.desk.actions import take_report
    from fanzha.identity.acting import acting_for
    from fanzha.identity.models import Officer
    from fanzha.intake.rules import ToldPayment, ToldReport

    at = clock.now()
    made = invented(accounts, rows, clock.local(at))
    told = ToldReport(
        form_token=f"bench-{accounts}", door="110", told="刷单", ongoing="no", fraud_type="AG",
        victim_name="周敏", victim_phone=f"112{accounts:08d}",
        payments=tuple(
            ToldPayment(fen, paid_at, from_account=made.victim, to_account=account)
            for account, fen, paid_at in made.payments
        ),
    )  # fmt: skip
    lead = Officer.objects.get(username=LEAD)
    with acting_for(lead):
        case = take_report(lead, told, at=at, ground=Ground("bench"), draft=False).case
    _import(case.number, f"{accounts}.csv", made.as_csv())
    print(f"case of {accounts} accounts, {len(made.rows)} rows", file=sys.stderr, flush=True)
    return case.number


def _import(number: str, name: str, content: bytes) -> None:
    from fanzha.audit.rules import Ground
    from fanzha.cases.queries import by_number
    from fanzha.desk.flow.result import refresh
    from fanzha.identity.acting import acting_for, system_scope
    from fanzha.identity.models import Officer
    from fanzha.movements.actions import import_statement

    lead, ground = Officer.objects.get(username=LEAD), Ground("bench")
    with acting_for(lead):
        case = by_number(number)
        import_statement(
            lead, content, file_name=name, case_id=case.pk, at=clock.now(), ground=ground
        )
    # What the worker does with every statement that came.
    with system_scope("bench.flow") as system:
        refresh(system, case.pk, ground)


if __name__ == "__main__":
    pictures(Path(sys.argv[1]))
