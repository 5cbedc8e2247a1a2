"""A head closes a case at a real browser; an old one is erased, and its page is the proof."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.core import clock
from fanzha.identity.acting import acting_for
from fanzha.movements import actions
from tests.cast import DUTY, officer
from tests.movements.build import line, table
from tests.walks.site import site
from tests.walks.test_in_the_browser import at_desk, banks, beside_playwright, chromium, fits
from tests.walks.test_in_the_browser import no_serious_findings as clean

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.walks.world import World

__all__ = ["banks", "beside_playwright", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
LONG_AGO = timedelta(days=365 * 11)


def filed(*, ago: timedelta) -> Case:
    """A filed case of so long ago with one statement."""
    lin, chen, liang = officer("lin"), officer("chen"), officer("liang")
    at = clock.now() - ago
    with acting_for(lin):
        case = cases.open_case(
            lin, fraud_type="AG", victim_name="周敏", search_text="周敏", at=at, ground=DUTY
        )
    with acting_for(chen):
        actions.import_statement(
            chen, table(line()).encode(), file_name="a.csv", case_id=case.pk, at=at, ground=DUTY
        )
    with acting_for(liang):
        cases.file_case(liang, case, "1", at=at, ground=DUTY)
    return case


@pytest.mark.parametrize("width", [1440, 390])
def test_a_case_is_closed_and_an_old_one_erased(
    banks: World, chromium: Browser, width: int
) -> None:
    new, old = filed(ago=timedelta(hours=1)), filed(ago=LONG_AGO)
    with acting_for(officer("liang")):
        cases.close_case(officer("liang"), old, at=clock.now() - LONG_AGO, ground=DUTY)
    with site(banks, "web") as platform, at_desk(chromium, platform, "liang", width=width) as head:
        head.goto(f"{platform.url}/cases/{new.number}/")
        head.focus("details:has(#close-reason) > summary")
        head.keyboard.press("Enter")
        head.fill("#close-reason", "已移送起诉")
        clean(head)
        head.press("#close-reason", "Enter")
        head.click(f"a[href='/cases/{new.number}/erase/']")
        assert head.locator("#erase-number").count() == 0
        clean(head)
        head.goto(f"{platform.url}/cases/")
        head.click("a[href='/cases/erasures/']")
        clean(head)
        head.click(f"a[href='/cases/{old.number}/erase/']")
        head.fill("#erase-number", old.number)
        head.fill("#erase-reason", "保存期限届满")
        clean(head)
        head.press("#erase-reason", "Enter")
        head.wait_for_selector("#gone-name")
        assert "保存期限届满" in head.inner_text("main")
        fits(head)
        clean(head)
    with acting_for(officer("liang")):
        now = {each.pk: each for each in Case.objects.all()}
    assert now[new.pk].closed_at
    assert now[new.pk].erased_at is None
    assert now[old.pk].erased_at
