from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.core import clock
from fanzha.desk.forms import marks
from fanzha.desk.forms.card import Card
from fanzha.desk.forms.suggest import Bank, suggest
from fanzha.identity.acting import acting_for
from fanzha.instructions.models import Instruction
from fanzha.intake.models import Payment, Report
from tests.build import MULE, OTHER_MULE, bank
from tests.cast import NOON
from tests.desk.browser import HTMX, browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from fanzha.identity.models import Officer

TOLD = (
    "报警人李芳，本人电话 112 3390 0816。今天10:50接到 +00 121 0045 7788 的电话，自称公安局，要转到安全账户。\n"
    "11:12 手机银行转 180,000 到 6299 0112 3456 7890 128，户名贾某，江岚银行。\n"
    "11:19 又转 206,000 到 6299 0198 7654 3210 981。对方还在线，让她不要挂电话。"
)
BANKS = [Bank("990100000001", "江岚银行", "bank")]
PREFIXES = {"629901": "江岚银行"}


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def desk(lin: Officer) -> Client:
    return browser(lin)


def form(**changes: Any) -> dict[str, Any]:
    given = {
        "form_token": "4a6f", "ongoing": "no", "door": "110", "told": "冒充领导要求转账",
        "victim_name": "李芳", "victim_phone": "11233900816", "fraud_type": "AG",
        "p1-amount": "180,000", "p1-time": "11:12", "p1-kind": "bank",
        "p1-to_account": "6299 0112 3456 7890 128", "p1-to_name": "贾某",
    }  # fmt: skip
    return given | changes


def filled(told: str = TOLD, **posted: str) -> Card:
    card = Card.read({"told": told, **posted})
    card.fill(suggest(card.told, NOON, banks=BANKS, prefixes=PREFIXES))
    return card


def test_the_card_fills_itself_from_the_text() -> None:
    card = filled()
    first, second, blank = card.rows
    assert card.cells["victim_name"].value == "李芳"
    assert card.cells["victim_phone"].value == "11233900816"
    assert first.cells["amount"].value == "180,000.00"
    assert first.cells["time"].value == "2026-03-18 11:12"
    assert first.cells["to_account"].value == MULE
    assert first.cells["to_name"].value == "贾某"
    assert first.cells["to_institution"].value == "990100000001"
    assert second.cells["to_account"].value == OTHER_MULE
    assert blank.empty
    assert card.suggested is not None
    assert ("phone", "+0012100457788") in card.suggested.mentions


def test_a_company_is_read_as_the_holder_and_a_vague_word_is_not() -> None:
    card = filled(f"转 5万 到 {MULE}，户名岚新商贸有限公司。再转 6万 到 {OTHER_MULE}，户名不详。")
    first, second, _blank = card.rows
    assert first.cells["to_name"].value == "岚新商贸有限公司"
    assert second.cells["to_name"].value == ""


def test_what_a_person_wrote_is_never_overwritten() -> None:
    first = filled()
    posted = {cell.name: cell.value for row in first.rows for cell in row.cells.values()}
    posted |= {
        f"{cell.name}.was": cell.was
        for row in first.rows
        for cell in row.cells.values()
        if cell.was is not None
    }
    again = filled(
        TOLD.replace("206,000", "216,000"),
        **posted | {"p1-to_name": "贾大", "p2-time": ""},
    )
    assert again.rows[0].cells["to_name"].value == "贾大"
    assert again.rows[0].cells["to_name"].own
    assert again.rows[1].cells["amount"].value == "216,000.00"
    assert again.rows[1].cells["time"].value == ""


def test_a_suggestion_that_the_text_no_longer_carries_goes() -> None:
    first = filled()
    posted = {}
    for row in first.rows:
        for cell in row.cells.values():
            posted[cell.name] = cell.value
            if cell.was is not None:
                posted[f"{cell.name}.was"] = cell.was
    again = filled(TOLD.split("\n", maxsplit=1)[0], **posted)
    assert [row.empty for row in again.rows] == [True]


def test_a_payment_taken_out_stays_out() -> None:
    again = filled(**{"p1-drop": "1", "p1-amount": "180,000.00", "p1-to_account": MULE})
    assert again.rows[0].dropped
    assert len(again.payments(NOON)) == 1


def test_what_a_bank_needs_and_nobody_said_is_asked_first() -> None:
    second = filled().rows[1]
    assert second.cells["to_name"].doubt == 3
    assert second.cells["to_name"].ask


def test_the_pieces_joined_are_the_text_sign_for_sign() -> None:
    text = "  ３万元转到 6299 0112 3456 7890 128\n户名贾某😀，再转5000元"
    pieces = marks.cut(text, suggest(text, NOON, banks=BANKS, prefixes=PREFIXES).spans)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.kind for piece in pieces if piece.kind] == [
        "amount",
        "account",
        "holder",
        "amount",
    ]


def test_marks_come_back_with_the_card_and_nothing_is_written(desk: Client) -> None:
    bank()
    answer = desk.post("/intake/marks/", {"told": TOLD}, headers=HTMX)
    page = shown(answer)
    assert answer.status_code == 200
    assert '<mark class="ik-mark">180,000</mark>' in page
    assert 'value="180,000.00"' in page
    assert "Will be drafted: stops 1, queries 1" in page
    assert "In whose name? The bank checks it first." in page
    assert not stored(Report)


def test_one_button_takes_the_report_and_drafts_stop_and_query(desk: Client) -> None:
    bank()
    answer = desk.post("/intake/", form(), follow=True)
    report = stored(Report)[0]
    assert answer.redirect_chain[-1][0].startswith("/cases/LJ26-")
    assert "1 stops over 180,000.00 yuan and 1 queries wait for approval" in shown(answer)
    assert sorted(each.kind for each in stored(Instruction)) == [
        "stop_payment", "transaction_query",
    ]  # fmt: skip
    assert stored(Payment)[0].paid_at == NOON.replace(hour=11, minute=12)
    assert report.victim_phone == "11233900816"


def test_a_browser_that_posts_twice_gets_the_same_case(desk: Client) -> None:
    bank()
    first = desk.post("/intake/", form())
    second = desk.post("/intake/", form())
    assert first["location"] == second["location"]
    assert len(stored(Report)) == 1
    assert len(stored(Instruction)) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"p1-amount": "-5"}, "-5.00 is not possible"),
        ({"p1-amount": "很多钱"}, "is not an amount in yuan"),
        ({"p1-amount": "99999999999999"}, "is not possible"),
        ({"p1-amount": ""}, "Write the amount"),
        ({"p1-time": "2026-03-19 11:12"}, "lies in the future"),
        ({"p1-time": "gestern"}, "Write the time as"),
        ({"p1-to_account": "贾老板"}, "An account is a number"),
        ({"ongoing": ""}, "Ask this first"),
        ({"door": "window"}, "is not one of the choices"),
    ],
)
def test_bad_input_comes_back_with_all_text_kept(
    desk: Client, changes: dict[str, str], sentence: str
) -> None:
    bank()
    answer = desk.post("/intake/", form(**changes))
    page = shown(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert "冒充领导要求转账" in page
    assert 'value="贾某"' in page
    assert not stored(Report)


def test_a_type_that_is_not_clear_yet_does_not_hold_up_the_stop(desk: Client) -> None:
    bank()
    desk.post("/intake/", form(fraud_type=""))
    assert stored(Report)[0].fraud_type == "AL"
    assert len(stored(Instruction)) == 2


def test_an_amount_may_be_typed_as_people_say_it(desk: Client) -> None:
    bank()
    desk.post("/intake/", form(**{"p1-amount": "18万"}))
    assert stored(Payment)[0].amount_fen == 18_000_000


def test_a_tail_or_a_nickname_is_kept_and_nothing_is_drafted_for_it(desk: Client) -> None:
    bank()
    told = form(**{"p1-to_account": "4410", "p1-to_hint": "微信 快乐小狗"})
    answer = desk.post("/intake/", told, follow=True)
    payment = stored(Payment)[0]
    assert (payment.to_account, payment.complete) == ("*4410", False)
    assert "the account of this payment is incomplete" in shown(answer).lower()
    assert not stored(Instruction)


def test_payments_in_the_text_but_not_on_the_card_are_shown_before_anything_is_done(
    desk: Client,
) -> None:
    bank()
    told = {"form_token": "9", "ongoing": "no", "door": "110", "told": TOLD}
    answer = desk.post("/intake/", told)
    assert answer.status_code == 422
    assert "that were not on the card yet" in shown(answer)
    assert 'value="180,000.00"' in shown(answer)


def test_an_account_that_is_already_drafted_is_said_and_not_drafted_again(desk: Client) -> None:
    bank()
    desk.post("/intake/", form())
    other = form(form_token="b", victim_name="王五", victim_phone="", **{"p1-amount": "5000"})
    seen = shown(desk.post("/intake/marks/", other, headers=HTMX))
    assert "is already under way" in seen
    assert "Other cases with this account: 1" in seen
    answer = shown(desk.post("/intake/", other, follow=True))
    assert "No stop was drafted" in answer
    assert "Not drafted for 6299 **** **** 0128" in answer
    assert len(stored(Instruction, kind="stop_payment")) == 1


def test_the_same_payment_told_twice_joins_the_case(desk: Client) -> None:
    bank()
    first = desk.post("/intake/", form())
    answer = desk.post("/intake/", form(form_token="c", door="counter"), follow=True)
    assert answer.redirect_chain[-1][0] == first["location"]
    assert "the report joined case" in shown(answer)
    assert len(stored(Payment)) == 1


def test_a_report_that_joins_another_units_case_does_not_open_it(desk: Client, wu: Officer) -> None:
    bank()
    desk.post("/intake/", form())
    western = browser(wu)
    answer = western.post("/intake/", form(form_token="d"), follow=True)
    page = shown(answer)
    assert answer.redirect_chain[-1][0] == "/intake/"
    assert "handled by 岚江市反诈中心" in page
    assert "you do not see it" in page
    again = western.post("/intake/", form(form_token="d"), follow=True)
    assert "taken already" in shown(again)
    assert len(stored(Report)) == 2


def test_cash_for_a_courier_sends_police_not_a_message(desk: Client) -> None:
    told = form(**{"p1-kind": "cash_courier", "p1-to_account": ""})
    page = shown(desk.post("/intake/marks/", told, headers=HTMX))
    assert "send police after the courier" in page
    assert "Take the report" in page


def test_the_first_question_comes_first_and_yes_says_what_to_tell(desk: Client) -> None:
    page = shown(desk.get("/intake/"))
    assert page.index("Is it still going on?") < page.index("What the caller says")
    assert "Tell the caller now: hang up" in page
    assert "Protective step by phone" in page


def test_who_may_not_take_reports_is_refused(liang: Officer) -> None:
    assert browser(liang).get("/intake/").status_code == 403


def test_nobody_else_sees_the_report(desk: Client, wu: Officer) -> None:
    bank()
    where = desk.post("/intake/", form())["location"]
    assert browser(wu).get(where).status_code == 404
    with acting_for(wu):
        assert not Report.objects.exists()


def test_late_times_of_today_are_asked_for_with_their_day(desk: Client) -> None:
    later = f"{NOON + timedelta(hours=3):%H:%M}"
    assert "still to come today" in shown(desk.post("/intake/", form(**{"p1-time": later})))


def test_without_scripts_the_marks_come_as_a_whole_page(desk: Client) -> None:
    bank()
    page = shown(desk.post("/intake/marks/", form(told=TOLD)))
    assert "<title>Intake" in page
    assert '<mark class="ik-mark">206,000</mark>' in page


def test_a_taken_report_tells_the_browser_that_its_draft_is_done(desk: Client) -> None:
    bank()
    answer = desk.post("/intake/", form(form_token="t-1"))
    assert answer.cookies["fanzha_taken"].value == "t-1"
