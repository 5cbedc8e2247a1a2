from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.audit import log
from fanzha.audit.models import Entry
from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.core import clock
from fanzha.desk import masks, timeline
from fanzha.desk.actions import take_report
from fanzha.identity.acting import acting_for
from fanzha.instructions import actions as instructions
from fanzha.instructions.queries import awaiting
from fanzha.intake.models import Payment
from fanzha.scope.guard import open_action
from tests.build import MULE, OTHER_MULE, bank, payment, report
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fanzha.identity.models import Officer

STORY = f"我是周敏，电话 11200000001，11:30 转 482,300 元到 {MULE} 贾某"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def taken(by: Officer, **changes: Any) -> Case:
    bank()
    told = report(payment(), payment(1_000_000, to=OTHER_MULE), told=STORY, **changes)
    with acting_for(by):
        return take_report(by, told, at=NOON, ground=DUTY).case


def test_the_head_names_case_type_state_and_the_victim_masked(lin: Officer) -> None:
    case = taken(lin)
    page = shown(browser(lin).get(f"/cases/{case.number}/"))
    assert case.number in page
    assert "周**" in page
    assert "周敏" not in page
    assert "Case accepted" in page
    assert "492,300.00" in page


def test_the_timeline_tells_the_newest_first_in_sentences(lin: Officer, zhao: Officer) -> None:
    case = taken(lin)
    with acting_for(zhao):
        package = awaiting(zhao)[0]
        instructions.approve(zhao, package, at=NOON, ground=DUTY)
        events = timeline.of_case(case.pk)
    what = [event.what for event in events]
    assert what[0] == "Stop approved"
    assert events[0].who == "赵** 岚江市反诈中心"
    assert len(events[0].objects) == 2
    assert what[-1] == "Case opened and accepted"
    assert "Report taken by 110: 2 payments, 492,300.00 yuan new" in what
    assert "Stop drafted" in what


def test_answers_that_come_one_by_one_are_one_line_and_old_news_is_none(lin: Officer) -> None:
    case = taken(lin)
    figures = {"stopped": 0, "frozen": 0, "gone": 0}
    said = {
        "move": "take_effect", "kind": "stop_payment", "institution": "江岚银行", "tail": "0128"
    }  # fmt: skip
    with acting_for(lin):
        for seconds in (1, 20, 40, 140):
            at = NOON + timedelta(seconds=seconds)
            _entry(case, "instructions.record_reply", at, said)
            _entry(case, "tracing.store", at, figures)
        events = timeline.of_case(case.pk)
        every = timeline.of_case(case.pk, everything=True)
    effects = [event for event in events if event.what == "Stop in effect"]
    assert [len(event.objects) for event in effects] == [1, 3]
    assert len([event for event in events if event.what.startswith("Traced anew")]) == 1
    assert len([event for event in every if event.what.startswith("Traced anew")]) == 5
    assert [event.at for event in events] == sorted((e.at for e in events), reverse=True)


def _entry(case: Case, action: str, at: datetime, facts: dict[str, Any]) -> None:
    token = open_action.set("test")
    log.append(
        at=at, actor="system:x", officer_id=None, action=action, object_kind="x", object_id="x",
        case_id=case.pk, ground_kind="x", ground_ref="", ground_reason="", facts=facts, origin="",
        unit_path="lj", restricted=False,
    )  # fmt: skip
    open_action.reset(token)


def test_an_unknown_action_stands_plainly(lin: Officer) -> None:
    entry = Entry(
        at=NOON, actor="lin", officer_id=None, action="returns.pay_back", object_kind="order",
        object_id="O-1", facts={}, ground_reason="",
    )  # fmt: skip
    assert timeline._event(entry, {}).what == "returns.pay_back order O-1"


def test_the_machinerys_own_steps_are_shown_on_demand(lin: Officer) -> None:
    case = taken(lin)
    page = browser(lin)
    assert "entities.note_mentions" not in shown(page.get(f"/cases/{case.number}/"))
    assert "entities.note_mentions" in shown(page.get(f"/cases/{case.number}/?all"))


def test_payments_show_every_source_and_nothing_in_full(lin: Officer) -> None:
    case = taken(lin)
    with acting_for(lin):
        again = report(payment(), form_token="other", door="counter", told=STORY)
        take_report(lin, again, at=NOON, ground=DUTY)
    page = shown(browser(lin).get(f"/cases/{case.number}/?tab=payments"))
    assert page.count("counter ") >= 1
    assert "6299 **** **** 0128" in page
    for hidden in (MULE, "11200000001", "周敏", "贾某"):
        assert hidden not in page


def test_instructions_of_the_case_stand_in_their_tab(lin: Officer) -> None:
    case = taken(lin)
    page = shown(browser(lin).get(f"/cases/{case.number}/?tab=instructions"))
    assert page.count("Awaiting approval") == 4
    assert MULE not in page


def test_who_may_file_sees_the_button_and_files(lin: Officer, liang: Officer) -> None:
    case = taken(lin)
    address = f"/cases/{case.number}/"
    assert "File the case" not in shown(browser(lin).get(address))
    head = browser(liang)
    assert "File the case" in shown(head.get(address))
    empty = head.post(f"{address}file/", {"number": " "}, follow=True)
    assert "Write the number of the filing decision" in shown(empty)
    done = head.post(f"{address}file/", {"number": "岚公立字〔2026〕7号"}, follow=True)
    assert "may be frozen from now on" in shown(done)
    assert stored(Case)[0].state == "filed"
    assert "Case filed under 岚公立字〔2026〕7号" in shown(done)


def test_who_may_not_file_is_refused(lin: Officer) -> None:
    case = taken(lin)
    assert browser(lin).post(f"/cases/{case.number}/file/", {"number": "1"}).status_code == 403


def test_a_case_is_handed_down_and_its_new_unit_sees_it(
    lin: Officer, zhao: Officer, wu: Officer
) -> None:
    case = taken(lin)
    assert browser(wu).get(f"/cases/{case.number}/").status_code == 404
    answer = browser(zhao).post(
        f"/cases/{case.number}/assign/", {"unit": "lj.xs", "reason": "住地"}, follow=True
    )
    assert "Case handed from 岚江市反诈中心 to 西山分局" in shown(answer)
    assert browser(wu).get(f"/cases/{case.number}/").status_code == 200
    up = browser(wu).post(f"/cases/{case.number}/assign/", {"unit": "lj"}, follow=True)
    assert "below your own" in shown(up)


def test_a_restricted_case_is_gone_for_everybody_but_its_members(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    case = taken(lin)
    answer = browser(zhao).post(
        f"/cases/{case.number}/restrict/", {"reason": "涉及内部人员"}, follow=True
    )
    assert "Members only" in shown(answer)
    assert browser(liang).get(f"/cases/{case.number}/").status_code == 404
    assert browser(lin).get(f"/cases/{case.number}/").status_code == 200


def test_a_value_is_shown_for_a_reason_and_the_look_is_recorded(lin: Officer) -> None:
    case = taken(lin)
    paid = stored(Payment)[0]
    address = f"/reveal/payment/{paid.public_id}/to_account/"
    page = browser(lin)
    assert "Why do you need it?" in shown(page.get(address))
    assert page.post(address, {"reason": " "}, headers=HTMX).status_code == 409
    answer = shown(page.post(address, {"reason": "回拨核对"}, headers=HTMX))
    assert MULE in answer
    assert "data-mask-again" in answer
    entry = stored(Entry, action="entities.reveal")[-1]
    assert (entry.case_id, entry.ground_reason, entry.facts["tail"]) == (
        case.pk, "回拨核对", "0128",
    )  # fmt: skip


def test_a_name_that_was_revealed_is_not_in_the_log(lin: Officer) -> None:
    case = taken(lin)
    page = browser(lin)
    answer = page.post(f"/reveal/case/{case.number}/victim_name/", {"reason": "核对"}, headers=HTMX)
    assert "周敏" in shown(answer)
    entry = stored(Entry, action="entities.reveal")[-1]
    assert "周敏" not in f"{entry.object_id}{entry.facts}"


def test_nothing_else_can_be_revealed(lin: Officer, wu: Officer) -> None:
    case = taken(lin)
    page = browser(lin)
    assert page.get(f"/reveal/case/{case.number}/search_text/").status_code == 404
    assert page.get("/reveal/officer/lin/password/").status_code == 404
    other = browser(wu).post(f"/reveal/case/{case.number}/victim_name/", {"reason": "好奇"})
    assert other.status_code == 404


def test_told_words_keep_their_sense_without_numbers_and_names() -> None:
    text = masks.told(STORY, NOON, ["周敏", "贾某"])
    assert text == "我是周**，电话 112****0001，11:30 转 482,300 元到 6299 **** **** 0128 贾**"


def test_the_list_shows_cases_in_scope_by_page(lin: Officer, wu: Officer) -> None:
    case = taken(lin)
    page = shown(browser(lin).get("/cases/"))
    assert case.number in page
    assert "周**" in page
    assert case.number not in shown(browser(wu).get("/cases/"))
    assert case.number not in shown(browser(lin).get("/cases/?state=filed"))


def test_a_case_of_another_unit_is_not_named_in_its_refusal(wu: Officer, lin: Officer) -> None:
    case = taken(lin)
    answer = browser(wu).get(f"/cases/{case.number}/")
    assert answer.status_code == 404
    assert "There is no case" in shown(answer)


def test_filing_a_case_twice_stays_a_sentence(lin: Officer, liang: Officer) -> None:
    case = taken(lin)
    with acting_for(liang):
        cases.file_case(liang, case, "1号", at=NOON, ground=DUTY)
    answer = browser(liang).post(f"/cases/{case.number}/file/", {"number": "2号"}, follow=True)
    assert "cannot do this" in shown(answer)
