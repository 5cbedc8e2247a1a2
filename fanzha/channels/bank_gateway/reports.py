"""What banks report of themselves: 100401 and 100403 to 100405, and our answer. Nothing raises."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway.codec import Message, text_of
from fanzha.channels.bank_gateway.holdings import records
from fanzha.channels.bank_gateway.profile import load
from fanzha.channels.bank_gateway.replies import View

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.channels.bank_gateway.orders import Envelope

CASE_REPORT = "100401"
CODES = frozenset({CASE_REPORT, "100403", "100404", "100405"})


@dataclass(frozen=True)
class Side:
    """One end of a reported transfer."""

    bank: str
    name: str
    account: str


@dataclass(frozen=True)
class Transfer:
    """One reported transfer; `stopped` None where the bank does not say."""

    at: datetime | None
    amount_fen: int | None
    out: Side
    into: Side
    stopped: bool | None


@dataclass(frozen=True)
class Report:
    """Whom and what a bank reports; `person` is the victim, or who holds suspicious accounts."""

    tx_code: str
    feature: str
    supplement: bool
    bank: str
    person: str
    phone: str
    id_number: str
    story: str
    transfers: tuple[Transfer, ...]
    accounts: tuple[str, ...]


def is_report(tx_code: str) -> bool:
    """Whether a bank speaks first in this message, of either series."""
    return load().base_code(tx_code) in CODES


def read_report(message: Message) -> Report:
    """View a report, however its lists are wrapped."""
    view = View(message.body)
    told = load().base_code(message.tx_code)
    accounts = (
        text_of(each, "CardNumber") or text_of(each, "AccountNumber").partition("_")[0]
        for name in ("Card", "Accounts")
        for each in records(message.body, name)
    )
    return Report(
        tx_code=told,
        feature=view.text("FeatureCode"),
        supplement=told == CASE_REPORT and view.text("ApplicationType") == "02",
        bank=view.text("ReportOrgName") or view.text("BankName") or view.text("FeedbackOrgName"),
        person=view.text("VictimName") or view.text("IDName"),
        phone=view.text("VictimPhoneNumber") or view.text("TelNumber"),
        id_number=view.text("VictimIDNumber") or view.text("IDNumber"),
        story=view.text("AccidentDescription"),
        transfers=tuple(
            _transfer(each)
            for part in records(message.body, "TransactionList")
            for each in records(part, "Transaction")
        ),
        accounts=tuple(dict.fromkeys(filter(None, accounts))),
    )


def answer_to(envelope: Envelope, remark: str, organisation: str) -> Message:
    """100402: what became of a case report."""
    body = {
        "ApplicationID": envelope.application_id,
        "Result": "0000",
        "FeedbackRemark": remark,
        "FeedbackOrgName": organisation,
    }
    return Message("100402", envelope.serial, message_from=envelope.message_from, body=body)


def _transfer(record: dict[str, Any]) -> Transfer:
    view = View(record)
    return Transfer(
        at=view.time("Time"),
        amount_fen=view.amount("TransferAmount", view.text("Currency")),
        out=_side(record.get("TransferOut")),
        into=_side(record.get("TransferIn")),
        stopped={"0": True, "1": False}.get(view.text("IsCeased")),
    )


def _side(record: object) -> Side:
    told = record if isinstance(record, dict) else {}
    return Side(*(text_of(told, name) for name in ("BankID", "AccountName", "AccountNumber")))
