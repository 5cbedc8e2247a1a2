"""Our messages to banks: stop, freeze, and what releases or extends a hold. Pure.

A required field that is empty, a value too wide for the wire, an unknown code or a missing paper
is a named Refusal; nothing is cut or guessed in silence.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway.codec import Message, clean
from fanzha.channels.bank_gateway.failures import (
    FieldTooWide,
    PaperMissing,
    PaperTooLarge,
    RequiredFieldMissing,
    UnknownFieldValue,
)
from fanzha.channels.bank_gateway.profile import Field, Profile, load
from fanzha.core.clock import to_wire
from fanzha.core.money import plain_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

ATTACHMENT_MAX_BYTES = 1024 * 1024
PAPER_POLICE_ID, PAPER_FREEZE, PAPER_STOP_FORM, PAPER_ID_CARD = "01", "02", "03", "04"
LIMIT_FREEZE, FULL_FREEZE = "01", "02"
URGENT, NORMAL = "02", "01"
PERSONAL, CORPORATE = "01", "02"


@dataclass(frozen=True)
class Envelope:
    """Who sends, under which numbers: MessageFrom, TransSerialNumber, ApplicationID."""

    message_from: str
    serial: str
    application_id: str


@dataclass(frozen=True)
class Person:
    """An officer as messages name one; ID type 01 is the ID card."""

    name: str
    id_number: str
    phone: str = ""
    id_type: str = "01"


@dataclass(frozen=True)
class Applicant:
    """Block APP: when and who asks; two officers, the operator (经办人) and the investigator."""

    at: datetime
    organisation_id: str
    organisation_name: str
    operator: Person
    investigator: Person


@dataclass(frozen=True)
class CaseRef:
    """Block CASE; emergency 01 normal, 02 urgent."""

    number: str
    case_type: str = ""
    emergency: str = URGENT


@dataclass(frozen=True)
class Target:
    """The account that a message is about; type 01 personal, 02 corporate."""

    bank_id: str
    account_number: str
    account_name: str
    bank_name: str = ""
    account_type: str = PERSONAL
    id_type: str = ""
    id_number: str = ""


@dataclass(frozen=True)
class Transfer:
    """The payment on whose ground an account is stopped: out of which account, how much, when."""

    amount_fen: int
    at: datetime
    bank_id: str = ""
    bank_name: str = ""
    account_name: str = ""
    account_number: str = ""
    currency: str = "CNY"


@dataclass(frozen=True)
class Attachment:
    """A paper: kind 01 police ID, 02 freeze document, 03 stop form, 04 ID card; form 0 jpg, 1 pdf.

    Its file name on the wire is kind, form, `_`, then `title` and the ending.
    """

    kind: str
    content: bytes
    title: str = "1"
    form: str = "1"

    @property
    def filename(self) -> str:
        """Characters 1-2 tell the paper, 3 the format."""
        return f"{self.kind}{self.form}_{self.title}.{'pdf' if self.form == '1' else 'jpg'}"


@dataclass(frozen=True)
class Request:
    """What every message to a bank carries."""

    envelope: Envelope
    target: Target
    applicant: Applicant
    case: CaseRef
    reason: str
    attachments: Sequence[Attachment] = ()
    remark: str = ""


def stop_payment(
    request: Request,
    transfer: Transfer,
    *,
    expires: datetime,
    starts: datetime | None = None,
    application_type: str = "00",
    original_application_id: str = "",
    profile: Profile | None = None,
) -> Message:
    """100101: make the account receive-only. Raises the Refusals of this module."""
    body = {
        "ApplicationType": application_type,
        "OriginalApplicationID": original_application_id,
        "TransferOutBankID": transfer.bank_id,
        "TransferOutBankName": transfer.bank_name,
        "TransferOutAccountName": transfer.account_name,
        "TransferOutAccountNumber": transfer.account_number,
        "Currency": transfer.currency,
        "TransferAmount": plain_yuan(transfer.amount_fen),
        "TransferTime": to_wire(transfer.at),
        "StartTime": to_wire(starts) if starts else "",
        "ExpireTime": to_wire(expires),
    }
    return message("100101", request, body, profile)


def freeze(
    request: Request,
    *,
    amount_fen: int | None,
    starts: datetime,
    expires: datetime,
    currency: str = "CNY",
    profile: Profile | None = None,
) -> Message:
    """100201: freeze `amount_fen` (a limit freeze), or the whole account when it is None.

    Raises the Refusals of this module.
    """
    target = request.target
    body = {
        "ApplicationType": _application_type(target),
        "IDType": target.id_type,
        "IDNumber": target.id_number,
        "FreezeType": FULL_FREEZE if amount_fen is None else LIMIT_FREEZE,
        "Balance": "" if amount_fen is None else plain_yuan(amount_fen),
        "Currency": currency,
        "FreezeStartTime": to_wire(starts),
        "ExpireTime": to_wire(expires),
    }
    return message("100201", request, body, profile)


def release(
    tx_code: str,
    request: Request,
    original_application_id: str,
    *,
    amount_fen: int | None = None,
    profile: Profile | None = None,
) -> Message:
    """100103 or 100203: end a stop or a freeze, of which `request.reason` says why.

    With `amount_fen` only so much of a freeze is freed: element Balance, a decision of our profile,
    since public code shows none. Raises the Refusals of this module.
    """
    body = {
        "ApplicationType": _application_type(request.target),
        "OriginalApplicationID": original_application_id,
        "WithdrawalRemark": request.reason,
        "Balance": "" if amount_fen is None else plain_yuan(amount_fen),
        "Currency": "" if amount_fen is None else "CNY",
    }
    return message(tx_code, request, body, profile)


def extension(
    tx_code: str,
    request: Request,
    original_application_id: str,
    *,
    starts: datetime,
    expires: datetime,
    profile: Profile | None = None,
) -> Message:
    """100105 or 100205: let a stop or a freeze run on from its end `starts` until `expires`.

    Raises the Refusals of this module.
    """
    body = {
        "ApplicationType": _application_type(request.target),
        "OriginalApplicationID": original_application_id,
        "PostponeStartTime": to_wire(starts),
        "ExpireTime": to_wire(expires),
        "ExtendRemark": request.reason,
    }
    return message(tx_code, request, body, profile)


def _application_type(target: Target) -> str:
    """00 for the main account, 01 for a sub-account."""
    return "01" if "_" in target.account_number else "00"


def _applicant(applicant: Applicant) -> dict[str, str]:
    operator, investigator = applicant.operator, applicant.investigator
    return {
        "ApplicationTime": to_wire(applicant.at),
        "ApplicationOrgID": applicant.organisation_id,
        "ApplicationOrgName": applicant.organisation_name,
        "OperatorIDType": operator.id_type,
        "OperatorIDNumber": operator.id_number,
        "OperatorName": operator.name,
        "OperatorPhoneNumber": operator.phone,
        "InvestigatorIDType": investigator.id_type,
        "InvestigatorIDNumber": investigator.id_number,
        "InvestigatorName": investigator.name,
    }


def _case(case: CaseRef) -> dict[str, str]:
    return {
        "CaseNumber": case.number,
        "CaseType": case.case_type,
        "EmergencyLevel": case.emergency,
    }


def _account(target: Target) -> dict[str, str]:
    return {
        "BankID": target.bank_id,
        "BankName": target.bank_name,
        "AccountType": target.account_type,
        "AccountName": target.account_name,
        "AccountNumber": target.account_number,
    }


def message(
    tx_code: str, request: Request, own: Mapping[str, str], profile: Profile | None
) -> Message:
    """Any message: what all of them carry, and what is its `own`. Raises these Refusals."""
    chosen = profile or load()
    body = {
        "ApplicationID": request.envelope.application_id,
        "Reason": request.reason,
        "Remark": request.remark,
        **_case(request.case),
        **_account(request.target),
        **_applicant(request.applicant),
        **own,
    }
    content: dict[str, Any] = {name: clean(value) for name, value in body.items()}
    _check_papers(tx_code, request.attachments, chosen)
    content["Attachments"] = _papers(request.attachments)
    # A query carries no AccountType: it is written only where the profile lists it.
    written = {f.name: content[f.name] for f in chosen.fields_of(tx_code) if f.name in content}
    for field in chosen.fields_of(tx_code):
        _check(tx_code, field, written, chosen)
    return Message(
        tx_code=tx_code,
        serial=request.envelope.serial,
        message_from=request.envelope.message_from,
        body=written,
    )


def _papers(attachments: Sequence[Attachment]) -> Any:
    if not attachments:
        return ""
    return {
        "Attachment": [
            {"Filename": each.filename, "Content": base64.b64encode(each.content).decode("ascii")}
            for each in attachments
        ]
    }


def _check_papers(tx_code: str, attachments: Sequence[Attachment], profile: Profile) -> None:
    there = {each.kind for each in attachments}
    for paper in profile.tx_codes[tx_code].attachments:
        if paper not in there:
            zh, _en = profile.allowed("Attachment", "Paper")[paper]
            raise PaperMissing(tx_code=tx_code, paper=zh)
    for each in attachments:
        if len(each.content) > ATTACHMENT_MAX_BYTES:
            raise PaperTooLarge(
                tx_code=tx_code,
                name=each.filename,
                size=len(each.content),
                limit=ATTACHMENT_MAX_BYTES,
            )


def _check(tx_code: str, field: Field, content: Mapping[str, Any], profile: Profile) -> None:
    value = content.get(field.name, "")
    if not value:
        if _is_required(field, content):
            raise RequiredFieldMissing(tx_code=tx_code, field=field.name)
        return
    if field.width is not None and len(value) > field.width:
        raise FieldTooWide(tx_code=tx_code, field=field.name, length=len(value), width=field.width)
    allowed = profile.allowed(tx_code, field.name)
    if field.kind == "code" and allowed and value not in allowed:
        raise UnknownFieldValue(tx_code=tx_code, field=field.name, value=value)


def _is_required(field: Field, content: Mapping[str, Any]) -> bool:
    if "=" not in field.required:
        return field.required == "R"
    name, _, values = field.required.partition("=")
    return content.get(name, "") in values.split("|")
