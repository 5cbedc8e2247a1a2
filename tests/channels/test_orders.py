from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta

import pytest

from fanzha.channels.bank_gateway import inquiries, orders
from fanzha.channels.bank_gateway.codec import Message, decode, encode
from fanzha.channels.bank_gateway.failures import (
    FieldTooWide,
    PaperMissing,
    PaperTooLarge,
    RequiredFieldMissing,
    UnknownFieldValue,
)
from fanzha.channels.bank_gateway.serials import new_application_id, new_serial
from tests.channels.samples import AT, ORGANISATION, TRANSFER, request_for


def stop(**changes: object) -> Message:
    request = request_for("100101", "03", **changes)
    return orders.stop_payment(request, TRANSFER, expires=AT + timedelta(hours=48))


def test_a_stop_holds_the_fields_of_the_interface_in_their_order() -> None:
    message = decode(encode(stop()))
    assert " ".join(message.body) == (
        "ApplicationID ApplicationType OriginalApplicationID CaseNumber CaseType "
        "EmergencyLevel TransferOutBankID TransferOutBankName TransferOutAccountName "
        "TransferOutAccountNumber Currency TransferAmount TransferTime BankID BankName "
        "AccountType AccountName AccountNumber Reason Remark StartTime ExpireTime "
        "ApplicationTime ApplicationOrgID ApplicationOrgName OperatorIDType OperatorIDNumber "
        "OperatorName OperatorPhoneNumber InvestigatorIDType InvestigatorIDNumber "
        "InvestigatorName Attachments"
    )
    assert message.message_from == ORGANISATION
    assert message.body["TransferAmount"] == "1750000.00"
    assert message.body["TransferTime"] == "20260302090730"
    assert message.body["ExpireTime"] == "20260304091530"
    (paper,) = message.body["Attachments"]["Attachment"]
    assert paper["Filename"].startswith("031")
    assert base64.b64decode(paper["Content"]) == b"%PDF-1.4 03"


def test_a_freeze_names_its_limit_and_a_full_freeze_none() -> None:
    request = request_for("100201", "01", "02")
    ends = AT + timedelta(days=180)
    limited = orders.freeze(request, amount_fen=123_456, starts=AT, expires=ends)
    full = orders.freeze(request, amount_fen=None, starts=AT, expires=ends)
    assert (limited.body["FreezeType"], limited.body["Balance"]) == ("01", "1234.56")
    assert (full.body["FreezeType"], full.body["Balance"]) == ("02", "")


def test_a_query_asks_for_a_period() -> None:
    request = request_for("100301")
    message = inquiries.transaction_query(request, period=(AT - timedelta(days=30), AT))
    assert message.body["InquiryPeriodStart"] == "20260131091530"
    assert message.body["SubjectType"] == "1"
    assert message.body["Attachments"] == ""


ORIGINAL = "0101" + "7" * 32


def test_a_release_names_the_request_that_it_ends_and_why() -> None:
    message = decode(encode(orders.release("100103", request_for("100103", "03"), ORIGINAL)))
    assert " ".join(message.body) == (
        "ApplicationID ApplicationType OriginalApplicationID CaseNumber CaseType EmergencyLevel "
        "BankID BankName AccountType AccountName AccountNumber Reason Remark WithdrawalRemark "
        "ApplicationTime ApplicationOrgID ApplicationOrgName OperatorIDType OperatorIDNumber "
        "OperatorName OperatorPhoneNumber InvestigatorIDType InvestigatorIDNumber "
        "InvestigatorName Attachments"
    )
    assert message.body["OriginalApplicationID"] == ORIGINAL
    assert message.body["WithdrawalRemark"] == "电信网络诈骗案件止付"
    assert message.application_id.startswith("0103")


def test_only_a_part_of_a_freeze_is_freed_when_an_amount_is_named() -> None:
    request = request_for("100203", "02")
    whole = orders.release("100203", request, ORIGINAL)
    part = orders.release("100203", request, ORIGINAL, amount_fen=20_050)
    assert (whole.body["Balance"], whole.body["Currency"]) == ("", "")
    assert (part.body["Balance"], part.body["Currency"]) == ("200.50", "CNY")


@pytest.mark.parametrize(("tx_code", "papers"), [("100105", ()), ("100205", ("02",))])
def test_an_extension_runs_from_the_old_end_to_the_new_one(
    tx_code: str, papers: tuple[str, ...]
) -> None:
    until = AT + timedelta(hours=48)
    message = orders.extension(
        tx_code, request_for(tx_code, *papers), ORIGINAL, starts=AT, expires=until
    )
    assert message.body["PostponeStartTime"] == "20260302091530"
    assert message.body["ExpireTime"] == "20260304091530"
    assert message.body["ExtendRemark"] == "电信网络诈骗案件止付"
    assert ("Attachments" in message.body) == bool(papers)


def test_a_freeze_is_released_and_renewed_only_with_its_paper() -> None:
    with pytest.raises(PaperMissing, match="冻结文书"):
        orders.release("100203", request_for("100203"), ORIGINAL)
    with pytest.raises(PaperMissing, match="冻结文书"):
        orders.extension("100205", request_for("100205"), ORIGINAL, starts=AT, expires=AT)


@pytest.mark.parametrize("tx_code", ["100103", "100203"])
def test_a_release_needs_its_reason_and_the_original_request(tx_code: str) -> None:
    papers = ("02",) if tx_code == "100203" else ()
    with pytest.raises(RequiredFieldMissing, match=r"WithdrawalRemark|Reason"):
        orders.release(tx_code, request_for(tx_code, *papers, reason=" "), ORIGINAL)
    with pytest.raises(RequiredFieldMissing, match="OriginalApplicationID"):
        orders.release(tx_code, request_for(tx_code, *papers), "")


@pytest.mark.parametrize("field", ["Reason", "CaseNumber", "AccountName", "InvestigatorIDNumber"])
def test_a_required_field_must_not_be_empty(field: str) -> None:
    request = request_for("100101")
    changes: dict[str, object] = {
        "Reason": {"reason": " \x0b"},
        "CaseNumber": {"case": orders.CaseRef("")},
        "AccountName": {"target": replace(request.target, account_name="")},
        "InvestigatorIDNumber": {
            "applicant": replace(request.applicant, investigator=orders.Person("赵柯", ""))
        },
    }[field]  # type: ignore[assignment]  # one shape per field
    with pytest.raises(RequiredFieldMissing) as refusal:
        stop(**changes)
    assert refusal.value.facts == {"tx_code": "100101", "field": field}


def test_a_later_filed_stop_needs_the_original_request() -> None:
    with pytest.raises(RequiredFieldMissing, match="OriginalApplicationID"):
        orders.stop_payment(
            request_for("100101", "03"), TRANSFER, expires=AT, application_type="02"
        )


def test_values_that_do_not_fit_are_refused() -> None:
    target = request_for("100101").target
    with pytest.raises(FieldTooWide, match="AccountNumber"):
        stop(target=replace(target, account_number="6" * 31))
    with pytest.raises(UnknownFieldValue, match="AccountType"):
        stop(target=replace(target, account_type="07"))


def test_papers_must_be_there_and_fit() -> None:
    with pytest.raises(PaperMissing, match="止付申请表"):
        stop(attachments=())
    with pytest.raises(PaperTooLarge):
        stop(attachments=(orders.Attachment("03", b"x" * (1024 * 1024 + 1)),))
    with pytest.raises(PaperMissing, match="冻结文书"):
        orders.freeze(request_for("100201", "01"), amount_fen=1, starts=AT, expires=AT)


def test_serials_have_the_width_of_the_interface_and_differ() -> None:
    serials = {new_serial(ORGANISATION, AT) for _ in range(200)}
    assert len(serials) == 200
    assert {len(serial) for serial in serials} == {53}
    application = new_application_id("100101", AT)
    assert len(application) == 36
    assert application.startswith("010120260302091530")
    with pytest.raises(ValueError, match="organisation"):
        new_serial("99", AT)
