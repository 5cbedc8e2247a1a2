"""Writes of intake: taking a report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from fanzha.core.ids import new_public_id
from fanzha.identity.acting import action, record
from fanzha.intake import rules
from fanzha.intake.models import Payment, PaymentSource, Report

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.intake.rules import ToldPayment, ToldReport


@dataclass(frozen=True)
class Taken:
    """What a report became: its new payments, and those that another report told before."""

    report: Report
    new: tuple[Payment, ...]
    known: tuple[Payment, ...]


@action("report.file")
def file_report(
    by: Officer,
    told: ToldReport,
    *,
    case_id: int,
    matches: dict[int, int],
    at: datetime,
    ground: Ground,
) -> Taken:
    """Take a report into its case; `matches` maps told payments to known ones (queries.matches)."""
    rules.check(told, at)
    report = Report.objects.create(
        public_id=new_public_id("R", settings.ORGANISATION),
        form_token=told.form_token,
        door=told.door,
        reported_at=at,
        told=told.told,
        ongoing=told.ongoing,
        victim_name=told.victim_name,
        victim_phone=told.victim_phone,
        victim_id_number=told.victim_id_number,
        fraud_type=told.fraud_type,
        fraud_reason=told.fraud_reason,
        taken_by_id=by.pk,
        case_id=case_id,
        unit_path=by.unit.path,
    )
    new, known = [], []
    for index, payment in enumerate(told.payments):
        if index in matches:
            row = Payment.objects.get(pk=matches[index])
            _complete(row, payment)
            known.append(row)
        else:
            row = _new_payment(payment, case_id=case_id, unit_path=by.unit.path)
            new.append(row)
        PaymentSource.objects.create(
            payment=row, report=report, as_told=_as_told(payment), case_id=case_id,
            unit_path=by.unit.path,
        )  # fmt: skip
    record(
        "report", report.public_id, case_id=case_id, door=told.door, ongoing=told.ongoing,
        payments=len(told.payments), known_before=len(known),
        paid_fen=sum(payment.amount_fen for payment in new),
    )  # fmt: skip
    return Taken(report, tuple(new), tuple(known))


def _new_payment(told: ToldPayment, *, case_id: int, unit_path: str) -> Payment:
    return Payment.objects.create(
        public_id=new_public_id("P", settings.ORGANISATION),
        case_id=case_id,
        complete=told.complete,
        unit_path=unit_path,
        **asdict(told),
    )


def _complete(row: Payment, told: ToldPayment) -> None:
    """A second telling fills what the first did not know; it never overwrites."""
    filled = []
    if not row.complete and told.complete:
        row.to_account, row.complete = told.to_account, True
        filled += ["to_account", "complete"]
    for name in ("paid_at", "from_account", "from_institution", "to_institution", "to_name"):
        if not getattr(row, name) and getattr(told, name):
            setattr(row, name, getattr(told, name))
            filled.append(name)
    if filled:
        row.save(update_fields=filled)


def _as_told(payment: ToldPayment) -> dict[str, object]:
    facts = asdict(payment)
    facts["paid_at"] = payment.paid_at.isoformat() if payment.paid_at else None
    return facts
