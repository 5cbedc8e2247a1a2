"""Approval by telephone on the screens: recorded by who called back, pressed until confirmed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.desk.by_word import told_at
from fanzha.instructions.models import Instruction, Oral
from fanzha.instructions.rules import Kind
from tests import build
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(bank: None) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def give(by: Officer, package: Package, **form: str) -> Any:
    told = {"approver": "zhao", "called": "1060000", "told": "12:00"} | form
    return browser(by).post(f"/approvals/{package.public_id}/by-word/", told)


def decide(by: Officer, package: Package, said: str, reason: str = "") -> Any:
    form = {"said": said, "reason": reason}
    return browser(by).post(f"/approvals/by-word/{package.public_id}/decide/", form)


def listed(by: Officer, language: str = "en") -> str:
    return shown(browser(by, language).get("/approvals/by-word/"))


def duty(by: Officer) -> str:
    return shown(browser(by).get("/"))


def test_who_drafted_it_can_record_a_word_and_never_her_own(lin: Officer, zhao: Officer) -> None:
    package = build.drafted(lin)
    page = shown(browser(lin).get(f"/approvals/{package.public_id}/"))
    assert "Approved by telephone" in page
    assert 'value="zhao"' in page
    assert 'value="lin"' not in page
    assert give(lin, package)["location"] == "/approvals/by-word/"
    assert stored(Instruction)[0].approved_by_id == zhao.pk


def test_the_approver_is_pressed_at_once_and_confirms(lin: Officer, zhao: Officer) -> None:
    package = build.drafted(lin)
    assert "Confirm your word" not in duty(zhao)
    give(lin, package)
    assert f"Confirm your word: {package.public_id}" in duty(zhao)
    assert "Word not confirmed" not in duty(lin)
    assert "I gave my word" in listed(zhao)
    assert "本人已口头批准" in listed(zhao, "zh-hans")
    assert "I gave my word" not in listed(lin)
    assert "waits for the approver" in listed(lin)
    decide(zhao, package, "yes")
    assert "Confirm your word" not in duty(zhao)
    assert "confirmed" in listed(lin)


def test_what_nobody_confirms_in_time_presses_everybody(lin: Officer, zhao: Officer) -> None:
    package = build.drafted(lin)
    give(lin, package)
    with clock.held_at(NOON + DAY):
        assert f"Word not confirmed in time: {package.public_id}" in duty(lin)


def test_a_denied_word_is_shown_with_its_reason(lin: Officer, zhao: Officer) -> None:
    package = build.drafted(lin)
    give(lin, package)
    assert decide(lin, package, "no", "x").status_code == 403
    assert decide(zhao, package, "no").status_code == 409
    decide(zhao, package, "no", "没有接到电话")
    assert "没有接到电话" in listed(lin)
    assert stored(Instruction)[0].state == "withdrawn"


@pytest.mark.parametrize(
    "wrong", [{"approver": "chen"}, {"approver": ""}, {"told": "later"}, {"told": ""}]
)
def test_a_word_of_nobody_or_of_no_time_records_nothing(lin: Officer, wrong: Any) -> None:
    package = build.drafted(lin)
    answer = give(lin, package, **wrong)
    assert answer["location"] == f"/approvals/{package.public_id}/"
    assert list(stored(Oral)) == []


def test_a_query_offers_no_telephone(lin: Officer) -> None:
    package = build.drafted(lin, build.draft(Kind.QUERY))
    page = shown(browser(lin).get(f"/approvals/{package.public_id}/"))
    assert "Who gave the word" not in page
    assert give(lin, package)["location"] == f"/approvals/{package.public_id}/"
    assert list(stored(Oral)) == []


def test_the_auditor_reads_every_use_and_decides_none(lin: Officer, sun: Officer) -> None:
    package = build.drafted(lin)
    give(lin, package)
    page = listed(sun)
    assert package.public_id in page
    assert "1060000" in page
    assert decide(sun, package, "yes").status_code in (403, 404)


def test_a_time_on_the_clock_is_the_last_one() -> None:
    assert told_at("11:30", NOON) == NOON - timedelta(minutes=30)
    assert told_at("23:00", NOON) == NOON - timedelta(hours=13)
    assert told_at("25:00", NOON) is None
