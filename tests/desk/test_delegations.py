"""Delegations on the screens: lent, listed, named in the approval, taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.identity.models import Delegation
from fanzha.instructions.models import Instruction
from tests import build
from tests.cast import NOON, officer
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

LIST = "/approvals/delegations/"
FORM = {
    "deputy": "chen", "permission": "instruction.approve_stop", "reason": "外出开会",
    "since": f"{NOON:%Y-%m-%dT%H:%M}", "until": f"{NOON + timedelta(days=1):%Y-%m-%dT%H:%M}",
}  # fmt: skip


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def page(username: str, address: str, language: str = "en") -> str:
    return shown(browser(officer(username), language).get(address))


def test_a_right_is_lent_used_in_her_name_and_taken_back(
    lin: Officer, zhao: Officer, chen: Officer
) -> None:
    build.bank()
    package = build.drafted(lin)
    assert "Nobody stands in" in page("zhao", LIST)
    assert browser(zhao).post(f"{LIST}lend/", FORM)["location"] == LIST
    seen = page("sun", LIST, "zh-hans")
    assert ("外出开会" in seen, "立即收回" in seen) == (True, False)
    offered = page("chen", f"/approvals/{package.public_id}/")
    assert "you may for 赵**" in " ".join(offered.split())
    (stop,) = stored(Instruction)
    approve = f"/approvals/{package.public_id}/approve/"
    assert browser(officer("chen")).post(approve, {"object": stop.public_id}).status_code == 302
    assert "for 赵**" in page("lin", f"/instructions/{stop.public_id}/")
    (lent,) = stored(Delegation)
    assert browser(zhao).post(f"{LIST}{lent.pk}/end/")["location"] == LIST
    assert "taken back" in page("zhao", LIST)
    assert not officer("chen").may(FORM["permission"])


def test_without_a_deputy_or_a_time_nothing_is_lent(zhao: Officer, chen: Officer) -> None:
    for field in ("deputy", "until"):
        browser(zhao).post(f"{LIST}lend/", FORM | {field: ""})
    assert stored(Delegation) == []
