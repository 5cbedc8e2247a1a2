"""The guard list on the screens: kept by officers and banks, and overruled in writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, guarding
from fanzha.instructions.models import Guard, Instruction
from fanzha.instructions.rules import Kind, Move
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.identity.models import Officer

LIST = "/instructions/guards/"
ENTRY = {"account": build.MULE, "group": "customer_reserves", "reason": "备付金清单"}


@pytest.fixture(autouse=True)
def noon(own_lake: Path) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def page(by: Officer, address: str = LIST, language: str = "en") -> str:
    return shown(browser(by, language).get(address))


def post(by: Officer, address: str, **form: str) -> Any:
    return browser(by).post(address, form)


def test_officers_put_accounts_on_the_list_and_none_of_them_takes_one_off(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    assert "puts its account here by itself" in page(lin)
    assert post(lin, f"{LIST}add/", **ENTRY)["location"] == LIST
    assert "Customer reserves of a payment institution" in page(zhao)
    assert "支付机构客户备付金账户" in page(zhao, language="zh-hans")
    assert build.MULE not in page(zhao)
    assert post(lin, f"{LIST}add/", **ENTRY).status_code == 409
    (entry,) = stored(Guard)
    for officer in (lin, zhao, liang):
        assert post(officer, f"{LIST}{entry.public_id}/lift/", reason="x").status_code == 403


def test_after_0302_the_account_is_guarded_and_the_next_draft_says_why(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    build.bank()
    package = build.drafted(lin)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        stop = Instruction.objects.select_related("case", "package").get()
        actions.send(system, stop, at=NOON, ground=DUTY)
        no = actions.Answer(Move.FAIL, "0302", "")
        actions.record_reply(system, stop, no, message_id=1, at=NOON, ground=DUTY)
        guarding.guard(
            system, stop.account, "named_by_bank", at=NOON, ground=Ground("instruction", "", "0302")
        )
    onward = f"/instructions/{stop.public_id}/onward/"
    assert "Guarded account: why it must be held" in page(lin, f"/instructions/{stop.public_id}/")
    form = {"step": "again", "reason": "再次止付"}
    assert post(lin, onward, **form).status_code == 409
    assert post(lin, onward, **form, necessity="账户专用于收款").status_code == 302
    again = stored(Instruction)[1]
    assert (again.kind, again.necessity) == (Kind.STOP, "账户专用于收款")
    with system_scope("test"):
        waiting = again.package.public_id
    offered = page(liang, f"/approvals/{waiting}/")
    assert "Why the guard list is overruled" in offered
    assert "账户专用于收款" in offered
    form = {"object": again.public_id}
    assert post(liang, f"/approvals/{waiting}/approve/", **form).status_code == 409
    assert post(liang, f"/approvals/{waiting}/approve/", **form, reason="同意").status_code == 302
    assert stored(Instruction)[1].state == "approved"
