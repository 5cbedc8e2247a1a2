"""Invented officers, accounts and papers from which the channel tests make messages."""

from __future__ import annotations

from datetime import datetime, timedelta

from fanzha.channels.bank_gateway.orders import (
    Applicant,
    Attachment,
    CaseRef,
    Envelope,
    Person,
    Request,
    Target,
    Transfer,
)
from fanzha.channels.bank_gateway.serials import new_application_id, new_serial
from fanzha.core.clock import ZONE

AT = datetime(2026, 3, 2, 9, 15, 30, tzinfo=ZONE)
ORGANISATION = "990199990000"
BANK = "990100000001"


def request_for(tx_code: str, *papers: str, **changes: object) -> Request:
    """Make a complete request; `papers` are attachment kinds, `changes` replace parts of it."""
    parts: dict[str, object] = {
        "envelope": Envelope(
            ORGANISATION, new_serial(ORGANISATION, AT), new_application_id(tx_code, AT)
        ),
        "target": Target(BANK, "6299010000000000011", "柏小舟", "江岚银行"),
        "applicant": Applicant(
            AT,
            ORGANISATION,
            "岚江市反诈中心",
            Person("林青", "000000199001011234", "10100000001"),
            Person("赵柯", "000000198501011234"),
        ),
        "case": CaseRef("A9901001", "冒充领导"),
        "reason": "电信网络诈骗案件止付",
        "attachments": tuple(Attachment(kind, b"%PDF-1.4 " + kind.encode()) for kind in papers),
    }
    return Request(**(parts | changes))  # type: ignore[arg-type]  # a test changes any part


TRANSFER = Transfer(175_000_000, AT - timedelta(minutes=8), account_number="6299010000000000029")
