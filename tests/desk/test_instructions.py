from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.core import clock
from fanzha.desk import masks
from fanzha.identity.acting import acting_for, system_scope
from fanzha.institutions.models import Institution
from fanzha.instructions import actions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Move
from tests.build import MULE, bank, case, draft
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

GARBAGE = b"<<<not xml 6299011234567890128 at all"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


def stop(by: Officer, approver: Officer | None = None) -> Instruction:
    bank()
    opened = case(by)
    with acting_for(by):
        package = actions.draft(by, opened, [draft()], at=NOON, ground=DUTY)[0]
    if approver is not None:
        with acting_for(approver):
            actions.approve(approver, package, at=NOON, ground=DUTY)
        with system_scope("test") as system:
            actions.send(system, stop_now(), at=NOON, ground=DUTY)
    return stop_now()


def stop_now() -> Instruction:
    with system_scope("test"):
        return Instruction.objects.select_related("case", "package").get()


def answered(code: str, move: Move) -> None:
    with system_scope("test") as system:
        actions.record_reply(
            system, stop_now(), Answer(move, code, "", balance_fen=5_000), message_id=1,
            at=NOON, ground=DUTY,
        )  # fmt: skip


def received(content: bytes) -> Message:
    with system_scope("test") as system:
        end = FrontEnd.objects.get()
        gateway.keep_received(system, end, [Item(1, content)], at=NOON, ground=DUTY)
        message = Message.objects.get(outgoing=False)
        gateway.note_read(
            system, message, state="unknown", tx_code="", application_id="", case_id=None,
            note="is no message", at=NOON, ground=Ground("message", "1"),
        )  # fmt: skip
        return message


def test_the_page_shows_state_clocks_paper_and_the_message_masked(
    lin: Officer, zhao: Officer
) -> None:
    it = stop(lin, zhao)
    page = shown(browser(lin).get(f"/instructions/{it.public_id}/"))
    assert "紧急止付申请表" in page
    assert "100101" in page
    assert "then call the bank" in page
    assert "&lt;AccountNumber&gt;6299***********0128&lt;" in page
    assert MULE not in page
    assert "贾某" not in page


def test_every_move_stands_in_the_line_with_who_made_it(lin: Officer, zhao: Officer) -> None:
    it = stop(lin, zhao)
    page = shown(browser(lin).get(f"/instructions/{it.public_id}/"))
    where = [
        page.index(word) for word in ("林** 岚江市反诈中心", "赵** 岚江市反诈中心", "by itself")
    ]
    assert where == sorted(where)


def test_an_unknown_code_is_shown_as_such_with_what_to_do(lin: Officer, zhao: Officer) -> None:
    it = stop(lin, zhao)
    answered("7777", Move.PUZZLE)
    page = shown(browser(lin).get(f"/instructions/{it.public_id}/"))
    assert "The bank answered 7777, which no table knows" in page
    assert "Treat the account as not held" in page


def test_a_known_code_has_its_label_and_advice(lin: Officer, zhao: Officer) -> None:
    it = stop(lin, zhao)
    answered("0301", Move.FAIL)
    page = shown(browser(lin).get(f"/instructions/{it.public_id}/"))
    assert "Name does not match the account" in page
    assert "never sent unchanged" in page


def test_what_has_not_gone_out_can_be_withdrawn_with_a_reason(lin: Officer) -> None:
    it = stop(lin)
    page = browser(lin)
    assert "Withdraw: it does not go out" in shown(page.get(f"/instructions/{it.public_id}/"))
    bare = page.post(f"/instructions/{it.public_id}/withdraw/", {"reason": ""})
    assert bare.status_code == 409
    page.post(f"/instructions/{it.public_id}/withdraw/", {"reason": "重复"})
    assert stop_now().state == "withdrawn"


def test_what_is_sent_has_no_button_to_withdraw_it(lin: Officer, zhao: Officer) -> None:
    it = stop(lin, zhao)
    page = browser(lin)
    assert "Withdraw: it does not go out" not in shown(page.get(f"/instructions/{it.public_id}/"))
    refused = page.post(f"/instructions/{it.public_id}/withdraw/", {"reason": "太晚"})
    assert refused.status_code == 409
    assert stop_now().state == "sent"


def test_the_list_is_read_page_by_page_in_both_directions(
    lin: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fanzha.desk.views.instructions.PER_PAGE", 2)
    bank()
    opened = case(lin)
    wanted = [draft(account=f"629901000000000000{number}") for number in range(3)]
    with acting_for(lin):
        (package,) = actions.draft(lin, opened, wanted, at=NOON, ground=DUTY)
        first, second, third = package.instructions.order_by("id")
    page = browser(lin)
    newest = page.get("/instructions/")
    assert third.public_id in shown(newest)
    assert first.public_id not in shown(newest)
    assert f"?before={second.pk}" in newest.content.decode()
    older = page.get(f"/instructions/?before={second.pk}")
    assert first.public_id in shown(older)
    assert f"?after={first.pk}" in older.content.decode()
    back = page.get(f"/instructions/?after={first.pk}")
    assert shown(back).count(third.public_id) == shown(newest).count(third.public_id) > 0
    assert page.get("/instructions/?before=x&after=99999999999999999999").status_code == 200


def test_the_list_filters_by_where_they_stand(lin: Officer, wu: Officer) -> None:
    it = stop(lin)
    page = browser(lin)
    assert it.public_id in shown(page.get("/instructions/?group=open"))
    assert it.public_id not in shown(page.get("/instructions/?group=holding"))
    assert it.public_id not in shown(browser(wu).get("/instructions/"))
    assert browser(wu).get(f"/instructions/{it.public_id}/").status_code == 404


def test_garbage_is_listed_with_its_reason_and_without_numbers(zhao: Officer) -> None:
    bank()
    message = received(GARBAGE)
    page = browser(zhao)
    seen = shown(page.get("/unknown/"))
    assert "The message is no XML: line 1, column 1." in seen
    assert "报文不是 XML：第 1 行第 1 列。" in shown(browser(zhao, "zh-hans").get("/unknown/"))
    assert "6299***********0128" in seen
    assert MULE not in seen
    assert "Write why" in shown(page.post(f"/unknown/{message.pk}/dismiss/", follow=True))
    page.post(f"/unknown/{message.pk}/dismiss/", {"reason": "对方测试报文"})
    kept = stored(Message, outgoing=False)[0]
    assert (kept.state, kept.note, bytes(kept.content)) == ("handled", "对方测试报文", GARBAGE)


def test_names_numbers_and_papers_are_masked_in_both_encodings() -> None:
    xml = (
        "<Body><AccountName>贾大明</AccountName><AccountNumber>6299011234567890128</AccountNumber>"
        "<BankName>江岚银行</BankName><TransferTime>20260318113000</TransferTime>"
        f"<Content>{'A' * 500}</Content></Body>"
    )
    for encoding in ("utf-8", "gb18030"):
        shown_text = masks.message(xml.encode(encoding))
        assert "<AccountName>贾**</AccountName>" in shown_text
        assert "6299***********0128" in shown_text
        assert "<BankName>江岚银行</BankName><TransferTime>20260318113000</" in shown_text
        assert "<Content>[500]</Content>" in shown_text


def test_institutions_say_whether_they_answer(lin: Officer) -> None:
    bank()
    with system_scope("test") as system:
        end = FrontEnd.objects.get()
        gateway.note_health(system, end, "connection refused", at=NOON, ground=DUTY)
    page = shown(browser(lin).get("/institutions/"))
    assert "Silent" in page
    assert "connection refused" in page
    assert "Register an institution" not in page


def test_an_administrator_registers_an_institution(admin: Officer) -> None:
    form = {
        "code": "990100000009", "name": "渡口支付", "kind": "payment_firm",
        "card_prefixes": "9900 990012", "url": "http://127.0.0.1:9", "token": "t",
        "poll_seconds": "2",
    }  # fmt: skip
    page = browser(admin)
    assert "is registered" in shown(page.post("/institutions/", form, follow=True))
    made = Institution.objects.get(code="990100000009")
    assert made.card_prefixes == ["9900", "990012"]
    bad = page.post("/institutions/", form | {"card_prefixes": "99x"})
    assert bad.status_code == 422
    assert "cannot be used" in shown(bad)


def test_others_cannot_register_one(lin: Officer) -> None:
    browser(lin).post("/institutions/", {"code": "1", "name": "x", "kind": "bank"})
    assert not Institution.objects.exists()


def test_what_no_table_knows_in_an_answer_is_named_on_the_page(lin: Officer, zhao: Officer) -> None:
    it = stop(lin, zhao)
    answer = f"""<Response><Head><TxCode>100102</TxCode></Head><Body>
    <ApplicationID>{it.application_id}</ApplicationID><Result>0000</Result>
    <Novelty>6299011234567890128</Novelty></Body></Response>"""
    with system_scope("test") as system:
        end = FrontEnd.objects.get()
        gateway.keep_received(system, end, [Item(1, answer.encode())], at=NOON, ground=DUTY)
        gateway.note_read(
            system, Message.objects.get(outgoing=False), state="handled", tx_code="100102",
            application_id=it.application_id, case_id=it.case_id, note="", at=NOON, ground=DUTY,
        )  # fmt: skip
    page = shown(browser(lin).get(f"/instructions/{it.public_id}/"))
    assert "No table knows: Novelty" in page
    assert MULE not in page
