from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.desk import waiting
from fanzha.desk.waiting import Waiting
from fanzha.identity.acting import acting_for
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction, Package
from fanzha.instructions.rules import Kind
from tests.build import MULE, OTHER_MULE, bank, case, draft
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def drafted(by: Officer, *wanted: Any, filed_by: Officer | None = None) -> Package:
    bank()
    opened = case(by)
    if filed_by is not None:
        with acting_for(filed_by):
            cases.file_case(filed_by, opened, "岚公立字1号", at=NOON, ground=DUTY)
    with acting_for(by):
        return actions.draft(by, opened, wanted, at=NOON, ground=DUTY)[0]


def two_stops(by: Officer) -> Package:
    return drafted(by, draft(), draft(account=OTHER_MULE, transfer_fen=1_000_000))


def states() -> dict[str, str]:
    return {each.account: each.state for each in stored(Instruction)}


def test_the_paper_stands_there_as_it_goes_out_numbers_and_names_masked(
    lin: Officer, zhao: Officer
) -> None:
    two_stops(lin)
    page = shown(browser(zhao).get("/approvals/"))
    assert "紧急止付申请表" in page
    assert "6299 **** **** 0128" in page
    assert "人民币 482,300.00 元" in page
    assert MULE not in page
    assert "贾某" not in page
    assert "贾**" in page


def test_the_button_is_the_order(lin: Officer, zhao: Officer) -> None:
    two_stops(lin)
    page = shown(browser(zhao).get("/approvals/"))
    assert "<span>Stop 6299 **** **** 0128 and others, 2 accounts in all</span>" in page
    assert "<span>492,300.00 yuan paid in, 48 hours → 江岚银行</span>" in page


def test_all_ticked_is_approved_at_once(lin: Officer, zhao: Officer) -> None:
    package = two_stops(lin)
    ticked = [each.public_id for each in stored(Instruction)]
    answer = browser(zhao).post(
        f"/approvals/{package.public_id}/approve/", {"object": ticked}, follow=True
    )
    assert "Approved and going out: 2" in shown(answer)
    assert states() == {MULE: "approved", OTHER_MULE: "approved"}


def test_what_is_unticked_stays_undecided(lin: Officer, zhao: Officer) -> None:
    package = two_stops(lin)
    first = stored(Instruction)[0].public_id
    answer = browser(zhao).post(
        f"/approvals/{package.public_id}/approve/", {"object": [first]}, follow=True
    )
    assert "1 left out; return them with a reason" in shown(answer)
    assert states() == {MULE: "approved", OTHER_MULE: "awaiting_approval"}


def test_nothing_ticked_approves_nothing(lin: Officer, zhao: Officer) -> None:
    package = two_stops(lin)
    answer = browser(zhao).post(f"/approvals/{package.public_id}/approve/", follow=True)
    assert "nothing was approved" in shown(answer)
    assert set(states().values()) == {"awaiting_approval"}


def test_a_package_approved_twice_goes_out_once(lin: Officer, zhao: Officer) -> None:
    package = two_stops(lin)
    page, ticked = browser(zhao), [each.public_id for each in stored(Instruction)]
    page.post(f"/approvals/{package.public_id}/approve/", {"object": ticked})
    answer = page.post(f"/approvals/{package.public_id}/approve/", {"object": ticked})
    assert answer.status_code == 409
    assert set(states().values()) == {"approved"}


def test_nobody_approves_her_own_draft(zhao: Officer) -> None:
    package = two_stops(zhao)
    page = browser(zhao)
    seen = shown(page.get(f"/approvals/{package.public_id}/"))
    assert "your own draft" in seen
    assert 'data-hotkey="a"' not in seen
    ticked = [each.public_id for each in stored(Instruction)]
    answer = page.post(f"/approvals/{package.public_id}/approve/", {"object": ticked})
    assert answer.status_code == 403
    assert "another officer must approve it" in shown(answer)


def test_a_duty_officer_sees_that_it_waits_but_has_no_button(lin: Officer) -> None:
    package = two_stops(lin)
    page = shown(browser(lin).get(f"/approvals/{package.public_id}/"))
    assert "Waiting for others" in page
    assert 'data-hotkey="a"' not in page


def test_a_return_needs_its_reason(lin: Officer, zhao: Officer) -> None:
    package = two_stops(lin)
    page = browser(zhao)
    bare = page.post(f"/approvals/{package.public_id}/return/", {"reason": " "})
    assert bare.status_code == 409
    assert "Write the reason" in shown(bare)
    page.post(f"/approvals/{package.public_id}/return/", {"reason": "户名不对"})
    assert set(states().values()) == {"returned"}


def test_a_freeze_shows_what_is_asked_and_what_stays_with_the_holder(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    wanted = draft(Kind.FREEZE, amount_fen=40_000_000, traced_fen=48_230_000)
    package = drafted(lin, wanted, filed_by=liang)
    assert "btn-order" not in shown(browser(zhao).get(f"/approvals/{package.public_id}/"))
    page = shown(browser(liang).get("/approvals/"))
    assert "<span>limit 400,000.00 yuan, 6 months → 江岚银行</span>" in page
    assert "人民币 400,000.00 元（肆拾万元整）" in page
    assert 'Stays with the holder</dt><dd><span class="fz-faint">unknown' in page
    assert "no stop is in force on this account" in page


def test_the_queue_runs_by_the_clock_that_ends_first(lin: Officer, liang: Officer) -> None:
    bank()
    opened = case(lin)
    with acting_for(lin):
        old, fresh = NOON - timedelta(minutes=25), NOON - timedelta(minutes=2)
        wanted = [
            draft(Kind.QUERY, account="6299011111111111117"),
            draft(transfer_at=fresh),
        ]
        for each in wanted:
            actions.draft(lin, opened, [each], at=NOON, ground=DUTY)
        actions.draft(
            lin, opened, [draft(account=OTHER_MULE, transfer_at=old)], at=NOON, ground=DUTY
        )
    with acting_for(liang):
        queue = waiting.desk_of(liang).mine
    assert [(each.kind, each.until) for each in queue] == [
        (Kind.STOP, old + timedelta(minutes=30)),
        (Kind.STOP, fresh + timedelta(minutes=30)),
        (Kind.QUERY, NOON + timedelta(hours=24)),
    ]


def test_another_district_finds_no_such_package(lin: Officer, wu: Officer) -> None:
    package = two_stops(lin)
    assert browser(wu).get(f"/approvals/{package.public_id}/").status_code == 404


def test_a_package_without_undecided_instructions_leads_back_to_the_queue(
    lin: Officer, zhao: Officer
) -> None:
    package = two_stops(lin)
    with acting_for(zhao):
        actions.approve(zhao, package, at=NOON, ground=DUTY)
        assert not Waiting.of(package).instructions
    answer = browser(zhao).get(f"/approvals/{package.public_id}/")
    assert answer["location"] == "/approvals/"
