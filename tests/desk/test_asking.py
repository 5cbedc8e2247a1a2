"""Further questions about the account of an instruction, and the answer that names its holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.audit.models import Entry
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.events import MessageReceived
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, reactions
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from tests.build import MULE, bank, case, draft
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

IDENTITY = "000000199001011234"
PHONE = "12000001234"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def stop(lin: Officer) -> Instruction:
    bank()
    opened = case(lin)
    with acting_for(lin):
        (package,) = actions.draft(lin, opened, [draft()], at=NOON, ground=DUTY)
        made: Instruction = package.instructions.select_related("case", "package").get()
    return made


@pytest.fixture
def asked(lin: Officer, liang: Officer, stop: Instruction) -> Instruction:
    """A query of the holder, drafted on the page, approved and sent."""
    browser(lin).post(ask_url(stop), {"kind": "holder_query", "reason": "查明开户人"})
    with acting_for(liang):
        found = Instruction.objects.select_related("case", "package").get(kind=Kind.HOLDER)
        actions.approve(liang, found.package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        found.refresh_from_db()
        actions.send(system, found, at=NOON, ground=DUTY)
    return found


def ask_url(of: Instruction) -> str:
    return f"/instructions/{of.public_id}/ask/"


def page_of(officer: Officer, of: Instruction, language: str = "en") -> str:
    return shown(browser(officer, language).get(f"/instructions/{of.public_id}/"))


def answer(asked: Instruction, more: str = "") -> None:
    told = f"""<Response><Head><TxCode>100304</TxCode></Head><Body>
    <ApplicationID>{asked.application_id}</ApplicationID><Result>0000</Result>
    <AccountSubjectName>贾大伟</AccountSubjectName><TelNumber>{PHONE}</TelNumber>
    <AccountCredentialNumber>{IDENTITY}</AccountCredentialNumber>
    <ArtificialPersonRep>钱小林</ArtificialPersonRep>{more}</Body></Response>"""
    with system_scope("test") as system:
        end = FrontEnd.objects.get()
        gateway.keep_received(system, end, [Item(1, told.encode())], at=NOON, ground=DUTY)
        received = Message.objects.get(outgoing=False)
    reactions.read_message(MessageReceived(received.pk))


def test_the_page_offers_each_question_with_a_sentence(lin: Officer, stop: Instruction) -> None:
    page = page_of(lin, stop)
    assert "Who opened the account: identity, phone" in page
    assert "Draft: Query of the holder" in page
    assert "起草：查询户主" in page_of(lin, stop, "zh-hans")


def test_a_question_goes_out_as_100303_without_a_period(asked: Instruction) -> None:
    (sent,) = stored(Message)
    body = decode(bytes(sent.content)).body
    assert sent.tx_code == "100303"
    assert (body["AccountNumber"], body["InquiryPeriodStart"]) == (MULE, "")


def test_the_same_question_is_not_asked_while_it_is_under_way(
    lin: Officer, stop: Instruction, asked: Instruction
) -> None:
    assert "already under way" in page_of(lin, stop)
    form = {"kind": "holder_query", "reason": "再查"}
    assert browser(lin).post(ask_url(stop), form).status_code == 409
    assert browser(lin).post(ask_url(stop), form | {"kind": "freeze"}).status_code == 409


def test_the_holder_is_shown_masked_and_in_full_only_for_a_reason(
    lin: Officer, asked: Instruction
) -> None:
    answer(asked)
    now = stored(Instruction)[-1]
    assert (now.state, now.result_code) == ("effective", "0000")
    page = page_of(lin, asked)
    assert "Who holds the account" in page
    assert "Legal representative" in page
    for hidden in ("贾大伟", "钱小林", IDENTITY, PHONE):
        assert hidden not in page
    url = f"/reveal/holder/{asked.public_id}/AccountCredentialNumber/"
    assert url in page
    before = len(stored(Entry))
    revealed = shown(browser(lin).post(url, {"reason": "核对身份"}))
    assert IDENTITY in revealed
    assert len(stored(Entry)) > before


def test_an_answer_about_another_account_names_no_holder(lin: Officer, asked: Instruction) -> None:
    answer(asked, "<AccountNumber>6299000000000000000</AccountNumber>")
    assert stored(Message)[-1].state == "unknown"
    assert "Who holds the account" not in page_of(lin, asked)
