"""An analyst judges an open pair at a real browser, by keys alone, and takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.identity.acting import acting_for
from fanzha.movements import actions
from tests.cast import DUTY, officer
from tests.movements.test_identity import PAID, RECEIVED
from tests.walks.site import site
from tests.walks.test_in_the_browser import at_desk, banks, beside_playwright, chromium, fits
from tests.walks.test_in_the_browser import no_serious_findings as clean

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.walks.world import World

__all__ = ["banks", "beside_playwright", "chromium"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_pair_is_judged_and_the_judgement_undone(
    banks: World, chromium: Browser, width: int
) -> None:
    with acting_for(officer("lin")):
        case = cases.open_case(
            officer("lin"), fraud_type="AG", victim_name="周敏", search_text="周敏",
            at=clock.now(), ground=DUTY,
        )  # fmt: skip
    with acting_for(officer("chen")):
        for name, content in (("a.csv", PAID), ("b.csv", RECEIVED)):
            actions.import_statement(
                officer("chen"), content, file_name=name, case_id=case.pk, at=clock.now(),
                ground=DUTY,
            )  # fmt: skip
    with site(banks, "web") as platform, at_desk(chromium, platform, "chen", width=width) as chen:
        chen.goto(f"{platform.url}/cases/{case.number}/statements/")
        chen.click("a[href$='/judgements/']")
        assert chen.locator(".ju-way").count() == 4
        fits(chen)
        clean(chen)
        chen.locator("input[name=reason]").first.focus()
        chen.keyboard.type("回单写明第二行")
        chen.keyboard.press("Enter")
        chen.wait_for_selector("[action$='/undo/']")
        assert chen.locator(".ju-way").count() == 0
        clean(chen)
        chen.locator("[action$='/undo/'] input[name=reason]").focus()
        chen.keyboard.type("回单看错了")
        chen.keyboard.press("Enter")
        chen.wait_for_selector(".ju-way")
        assert chen.locator("[action$='/undo/']").count() == 0
