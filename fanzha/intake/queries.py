"""Reads of intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.identity.acting import system_scope
from fanzha.intake import rules
from fanzha.intake.models import Payment, PaymentSource, Report
from fanzha.intake.rules import ToldPayment

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from fanzha.intake.rules import ToldReport


def reports_of_case(case_id: int) -> QuerySet[Report]:
    """The reports of a case, first one first."""
    return Report.objects.filter(case_id=case_id).order_by("reported_at")


def payments_of_case(case_id: int) -> QuerySet[Payment]:
    """The victims' payments of a case in the order in which they were made."""
    return Payment.objects.filter(case_id=case_id).order_by("paid_at", "id")


def sources_of(payment: Payment) -> QuerySet[PaymentSource]:
    """Who told of the payment."""
    return PaymentSource.objects.filter(payment=payment).select_related("report").order_by("id")


def cases_paying(account: str) -> set[int]:
    """Cases, in scope, whose victims paid into the account."""
    rows = Payment.objects.filter(to_account=account, case_id__isnull=False)
    return {case_id for case_id in rows.values_list("case_id", flat=True) if case_id is not None}


def by_form_token(token: str) -> Report | None:
    """The report that this very form already became: a browser may post twice."""
    return Report.objects.filter(form_token=token).first()


def matches(told: ToldReport) -> tuple[dict[int, int], int | None]:
    """Told payments that are known already anywhere in the city, and the case they stand in."""
    if not told.payments:
        return {}, None
    with system_scope("intake.same_payment"):
        amounts = {payment.amount_fen for payment in told.payments}
        rows = list(Payment.objects.filter(amount_fen__in=amounts, case_id__isnull=False))
        found = rules.match_payments(
            told.payments, [(row.pk, _told(row), _same_victim(row, told)) for row in rows]
        )
        cases = {row.pk: row.case_id for row in rows}
    case_ids = {cases[key] for key in found.values()}
    if len(case_ids) != 1:
        # Payments known from several cases are a matter for linking, not for silent merging.
        return {}, None
    return found, case_ids.pop()


def _told(row: Payment) -> ToldPayment:
    return ToldPayment(
        amount_fen=row.amount_fen,
        paid_at=row.paid_at,
        kind=row.kind,
        from_account=row.from_account,
        to_account=row.to_account,
        to_name=row.to_name,
    )


def _same_victim(row: Payment, told: ToldReport) -> bool:
    if not told.victim_phone and not told.victim_id_number:
        return False
    reports = Report.objects.filter(tellings__payment=row)
    return any(
        (told.victim_phone and report.victim_phone == told.victim_phone)
        or (told.victim_id_number and report.victim_id_number == told.victim_id_number)
        for report in reports
    )
