"""Reviews of emergency stops on the screens: pressed for, and decided by whoever is above."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.identity.acting import acting_for
from fanzha.instructions import actions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def package(lin: Officer, zhao: Officer) -> Package:
    build.bank()
    opened = build.case(lin)
    with acting_for(lin):
        (made,) = actions.draft(lin, opened, [build.draft(Kind.STOP)], at=NOON, ground=DUTY)
    with acting_for(zhao):
        actions.approve(zhao, made, at=NOON, ground=DUTY)
    return made


def decide(by: Officer, package: Package, **form: str) -> Any:
    return browser(by).post(f"/approvals/reviews/{package.public_id}/decide/", form)


def listed(by: Officer, language: str = "en") -> str:
    return shown(browser(by, language).get("/approvals/reviews/"))


def duty(by: Officer) -> str:
    return shown(browser(by).get("/"))


def test_whoever_stands_above_is_pressed_and_upholds(
    lin: Officer, liang: Officer, package: Package
) -> None:
    asked = f"Review the emergency stops: {package.public_id}"
    assert asked in duty(liang)
    assert asked not in duty(lin)
    with clock.held_at(NOON + timedelta(hours=24)):
        assert asked in duty(lin)
    assert "Give the verdict" in listed(liang)
    assert "提交复核结论" in listed(liang, "zh-hans")
    assert "Give the verdict" not in listed(lin)
    assert decide(liang, package)["location"] == "/approvals/reviews/"
    assert "upheld" in listed(lin)
    assert asked not in duty(liang)


def test_a_wrong_one_is_taken_back_and_shown_with_the_reason(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    (stop,) = stored(Instruction)
    assert decide(zhao, package, wrong=stop.public_id, reason="x").status_code == 403
    assert decide(liang, package, wrong=stop.public_id).status_code == 409
    decide(liang, package, wrong=stop.public_id, reason="户主即受害人")
    assert "户主即受害人" in listed(zhao)
    assert stored(Instruction)[0].state == "withdrawn"


def test_the_auditor_reads_every_review_and_decides_none(sun: Officer, package: Package) -> None:
    assert package.public_id in listed(sun)
    assert decide(sun, package).status_code in (403, 404)
