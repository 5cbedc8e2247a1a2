"""What the drawer tells of an account beside the trace, and what may be asked of its bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from fanzha.cases import actions as cases
from fanzha.desk.actions import take_report
from fanzha.identity.acting import acting_for
from fanzha.instructions.models import Instruction
from tests import build
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored
from tests.desk.test_flow import case, data, noon_in_english, row_of, statement

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def drawer(officer: Officer, case: Case, tail: str, query: str = "") -> str:
    node = row_of(data(officer, case), tail)["node"]
    address = reverse("desk:flow_drawer", args=[case.number, node])
    return shown(browser(officer).get(address + query, headers=HTMX))


def ask(officer: Officer, case: Case, kind: str) -> int:
    node = row_of(data(officer, case), MULE[-4:])["node"]
    address = reverse("desk:flow_question", args=[case.number, node])
    return int(browser(officer).post(address, {"kind": kind}).status_code)


def test_the_account_page_and_what_looks_unusual_stand_in_the_drawer(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    told = drawer(chen, case, MULE[-4:])
    assert "All rows and why these numbers are one account" in told
    link = told.partition("/accounts/")[2].partition('"')[0]
    ref = link.strip("/").partition("/")[0]
    page = browser(chen).get(reverse("desk:account", args=[case.number, ref]))
    assert page.status_code == 200
    assert "On 1 of 1 days money went on within half an hour." in told
    assert "For screening only" in told
    other = drawer(chen, case, OTHER_MULE[-4:])
    assert "For screening only" not in other
    assert "All rows and why" not in other


def test_other_cases_on_the_account_are_named_if_the_reader_may_see_them(
    lin: Officer, zhao: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    assert "none that you may see" in drawer(lin, case, MULE[-4:])
    told = build.report(
        build.payment(to=MULE, amount_fen=777_00), victim_name="吴梅", victim_phone="11200000009"
    )
    with acting_for(zhao):
        other = take_report(zhao, told, at=NOON, ground=DUTY, draft=False).case
    assert other.number in drawer(lin, case, MULE[-4:])
    with acting_for(zhao):
        cases.restrict(zhao, other, at=NOON, ground=DUTY)
    hidden = drawer(lin, case, MULE[-4:])
    assert other.number not in hidden


def test_a_question_is_drafted_on_the_trace_and_never_sent(
    lin: Officer, chen: Officer, admin: Officer, case: Case
) -> None:
    statement(case, chen)
    assert "Draft: " in drawer(lin, case, MULE[-4:])
    assert [ask(lin, case, kind) for kind in ("holder_query", "freeze", "nothing")] == [
        302, 400, 400,
    ]  # fmt: skip
    (made,) = stored(Instruction, case=case)
    assert (made.kind, made.account, made.state) == ("holder_query", MULE, "awaiting_approval")
    assert made.trace_id is not None
    assert ask(lin, case, "holder_query") == 409
    address = reverse("desk:flow_question", args=[case.number, "x"])
    assert browser(admin).post(address, {"kind": "holder_query"}).status_code == 403


def test_no_question_is_offered_under_another_rule(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    assert "Ask about this account" in drawer(lin, case, MULE[-4:])
    assert "Ask about this account" not in drawer(lin, case, MULE[-4:], "?rule=lifo")
