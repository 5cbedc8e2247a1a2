"""Releasing and extending a hold on the screens: drafted, never sent; approved by what it does."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import translation

from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move, ReleaseGround
from fanzha.intake import actions as intake
from fanzha.movements import actions as movements
from tests import build
from tests.build import MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.instructions.follow import answered, carried, extension, fresh, hold, release
from tests.movements.build import line, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.identity.models import Officer

YES = Answer(Move.TAKE_EFFECT, "0000", "成功", effective_at=NOON)


@pytest.fixture(autouse=True)
def noon(own_lake: Path) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def page_of(officer: Officer, of: Instruction, language: str = "en") -> str:
    return shown(browser(officer, language).get(f"/instructions/{of.public_id}/"))


def ask(officer: Officer, of: Instruction, verb: str, **form: str) -> Any:
    return browser(officer).post(f"/instructions/{of.public_id}/{verb}/", form)


def newest() -> Instruction:
    found: Instruction = stored(Instruction)[-1]
    return found


def test_a_hold_in_force_offers_its_release_and_its_extension_in_exact_words(lin: Officer) -> None:
    stop = hold()
    page = page_of(lin, stop)
    assert "500,000.00 yuan free again; the duty head approves" in page
    assert "held until 2026-03-22 12:00; the duty head approves" in page
    assert "Unrelated to the case" in page
    assert "More is held than is needed" not in page
    chinese = page_of(lin, stop, "zh-hans")
    assert "解除止付" in chinese
    assert "控制至 2026-03-22 12:00" in chinese


def test_the_button_drafts_and_sends_nothing(lin: Officer) -> None:
    stop = hold()
    before = len(stored(Message))
    answer = ask(lin, stop, "release", because="unrelated", reason="户主是商户")
    assert answer["location"] == f"/instructions/{stop.public_id}/"
    made = newest()
    assert (made.kind, made.state, made.reason) == (
        Kind.RELEASE_STOP, "awaiting_approval", "户主是商户",
    )  # fmt: skip
    assert len(stored(Message)) == before
    page = page_of(lin, stop)
    assert "Release of a stop: already under way for this hold (Awaiting approval)." in page
    assert "To be released by" in page


def test_an_extension_is_drafted_with_its_reason_or_not_at_all(lin: Officer) -> None:
    stop = hold()
    assert ask(lin, stop, "extend", reason=" ").status_code == 409
    ask(lin, stop, "extend", reason="正在立案")
    assert (newest().kind, newest().concerns_id) == (Kind.EXTEND_STOP, stop.pk)


def test_a_freeze_can_be_reduced_to_an_amount(lin: Officer) -> None:
    freeze = hold(Kind.FREEZE)
    assert "More is held than is needed" in page_of(lin, freeze)
    odd = ask(lin, freeze, "release", because="reduction", keep_yuan="much", reason="复核")
    assert odd.status_code == 409
    assert "much is not an amount of money" in shown(odd)
    ask(lin, freeze, "release", because="reduction", keep_yuan="300,000", reason="复核")
    assert newest().amount_fen == 18_230_000


def test_an_unknown_ground_is_no_request(lin: Officer) -> None:
    assert ask(lin, hold(), "release", because="mercy", reason="无").status_code == 400


def test_who_drafts_nothing_has_no_button(liang: Officer) -> None:
    stop = hold()
    assert "Draft: release" not in page_of(liang, stop)
    refused = ask(liang, stop, "release", because="unrelated", reason="户主是商户")
    assert refused.status_code == 403


def test_what_is_not_in_force_offers_nothing(lin: Officer) -> None:
    stop = hold()
    answered(carried(release(stop)), YES)
    page = page_of(lin, stop)
    assert "Draft: release" not in page
    assert "Carried out" in page
    assert ask(lin, stop, "extend", reason="再延").status_code == 409


def test_the_approver_sees_what_is_freed_and_why(zhao: Officer) -> None:
    stop = hold()
    package = release(stop, ReleaseGround.WRONG_STOP)
    page = shown(browser(zhao).get(f"/approvals/{package.public_id}/"))
    assert "<span>Release of a stop 6299 **** **** 0128</span>" in page
    assert "<span>all of 500,000.00 yuan freed → 江岚银行</span>" in page
    assert "Held by mistake" in page
    assert "解除紧急止付申请表" in page
    assert stop.public_id in page
    assert "The money stays held" in page
    assert f'data-until="{int((NOON + timedelta(days=3)).timestamp() * 1000)}"' in page


def test_the_approver_sees_until_when_an_extension_holds(zhao: Officer) -> None:
    package = extension(hold())
    page = shown(browser(zhao).get(f"/approvals/{package.public_id}/"))
    assert "<span>500,000.00 yuan held until 2026-03-22 12:00 → 江岚银行</span>" in page
    assert "紧急止付延期申请表" in page
    assert "The hold ends by itself" in page


def test_a_reduction_warns_of_banks_that_free_everything(liang: Officer) -> None:
    package = release(hold(Kind.FREEZE), ReleaseGround.REDUCTION, keep_fen=30_000_000)
    page = shown(browser(liang).get(f"/approvals/{package.public_id}/"))
    assert "<span>182,300.00 yuan freed → 江岚银行</span>" in page
    assert "one that cannot frees everything" in page


def test_the_timeline_and_the_case_tell_the_harm(lin: Officer) -> None:
    freeze = hold(Kind.FREEZE)
    answered(carried(release(freeze, ReleaseGround.WRONG_STOP)), YES, at=NOON)
    page = shown(browser(lin).get(f"/cases/{freeze.case.number}/"))
    assert "On record as harm: Freeze, Held by mistake; held 482,300.00" in page
    for line_of_it in ("Release of a freeze drafted", "Release of a freeze carried out"):
        assert line_of_it in page
    assert "Freeze released" in page
    assert "Holds without cause</dt><dd>1</dd>" in page


def test_the_duty_desk_asks_for_the_approval_of_a_release(zhao: Officer) -> None:
    release(hold())
    assert "elease of a stop" in shown(browser(zhao).get("/"))


def test_a_bank_that_refuses_a_release_is_to_be_phoned(lin: Officer) -> None:
    made = answered(carried(release(hold())), Answer(Move.FAIL, "1999", "其他解除失败"))
    assert "The account stays held: phone the bank at once" in page_of(lin, made)


def drawer(officer: Officer, of: Instruction) -> tuple[dict[str, Any], str]:
    """The node of the mule's account, and its drawer."""
    data = browser(officer).get(reverse("desk:flow_data", args=[of.case.number])).json()
    node = next(row for row in data["table"] if row["account"].endswith(MULE[-4:]))
    page = browser(officer).get(
        reverse("desk:flow_drawer", args=[of.case.number, node["node"]]), headers=HTMX
    )
    return node, shown(page)


def traced(lin: Officer, chen: Officer) -> Instruction:
    """A stop on an account whose statement shows that the victim's money lies in it."""
    stop = hold()
    told = build.report(build.payment())
    with acting_for(lin):
        intake.file_report(lin, told, case_id=stop.case_id, matches={}, at=NOON, ground=DUTY)
    rows = [
        line(card_no=MULE, holder_name="贾某", txn_time="2026-03-18 11:30:00",
             amount_fen="482300.00", cp_account_no="6299020000000000002", balance_fen="482300.00"),
    ]  # fmt: skip
    with acting_for(chen):
        movements.import_statement(
            chen, table(*rows).encode(), file_name="a.csv", case_id=stop.case_id, at=NOON,
            ground=DUTY,
        )  # fmt: skip
    with system_scope("test") as system:
        refresh(system, stop.case_id, DUTY)
    return stop


def test_the_drawer_of_a_held_account_offers_both_and_leads_back(
    lin: Officer, chen: Officer
) -> None:
    stop = traced(lin, chen)
    node, page = drawer(lin, stop)
    assert "Draft: release" in page
    assert "Draft: extend" in page
    answer = ask(
        lin, stop, "release", because="unrelated", reason="户主是商户", node=str(node["node"])
    )
    assert answer["location"] == f"/cases/{stop.case.number}/flow/?node={node['node']}"


def test_after_a_release_no_new_stop_is_proposed(lin: Officer, chen: Officer) -> None:
    stop = traced(lin, chen)
    answered(carried(release(stop)), YES)
    node, page = drawer(lin, fresh(stop))
    assert (node["state"], node["next"]) == ("released", [])
    assert "Draft: stop" not in page
