"""Reports by banks: an inbox for the duty officer, and what becomes of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.instructions.models import Instruction, Lead
from fanzha.intake.models import Report
from tests.build import BANK, MULE, bank, case
from tests.cast import NOON
from tests.desk.browser import browser, shown, stored
from tests.desk.questions import receive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

CARD = "6299011234567890777"
PHONE = "12000001234"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    bank()
    with clock.held_at(NOON), translation.override("en"):
        yield


def case_report(serial: str = "1", number: str = "1") -> str:
    return f"""<Response><Head><TxCode>100401</TxCode><TransSerialNumber>{serial}
    </TransSerialNumber></Head><Body><ApplicationID>0401{number:0>32}</ApplicationID>
    <ApplicationType>01</ApplicationType><VictimName>周敏敏</VictimName>
    <VictimPhoneNumber>{PHONE}</VictimPhoneNumber>
    <AccidentDescription>周敏敏称被冒充客服者骗走存款，电话{PHONE}</AccidentDescription>
    <ReportOrgName>江岚银行营业部</ReportOrgName><TransactionList><Transaction>
    <Time>20260318113000</Time><Currency>CNY</Currency><TransferAmount>8000.00</TransferAmount>
    <TransferOut><AccountNumber>6299020000000000002</AccountNumber></TransferOut>
    <TransferIn><BankID>{BANK}</BankID><AccountName>贾大伟</AccountName>
    <AccountNumber>{MULE}</AccountNumber></TransferIn><IsCeased>1</IsCeased>
    </Transaction></TransactionList></Body></Response>"""


def suspicion(tx_code: str = "100403", feature: str = "1001") -> str:
    return f"""<Response><Head><TxCode>{tx_code}</TxCode></Head><Body>
    <ApplicationID>{tx_code[-4:]}{"2":0>32}</ApplicationID><FeatureCode>{feature}</FeatureCode>
    <BankID>{BANK}</BankID><BankName>江岚银行</BankName><IDName>贾大伟</IDName>
    <Cards><Card><CardNumber>{CARD}</CardNumber></Card></Cards></Body></Response>"""


def page_of(officer: Officer, language: str = "en") -> str:
    return shown(browser(officer, language).get("/leads/"))


def test_a_case_report_is_kept_once_and_shown_masked_to_the_duty_officer(lin: Officer) -> None:
    receive(case_report("1"))
    receive(case_report("2"))
    assert len(stored(Lead)) == 1
    assert {each.state for each in stored(Message)} == {"handled"}
    page = page_of(lin)
    assert "Case report by a bank" in page
    assert "8,000.00" in page
    for hidden in ("周敏敏", PHONE, MULE, "贾大伟"):
        assert hidden not in page
    assert "案件举报" in page_of(lin, "zh-hans")
    assert "A bank reports: Case report by a bank" in shown(browser(lin).get("/"))


def test_taken_as_a_report_it_opens_a_case_with_drafts_and_the_bank_is_told(lin: Officer) -> None:
    receive(case_report())
    (lead,) = stored(Lead)
    assert browser(lin).post(f"/leads/{lead.public_id}/open/").status_code == 302
    (report,) = stored(Report)
    assert (report.door, report.victim_name, report.victim_phone) == ("bank", "周敏敏", PHONE)
    assert {each.kind for each in stored(Instruction, account=MULE)} == {
        "stop_payment", "transaction_query",
    }  # fmt: skip
    (lead,) = stored(Lead)
    (received,) = stored(Message, outgoing=False)
    assert lead.case_id == received.case_id == report.case_id
    (told,) = stored(Message, outgoing=True)
    answer = decode(bytes(told.content))
    assert (answer.tx_code, answer.application_id) == ("100402", lead.application_id)
    assert (answer.body["Result"], answer.body["FeedbackRemark"]) == ("0000", "已受理")
    assert "No report waits" in page_of(lin)
    assert browser(lin).post(f"/leads/{lead.public_id}/open/").status_code == 409
    assert len(stored(Report)) == 1


@pytest.mark.parametrize(
    ("tx_code", "feature", "word"),
    [
        ("100403", "1001", "Frequent opening"),
        ("100404", "2001", "Involved account"),
        ("100405", "3006", "Many in, one out"),
    ],
)
def test_a_suspicion_is_put_to_a_case_without_an_answer(
    lin: Officer, tx_code: str, feature: str, word: str
) -> None:
    opened = case(lin)
    receive(suspicion(tx_code, feature))
    assert word in page_of(lin)
    assert CARD not in page_of(lin)
    (lead,) = stored(Lead)
    url = f"/leads/{lead.public_id}/join/"
    assert browser(lin).post(url, {"number": "LJ00-000000"}).status_code == 404
    assert browser(lin).post(url, {"number": opened.number.lower()}).status_code == 302
    assert stored(Lead)[0].case_id == opened.pk
    assert stored(Message, outgoing=True) == []


def test_settling_needs_a_reason_and_is_told_to_the_bank(lin: Officer) -> None:
    receive(case_report())
    (lead,) = stored(Lead)
    url = f"/leads/{lead.public_id}/settle/"
    assert browser(lin).post(url, {"reason": " "}).status_code == 409
    assert browser(lin).post(url, {"reason": "已由外地立案"}).status_code == 302
    (told,) = stored(Message, outgoing=True)
    assert decode(bytes(told.content)).body["FeedbackRemark"] == "经核查不予受理"
    assert (stored(Lead)[0].reason, stored(Lead)[0].case_id) == ("已由外地立案", None)


def test_who_takes_no_reports_sees_none(chen: Officer) -> None:
    receive(case_report())
    assert browser(chen).get("/leads/").status_code == 403
