"""Judgements on the screen: open pairs side by side, decided and undone with a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.identity.acting import acting_for
from fanzha.movements import looks, matching
from fanzha.movements.models import Statement
from tests import build
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored
from tests.movements.build import A, B, line, table
from tests.movements.test_identity import PAID, RECEIVED, imported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

REASON = "the receipt names the second row"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


@pytest.fixture
def open_case(chen: Officer, case: Case) -> Case:
    imported(chen, case, PAID)
    imported(chen, case, RECEIVED, "b.csv")
    return case


def url(case: Case, rest: str = "") -> str:
    return f"/cases/{case.number}/statements/judgements/{rest}"


def decide(by: Officer, case: Case, way: int, **more: Any) -> Any:
    """Post the form of one way as the page has it."""
    page = shown(browser(by).get(url(case)))
    ways = re.findall(
        r'name="payer" value="([^"]+)"> ?<input[^>]+name="payee" value="([^"]+)"', page
    )
    payer, payee = ways[way]
    given = {"payer": payer, "payee": payee, "same": "1", "reason": REASON} | more
    return browser(by).post(url(case, "pair/"), given, follow=True)


def test_every_way_stands_side_by_side_with_its_reasons(chen: Officer, open_case: Case) -> None:
    page = shown(browser(chen).get(url(open_case)))
    assert page.count("counts until decided") == 2
    assert page.count("The amounts are equal.") == 4
    assert A not in page
    assert B not in page
    assert A[-4:] in page


def test_a_way_is_decided_and_undone(chen: Officer, open_case: Case) -> None:
    page = shown(decide(chen, open_case, 0))
    assert "No rows of this case wait for a judgement." in page
    assert REASON in page
    (decision,) = stored(matching.PairDecision)
    undone = browser(chen).post(
        url(open_case, f"{decision.public_id}/undo/"), {"reason": "wrong receipt"}, follow=True
    )
    assert "counts until decided" in shown(undone)
    assert "wrong receipt" in shown(undone)


def test_a_second_judgement_of_the_same_rows_is_a_sentence(chen: Officer, open_case: Case) -> None:
    assert decide(chen, open_case, 0).status_code == 200
    (decided,) = stored(matching.PairDecision)
    given = {
        "payer": f"{statement(decided.out_sha256)}:{decided.out_row}", "reason": REASON,
        "payee": f"{statement(decided.in_sha256)}:{decided.in_row}", "same": "0",
    }  # fmt: skip
    answer = browser(chen).post(url(open_case, "pair/"), given, follow=True)
    assert f"Decision {decided.public_id} speaks of this already" in shown(answer)
    assert len(stored(matching.PairDecision)) == 1


def statement(sha256: str) -> str:
    return str(stored(Statement, file_sha256=sha256)[0].public_id)


def test_a_judgement_of_another_case_is_not_undone_here(
    chen: Officer, lin: Officer, open_case: Case
) -> None:
    decide(chen, open_case, 0)
    (decision,) = stored(matching.PairDecision)
    other = build.case(lin)
    answer = browser(chen).post(url(other, f"{decision.public_id}/undo/"), {"reason": REASON})
    assert answer.status_code == 404
    assert stored(matching.PairDecision)[0].undone_at is None


def test_without_a_reason_nothing_is_decided(chen: Officer, open_case: Case) -> None:
    assert "Write why you decide so." in shown(decide(chen, open_case, 0, reason=" "))
    assert stored(matching.PairDecision) == []


def test_two_numbers_are_judged_on_the_page_of_the_account(chen: Officer, case: Case) -> None:
    imported(chen, case, table(line(account_no="990100000001")).encode())
    listed = shown(browser(chen).get(f"/cases/{case.number}/statements/"))
    (account,) = set(re.findall(rf"/cases/{case.number}/accounts/\w+/", listed))
    page = shown(browser(chen).get(account))
    one, other = (re.findall(rf'name="{name}" value="(\w+)"', page)[0] for name in ("one", "other"))
    given = {"one": one, "other": other, "same": "0", "reason": REASON}
    told = shown(browser(chen).post(f"{account}identity/", given, follow=True))
    assert "are two accounts." in told
    (decision,) = stored(matching.IdentityDecision)
    assert {decision.one, decision.other} == {A, "990100000001"}
    with acting_for(chen):
        (held,) = looks.accounts_of_case(case.pk)
    assert held.numbers == [A]


def test_who_may_only_read_sees_no_form(liang: Officer, chen: Officer, open_case: Case) -> None:
    page = shown(browser(liang).get(url(open_case)))
    assert "counts until decided" in page
    assert "Why do you decide so?" not in page
