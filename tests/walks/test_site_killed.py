"""kill -9 of the site while approvals are posted: all of a package or nothing, never twice."""

from __future__ import annotations

import random
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, State
from fanzha.simulation.demo.browser import Browser, PageUnlike
from tests import build
from tests.cast import officer
from tests.walks.site import PASSWORD, site
from tests.walks.test_golden_hour import FIRST, SECOND, WHY, states
from tests.walks.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIO = Path(__file__).parent / "two_banks.yaml"
ANSWERED = {State.EFFECTIVE, State.PARTIALLY_EFFECTIVE, State.FAILED}


@pytest.fixture
def banks(committed: None, tmp_path: Path) -> Iterator[World]:
    with world(tmp_path, SCENARIO) as made:
        yield made


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_approvals_survive_a_killed_site(banks: World) -> None:
    chance = random.Random(11)
    expected = _draft()
    with site(banks, "worker", "gateway", "web") as platform:
        ended = threading.Event()
        approver = threading.Thread(target=_approve_until, args=(platform.url, ended))
        approver.start()
        try:
            for _ in range(3):
                time.sleep(chance.uniform(0.2, 0.6))
                platform.kill("web")
                _packages_are_whole()
                platform.start("web")
            banks.wait(lambda: set(states().values()) <= ANSWERED, "all is answered", seconds=90)
        finally:
            ended.set()
            approver.join(timeout=20)
    assert banks.control("ledger")["effects"] == dict.fromkeys(expected, 1)


def _draft() -> set[str]:
    lin = officer("lin")
    case = build.case(lin)
    drafts = [
        build.draft(
            Kind.STOP,
            account=account,
            account_name=name,
            institution_code=code,
            institution_name=bank,
            transfer_at=clock.now(),
        )
        for account, name, code, bank in (
            (FIRST, "甲一", "990100000001", "江岚银行"),
            (SECOND, "乙二", "990100000002", "松谷银行"),
        )
    ]
    with acting_for(lin):
        instructions.draft(lin, case, drafts, at=clock.now(), ground=WHY)
        return set(Instruction.objects.values_list("application_id", flat=True))


def _packages_are_whole() -> None:
    with system_scope("test"):
        waiting = Instruction.objects.filter(state=State.AWAITING_APPROVAL).count()
    assert waiting in (0, 2), "half a package was approved"


def _approve_until(url: str, ended: threading.Event) -> None:
    """Zhao logs in and approves, again and again, whatever breaks in between."""
    while not ended.is_set():
        browser = Browser(url)
        try:
            page = browser.open("/login/")
            form = next(each for each in page.forms if "username" in each.fields)
            browser.send(page, form.fill(username="zhao", password=PASSWORD))
            page = browser.open("/approvals/")
            browser.send(page, page.form("/approve/"))
        except (httpx.HTTPError, PageUnlike, StopIteration):
            ended.wait(0.05)
        finally:
            browser.close()
