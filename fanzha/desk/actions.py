"""What one button on a screen sets in motion across packages: each step is an action of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.cases import actions as cases
from fanzha.cases.models import Case
from fanzha.core.money import format_yuan
from fanzha.core.refusal import Refusal
from fanzha.desk.flow.result import refresh
from fanzha.entities import actions as entities
from fanzha.identity.acting import system_scope
from fanzha.identity.queries import unit_name
from fanzha.institutions import queries as institutions
from fanzha.instructions import actions as instructions
from fanzha.instructions.drafts import Draft
from fanzha.instructions.rules import Kind
from fanzha.intake import actions as intake
from fanzha.intake import queries as intake_queries
from fanzha.intake import rules as intake_rules

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package
    from fanzha.intake.models import Payment, Report
    from fanzha.intake.rules import ToldReport


@dataclass(frozen=True)
class NotDrafted:
    """A payment for which nothing was drafted, and why."""

    payment: Payment
    refusal: Refusal


@dataclass(frozen=True)
class TakenReport:
    """What the one button of the intake screen did."""

    case: Case
    report: Report
    known: tuple[Payment, ...]
    packages: tuple[Package, ...]
    not_drafted: tuple[NotDrafted, ...]
    joined: bool
    handled_by: str


def take_report(
    by: Officer, told: ToldReport, *, at: datetime, ground: Ground, draft: bool = True
) -> TakenReport:
    """File the report, open or join its case, and draft a stop and a query for every payee.

    A payment that another report already told joins its case; the report goes with it, also when
    that case belongs to another unit, whose name is then in the answer.
    """
    intake_rules.check(told, at)
    matches, known_case = intake_queries.matches(told)
    if known_case is not None:
        with system_scope("desk.join_case"):
            case = Case.objects.get(pk=known_case)
            taken = _file(by, told, case, matches, at=at, ground=ground)
            handled_by = unit_name(case.unit_path)
    else:
        case = cases.open_case(
            by, fraud_type=told.fraud_type, victim_name=told.victim_name,
            search_text=_search_words(told), at=at, ground=ground,
        )  # fmt: skip
        taken = _file(by, told, case, {}, at=at, ground=ground)
        handled_by = unit_name(case.unit_path)
    packages, refused = ((), ()) if not draft else _draft(by, case, taken.new, at=at, ground=ground)
    with system_scope("desk.retrace") as system:
        refresh(system, case.pk, ground)
    return TakenReport(
        case, taken.report, taken.known, packages, refused, known_case is not None, handled_by
    )


def _file(
    by: Officer,
    told: ToldReport,
    case: Case,
    matches: dict[int, int],
    *,
    at: datetime,
    ground: Ground,
) -> intake.Taken:
    taken = intake.file_report(by, told, case_id=case.pk, matches=matches, at=at, ground=ground)
    if matches:
        cases.add_search_words(by, case, _search_words(told), at=at, ground=ground)
    entities.note_mentions(
        by, _mentions(told), case_id=case.pk, source=taken.report.public_id, at=at, ground=ground
    )
    return taken


def _draft(
    by: Officer, case: Case, payments: tuple[Payment, ...], *, at: datetime, ground: Ground
) -> tuple[tuple[Package, ...], tuple[NotDrafted, ...]]:
    drafts: list[Draft] = []
    refused: list[NotDrafted] = []
    seen: set[str] = set()
    for payment in payments:
        if not intake_rules.payment_kinds()[payment.kind]["by_message"]:
            continue
        if payment.to_account and payment.to_account in seen:
            continue
        seen.add(payment.to_account)
        for kind in (Kind.STOP, Kind.QUERY):
            wanted = draft_for_payment(payment, kind)
            try:
                instructions.check_draft(by, case, wanted)
            except Refusal as refusal:
                refused.append(NotDrafted(payment, refusal))
                continue
            drafts.append(wanted)
    packages = instructions.draft(by, case, drafts, at=at, ground=ground) if drafts else []
    return tuple(packages), tuple(refused)


def draft_for_payment(payment: Payment, kind: Kind) -> Draft:
    """The draft that a victim's payment calls for."""
    institution = institutions.holder_of(payment.to_account)
    if institution is None and payment.to_institution:
        institution = institutions.by_code(payment.to_institution)
    return Draft(
        kind=kind,
        account=payment.to_account,
        account_name=payment.to_name,
        institution_code=institution.code if institution else "",
        institution_name=institution.name if institution else "",
        reason=f"被害人转账 {format_yuan(payment.amount_fen)} 元至该账户",
        payment_id=payment.pk,
        out_account=payment.from_account,
        transfer_fen=payment.amount_fen,
        transfer_at=payment.paid_at,
    )


def _search_words(told: ToldReport) -> str:
    words = [told.victim_name, told.victim_phone, told.victim_id_number, told.told]
    for payment in told.payments:
        words += [payment.to_account, payment.from_account, payment.to_name]
    return " ".join(word for word in words if word)


def _mentions(told: ToldReport) -> list[tuple[str, str, str, str]]:
    found = [(kind, value, "told", "") for kind, value in told.mentions]
    if told.victim_phone:
        found.append(("phone", told.victim_phone, "victim", told.victim_name))
    if told.victim_id_number:
        found.append(("id_number", told.victim_id_number, "victim", told.victim_name))
    for payment in told.payments:
        if payment.complete:
            found.append(("account", payment.to_account, "payee", payment.to_name))
        if payment.from_account and "*" not in payment.from_account:
            found.append(("account", payment.from_account, "payer", told.victim_name))
    return found
