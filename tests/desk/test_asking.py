"""Further questions about the account of an instruction, and the answer that names its holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.audit.models import Entry
from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.entities.models import Mention
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind
from tests.build import MULE
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored
from tests.desk.questions import answer, ask_url, asked_on, drafted_stop, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

IDENTITY = "000000199001011234"
OTHER, CLOSED = "6299011234567890999", "6299011234567890888"
PHONE = "12000001234"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def stop(lin: Officer) -> Instruction:
    return drafted_stop(lin)


@pytest.fixture
def asked(lin: Officer, liang: Officer, stop: Instruction) -> Instruction:
    """A query of the holder, drafted on the page, approved and sent."""
    return asked_on(stop, Kind.HOLDER, lin, liang)


def tell_holder(asked: Instruction, more: str = "") -> None:
    answer(asked, "100304", f"""<AccountSubjectName>贾大伟</AccountSubjectName>
    <TelNumber>{PHONE}</TelNumber><AccountCredentialType>01</AccountCredentialType>
    <AccountCredentialNumber>{IDENTITY}</AccountCredentialNumber>
    <ArtificialPersonRep>钱小林</ArtificialPersonRep>{more}""")  # fmt: skip


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
    tell_holder(asked)
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
    tell_holder(asked, "<AccountNumber>6299000000000000000</AccountNumber>")
    assert stored(Message)[-1].state == "unknown"
    assert "Who holds the account" not in page_of(lin, asked)


def _tell_accounts(asked: Instruction) -> None:
    accounts = "".join(
        f"""<Accounts><AccountName>贾大伟</AccountName><CardNumber>{number}</CardNumber><Account>
        <AccountNumber>{number}_1</AccountNumber><AccountStatus>正常</AccountStatus>
        <Currency>CNY</Currency><AccountBalance>{balance}</AccountBalance></Account></Accounts>"""
        for number, balance in ((OTHER, "8123.45"), (CLOSED, "0.00"))
    )
    answer(asked, "100310", f"""{accounts}<Measure><CardNumber>{OTHER}</CardNumber>
    <FreezeDeptName>某市法院</FreezeDeptName><FreezeBalance>100.00</FreezeBalance>
    <Currency>CNY</Currency><FreezeType>1001</FreezeType>
    <FreezeEndTime>20261231000000</FreezeEndTime></Measure>""")  # fmt: skip


def test_all_accounts_are_asked_for_with_the_identity_that_the_bank_told(
    lin: Officer, liang: Officer, stop: Instruction, asked: Instruction
) -> None:
    tell_holder(asked)
    asked_on(stop, Kind.ACCOUNTS, lin, liang)
    body = decode(bytes(stored(Message, outgoing=True)[-1].content)).body
    assert stored(Message, outgoing=True)[-1].tx_code == "100309"
    assert (body["AccountCredentialType"], body["AccountCredentialNumber"]) == ("01", IDENTITY)
    assert body["InquiryMode"] == "02"


def test_the_accounts_found_are_masked_belong_to_the_case_and_can_be_queried(
    lin: Officer, liang: Officer, stop: Instruction
) -> None:
    found = asked_on(stop, Kind.ACCOUNTS, lin, liang)
    _tell_accounts(found)
    page = page_of(lin, found)
    assert "Court freeze · 某市法院" in page
    assert "8,123.45" in page
    assert OTHER not in page
    assert "法院冻结" in page_of(lin, found, "zh-hans")
    known = {(each.role, each.case_id) for each in stored(Mention, source=found.public_id)}
    assert known == {("same_customer", stop.case_id)}
    url = f"/reveal/found/{found.public_id}/1/"
    assert OTHER in shown(browser(lin).post(url, {"reason": "核对账号"}))
    drafted = browser(lin).post(f"/instructions/{found.public_id}/found/2/", {"reason": "追踪"})
    assert drafted.status_code == 302
    query = stored(Instruction)[-1]
    assert (query.kind, query.account, query.account_name) == (Kind.QUERY, CLOSED, "贾大伟")
    assert query.traced_fen is None
    assert "already under way" in page_of(lin, found)
    gone = browser(lin).post(f"/instructions/{found.public_id}/found/3/", {"reason": "追踪"})
    assert gone.status_code == 404
