"""Reports by banks (100401, 100403 to 100405): kept until an officer says what becomes of each."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.conf import settings

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway import reports
from fanzha.channels.bank_gateway.codec import text_of
from fanzha.channels.bank_gateway.orders import Envelope
from fanzha.channels.bank_gateway.profile import load
from fanzha.channels.bank_gateway.queries import institution_behind
from fanzha.channels.bank_gateway.serials import new_serial
from fanzha.core.ids import new_public_id
from fanzha.identity.acting import action, record, root_path
from fanzha.identity.queries import unit_name
from fanzha.instructions.checks import LeadDecided, ReasonMissing
from fanzha.instructions.models import Lead

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Case
    from fanzha.channels.bank_gateway.codec import Message as Xml
    from fanzha.channels.bank_gateway.models import Message
    from fanzha.identity.acting import System
    from fanzha.identity.models import Officer

TAKEN, CLOSED = "已受理", "经核查不予受理"
"""What the bank reads about its report."""


@action("instruction.send", system=True)
def keep(by: System, message: Message, xml: Xml, *, at: datetime, ground: Ground) -> bool:
    """Keep a report; False when the same words came before."""
    told = [text_of(xml.body, name) for name in ("FromTGOrganizationId", "BankID")]
    words = f"{xml.tx_code} {xml.body}".encode()
    lead, made = Lead.objects.get_or_create(
        digest=hashlib.sha256(words).hexdigest(),
        defaults={
            "public_id": new_public_id("L", settings.ORGANISATION), "message_id": message.pk,
            "tx_code": xml.tx_code[:12], "application_id": xml.application_id[:80],
            "institution_code": institution_behind(message.front_end, told),
            "received_at": at, "unit_path": root_path(),
        },
    )  # fmt: skip
    record("lead", lead.public_id, tx_code=lead.tx_code, new=made)
    return made


@action("report.file")
def join(by: Officer, lead: Lead, case: Case, *, at: datetime, ground: Ground) -> None:
    """The report belongs to this case from now on, message and all; the bank is told."""
    _decide(by, lead, at, case_id=case.pk, reason=ground.reason)
    gateway.belong(lead.message_id, case.pk)
    _answer(lead, case.pk, TAKEN, at)
    record("lead", lead.public_id, case_id=case.pk, joined=case.number)


@action("report.file")
def settle(by: Officer, lead: Lead, *, at: datetime, ground: Ground) -> None:
    """Nothing more is done about the report: the ground's reason. The bank is told."""
    if not ground.reason.strip():
        raise ReasonMissing
    _decide(by, lead, at, case_id=None, reason=ground.reason)
    _answer(lead, None, CLOSED, at)
    record("lead", lead.public_id, settled=True)


def _decide(by: Officer, lead: Lead, at: datetime, *, case_id: int | None, reason: str) -> None:
    won = Lead.objects.filter(pk=lead.pk, decided_at=None).update(
        decided_at=at, decided_by_id=by.pk, case_id=case_id, reason=reason
    )
    if not won:
        raise LeadDecided


def _answer(lead: Lead, case_id: int | None, remark: str, at: datetime) -> None:
    """100402 to whoever sent a case report, where we know who that is; the others await none."""
    if load().base_code(lead.tx_code) != reports.CASE_REPORT or not lead.institution_code:
        return
    serial = new_serial(settings.ORGANISATION_CODE_12, at)
    envelope = Envelope(settings.ORGANISATION_CODE_12, serial, lead.application_id)
    gateway.enqueue(
        reports.answer_to(envelope, remark, unit_name(root_path())),
        institution_code=lead.institution_code, case_id=case_id, order_key=lead.public_id, at=at,
    )  # fmt: skip
