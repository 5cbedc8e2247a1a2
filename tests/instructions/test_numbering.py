"""Papers are numbered when they are approved: by word and year, without gaps."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.conf import settings

from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, orders, papers
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from tests import build
from tests.build import OTHER_MULE, draft
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

NEXT_YEAR = NOON.replace(year=2027)


def approve(by: Officer, package: Package, at: datetime = NOON, **how: list[str]) -> None:
    with acting_for(by):
        actions.approve(by, package, at=at, ground=DUTY, **how)


def numbers() -> list[str]:
    with system_scope("test"):
        return list(Instruction.objects.order_by("id").values_list("paper_number", flat=True))


def test_every_word_counts_for_itself_in_the_order_of_approval(
    lin: Officer, liang: Officer, bank: None
) -> None:
    packages = [
        build.drafted(lin, each) for each in (draft(), draft(Kind.QUERY), draft(account=OTHER_MULE))
    ]
    for package in reversed(packages):
        approve(liang, package)
    assert numbers() == ["LJ止付字〔2026〕2号", "LJ查询字〔2026〕1号", "LJ止付字〔2026〕1号"]


def test_what_is_taken_out_of_a_package_leaves_no_gap(
    lin: Officer, liang: Officer, bank: None
) -> None:
    package = build.drafted(lin, draft(), draft(account=OTHER_MULE))
    with system_scope("test"):
        left_out = package.instructions.order_by("id")[0]
    approve(liang, package, without=[left_out.public_id])
    assert numbers() == ["", "LJ止付字〔2026〕1号"]
    approve(liang, package)
    assert numbers() == ["LJ止付字〔2026〕2号", "LJ止付字〔2026〕1号"]


def test_a_new_year_counts_from_one(lin: Officer, liang: Officer, bank: None) -> None:
    for account, at in ((build.MULE, NOON), (OTHER_MULE, NEXT_YEAR)):
        with acting_for(lin):
            (package,) = actions.draft(
                lin, build.case(lin), [draft(account=account)], at=at, ground=DUTY
            )
        approve(liang, package, at)
    assert numbers() == ["LJ止付字〔2026〕1号", "LJ止付字〔2027〕1号"]


@pytest.mark.parametrize("legal", [False, True])
def test_a_paper_says_whether_it_is_approved_and_whether_it_is_a_worksheet(
    lin: Officer, liang: Officer, bank: None, monkeypatch: pytest.MonkeyPatch, *, legal: bool
) -> None:
    monkeypatch.setattr(settings, "ISSUES_PAPERS", legal)
    package = build.drafted(lin)
    with system_scope("test"):
        waiting = orders.paper(package.instructions.get(), at=NOON, full_number=True)
    approve(liang, package)
    with system_scope("test"):
        approved = orders.paper(package.instructions.get(), at=NOON, full_number=True)
    assert (waiting.number, approved.number) == ("（批准后编号）", "LJ止付字〔2026〕1号")
    assert waiting.seal[0] == "批准后"
    assert approved.seal[:2] == ("已批准", "03-18 12:00")
    assert ("加盖电子印章" in approved.seal, approved.worksheet == "") == (legal, legal)
    assert papers.as_pdf(approved) != papers.as_pdf(replace(approved, worksheet="draft"))
