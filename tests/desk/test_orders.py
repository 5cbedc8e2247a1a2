"""Orders and clocks on the screens: issued, signed for, reported, decided; what runs."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.duties.models import Order
from fanzha.duties.sweeps import press_due
from tests import build
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored
from tests.instructions.follow import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def issued(by: Officer, **form: str) -> Order:
    told = {"kind": "task", "priority": "high", "unit": "lj.hd", "text": "核查该网点监控"} | form
    answer = browser(by).post("/orders/issue/", told)
    assert answer.status_code == 302, shown(answer)
    order: Order = stored(Order)[-1]
    return order


def page(by: Officer, order: Order, language: str = "en") -> str:
    return shown(browser(by, language).get(f"/orders/{order.public_id}/"))


def post(by: Officer, order: Order, verb: str, **form: str) -> Any:
    return browser(by).post(f"/orders/{order.public_id}/{verb}/", form)


def test_an_order_goes_through_its_life_on_the_screens(zhao: Officer, han: Officer) -> None:
    order = issued(zhao)
    assert "Sign for it in the name of 湖滨分局" in page(han, order)
    assert "Sign for it in the name of" not in page(zhao, order)
    post(han, order, "sign")
    assert "Report to who issued it" in page(han, order)
    post(han, order, "answer", result="done", text="监控已封存")
    asked = page(zhao, order)
    assert "Accept: the order is done" in asked
    assert "监控已封存" in asked
    assert "Accept: the order is done" not in page(han, order)
    post(zhao, order, "decide", do="send_back", reason="缺少截图")
    assert "缺少截图" in page(han, order)
    post(han, order, "answer", result="done", text="已补充")
    post(zhao, order, "decide", do="accept")
    assert stored(Order)[0].state == "accepted"


def test_the_list_is_filtered_by_state_and_unit(zhao: Officer, wu: Officer) -> None:
    issued(zhao)
    issued(zhao, unit="lj.xs")

    def rows(by: Officer, query: str = "") -> int:
        return shown(browser(by).get(f"/orders/{query}")).count("<tr data-row>")

    assert [rows(zhao), rows(zhao, "?unit=lj.hd"), rows(zhao, "?group=sign"), rows(wu)] == [
        2, 1, 2, 1,
    ]  # fmt: skip
    assert rows(zhao, "?group=done") == 0
    assert rows(zhao, "?before=x&unit=nowhere&group=none") == 2


def test_a_deadline_in_hours_and_a_case_are_taken(zhao: Officer, lin: Officer) -> None:
    case = build.case(lin)
    order = issued(zhao, hours="3", case=case.number, unit="lj")
    assert order.feedback_due_at == NOON + 3 * HOUR
    assert f"/cases/{case.number}/" in page(zhao, order)


@pytest.mark.parametrize("form", [{"kind": "x"}, {"priority": "x"}, {"unit": "x"}])
def test_a_made_up_form_is_refused(zhao: Officer, form: dict[str, str]) -> None:
    told = {"kind": "task", "priority": "high", "unit": "lj.hd", "text": "x"} | form
    assert browser(zhao).post("/orders/issue/", told).status_code == 400


def test_who_may_not_issue_sees_no_form(lin: Officer, zhao: Officer, sun: Officer) -> None:
    issued(zhao, unit="lj")
    told = {"kind": "task", "priority": "high", "unit": "lj", "text": "x"}
    assert "Issue an order" not in shown(browser(lin).get("/orders/"))
    assert browser(lin).post("/orders/issue/", told).status_code == 403
    assert browser(sun).get("/orders/").status_code == 403


def test_the_sheet_says_what_the_order_says(zhao: Officer) -> None:
    order = issued(zhao)
    sheet = shown(browser(zhao).get(f"/orders/{order.public_id}/sheet/"))
    assert "核查该网点监控" in sheet
    assert order.public_id in sheet


def test_clocks_are_listed_by_their_end_and_say_where_they_are_pressed(
    zhao: Officer, lin: Officer
) -> None:
    issued(zhao)
    hold()
    listed = shown(browser(zhao).get("/clocks/"))
    rules = re.findall(r'<th scope="row">.*?>([A-Z][^<]+)</a>', listed)
    assert rules == ["Signing for an order", "Feedback on an order", "Emergency stop"]
    press_due(NOON + HOUR)
    assert "pressed at 岚江市反诈中心 too" in shown(browser(zhao).get("/clocks/"))
    only = shown(browser(zhao).get("/clocks/?rule=stop_window"))
    assert only.count("<tr data-row>") == 1
    none = browser(zhao).get(f"/clocks/?after={(NOON + 99 * HOUR).timestamp()}~1")
    assert "No clock runs here." in shown(none)
    assert browser(zhao).get("/clocks/?after=x~y").status_code == 200


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_is_there_in_both_languages(zhao: Officer, language: str) -> None:
    order = issued(zhao)
    for url in ("/orders/", f"/orders/{order.public_id}/", "/clocks/"):
        assert browser(zhao, language).get(url).status_code == 200
    kind = {"zh-hans": "一般指令", "en": "Task"}[language]
    assert kind in page(zhao, order, language)


def desk(by: Officer) -> str:
    return shown(browser(by).get("/"))


def test_the_duty_desk_of_the_unit_says_what_it_owes(
    zhao: Officer, han: Officer, wu: Officer
) -> None:
    order = issued(zhao)
    assert "Sign for: Task" in desk(han)
    assert "Sign for: Task" not in desk(wu)
    post(han, order, "sign")
    assert "Report on: Task" in desk(han)
    post(han, order, "answer", result="done", text="已办")
    assert "Report on: Task" not in desk(han)
    assert "Decide about: Task" in desk(zhao)


def test_what_is_late_below_stands_on_the_desk_of_the_unit_above(
    zhao: Officer, han: Officer, lin: Officer
) -> None:
    order = issued(zhao)
    press_due(NOON + HOUR)
    with clock.held_at(NOON + HOUR):
        assert "Late at 湖滨分局: Task" in desk(zhao)
        assert "Late at 湖滨分局" not in desk(lin)
        post(han, order, "sign")
        assert "Late at 湖滨分局" not in desk(zhao)


def test_the_case_shows_its_orders_and_leads_to_a_new_one(zhao: Officer, lin: Officer) -> None:
    case = build.case(lin)
    empty = shown(browser(zhao).get(f"/cases/{case.number}/"))
    assert "No unit has an order about this case." in empty
    order = issued(zhao, case=case.number)
    told = shown(browser(lin).get(f"/cases/{case.number}/"))
    assert f"/orders/{order.public_id}/" in told
    assert "Issue an order" not in told
    form = shown(browser(zhao).get(f"/orders/?case={case.number}"))
    assert f'value="{case.number}"' in form
