"""What tests build: a bank with a front-end, a told report, a case, drafts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.cases import actions as cases
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.identity.acting import acting_for, system_scope
from fanzha.institutions import actions as institutions
from fanzha.instructions import actions as instructions
from fanzha.instructions.drafts import Draft
from fanzha.instructions.rules import Kind
from fanzha.intake.rules import ToldPayment, ToldReport
from tests.cast import DUTY, NOON

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package

BANK = "990100000001"
MULE = "6299011234567890128"
OTHER_MULE = "6299019876543210981"


def bank(code: str = BANK, name: str = "江岚银行", url: str = "http://127.0.0.1:9") -> None:
    """Register a bank whose front-end nobody serves, unless `url` says where one runs."""
    with system_scope("test") as system:
        institutions.register(
            system, code=code, name=name, card_prefixes=["629901"], at=NOON, ground=DUTY
        )
        gateway.connect(
            system, institution_code=code, url=url, token="t", poll_seconds=0.1,
            at=NOON, ground=DUTY,
        )  # fmt: skip


def payment(amount_fen: int = 48_230_000, to: str = MULE, **changes: Any) -> ToldPayment:
    """A complete payment half an hour before noon."""
    facts: dict[str, Any] = {
        "amount_fen": amount_fen,
        "paid_at": NOON - timedelta(minutes=30),
        "from_account": "6299020000000000002",
        "to_account": to,
        "to_name": "贾某",
    }
    return ToldPayment(**facts | changes)


def report(*payments: ToldPayment, **changes: Any) -> ToldReport:
    """A report through 110 with these payments."""
    facts: dict[str, Any] = {
        "form_token": f"token-{len(payments)}-{changes.get('victim_name', 'a')}",
        "door": "110",
        "told": "冒充领导要求转账",
        "ongoing": "no",
        "victim_name": "周敏",
        "victim_phone": "11200000001",
        "fraud_type": "AG",
        "payments": payments,
    }
    return ToldReport(**facts | changes)


def case(by: Officer) -> Case:
    """A case opened by the officer."""
    with acting_for(by):
        return cases.open_case(
            by, fraud_type="AG", victim_name="周敏", search_text="周敏", at=NOON, ground=DUTY
        )


def filed_case(by: Officer, head: Officer) -> Case:
    """A case of the officer that the head has filed, with a bank to ask."""
    bank()
    opened = case(by)
    with acting_for(head):
        cases.file_case(head, opened, "岚公立字〔2026〕9号", at=NOON, ground=DUTY)
    return opened


def draft(kind: Kind = Kind.STOP, account: str = MULE, **changes: Any) -> Draft:
    """A draft that nothing forbids, except a freeze before filing."""
    facts: dict[str, Any] = {
        "kind": kind,
        "account": account,
        "account_name": "贾某",
        "institution_code": BANK,
        "institution_name": "江岚银行",
        "reason": "test",
        "transfer_fen": 48_230_000,
        "transfer_at": NOON - timedelta(minutes=30),
        "out_account": "6299020000000000002",
    }
    if kind == Kind.FREEZE:
        facts |= {"amount_fen": 48_230_000, "traced_fen": 48_230_000}
    return Draft(**facts | changes)


def drafted(by: Officer, *wanted: Draft) -> Package:
    """The officer's package of these drafts (one stop unless told), on a new case."""
    opened = case(by)
    with acting_for(by):
        return instructions.draft(by, opened, wanted or [draft()], at=NOON, ground=DUTY)[0]
