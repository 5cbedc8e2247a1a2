"""Statements of a case: the list, one with its rejects, and one row with its original cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_account, mask_id, mask_name, mask_numbers
from fanzha.desk.forms.choices import fraud_word
from fanzha.desk.golden import golden_of
from fanzha.desk.reveals import NothingToReveal
from fanzha.desk.statements import files, words
from fanzha.desk.statements.refs import ref_of
from fanzha.desk.views.door import ground_of, needs
from fanzha.entities import actions as entities
from fanzha.identity.queries import unit_name
from fanzha.instructions import queries as orders
from fanzha.intake import queries as intake
from fanzha.movements import looks, queries

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.movements.models import Statement

MOST_REJECTS = 200
"""A page names so many; the file to keep names all."""
REJECT_HEAD = (
    gettext_noop("Row"), gettext_noop("Column"), gettext_noop("Reason"),
    gettext_noop("Original line"),
)  # fmt: skip


def head(case: Case) -> dict[str, Any]:
    """What the head of every page of a case needs."""
    payments = list(intake.payments_of_case(case.pk))
    return {
        "case": case,
        "section": "cases",
        "tab": "statements",
        "type": fraud_word(case.fraud_type),
        "unit": unit_name(case.unit_path),
        "golden": golden_of([payment.paid_at for payment in payments]),
        "payments": payments,
        "count": orders.of_case(case.pk).count(),
    }


@needs("statement.read")
@require_GET
def statement_list(request: OfficerRequest, number: str) -> HttpResponse:
    """List the statements of the case with their state and accounts; take files."""
    case = cases.by_number(number)
    return render(request, "desk/statements.html", listed(request, case))


def listed(request: OfficerRequest, case: Case) -> dict[str, Any]:
    """What the list shows."""
    accounts = looks.accounts_of_case(case.pk)
    named = looks.per_statement(accounts)
    shown = [
        {
            "it": each,
            "name": mask_numbers(each.file_name),
            "sums": words.sums(each.sums),
            "findings": words.findings(each.findings),
            "accounts": [(ref_of(case, held.key), held) for held in named[each.public_id]],
        }
        for each in queries.statements_of_case(case.pk)
    ]
    return head(case) | {
        "statements": shown[::-1],
        "accounts": [(ref_of(case, held.key), held) for held in accounts],
        "escapes": escapes(case),
        "may_import": request.user.may("statement.import") and not case.closed_at,
    }


def escapes(case: Case) -> list[tuple[Any, Any]]:
    """(hold, what left in spite of it and was not explained) of the case."""
    found = []
    for hold in orders.of_case(case.pk):
        left = [each for each in orders.escapes_of(hold) if not each.explained_at]
        found += [(hold, each) for each in left]
    return found


def find(number: str, public_id: str) -> tuple[Case, Statement]:
    """A case and one of its statements; raises CaseNotFound and StatementNotFound."""
    case = cases.by_number(number)
    statement = queries.by_public_id(public_id)
    if statement.case_id != case.pk:
        raise queries.StatementNotFound(statement=public_id)
    return case, statement


@needs("statement.read")
@require_GET
def statement_page(request: OfficerRequest, number: str, public_id: str) -> HttpResponse:
    """Show how the rows of one statement were disposed of, per account, and its rejects."""
    case, statement = find(number, public_id)
    named = looks.per_statement(looks.accounts_of_case(case.pk))[public_id]
    refs = {each: ref_of(case, held.key) for held in named for each in held.numbers}
    checks = [
        each
        | {
            "masked": words.account(each["account"]),
            "holder": mask_name(each["holder"]),
            "ref": refs.get(each["account"]) or refs.get(each["account"].rpartition("_")[0], ""),
        }
        | {
            name: None if each[name] is None else words.amount(each[name], each["currency"])
            for name in ("in_fen", "out_fen", "unknown_fen", "opening_fen", "closing_fen",
                         "missing_fen")
        }
        for each in statement.sums.get("accounts", ())
    ]  # fmt: skip
    context = head(case) | {
        "it": statement,
        "name": mask_numbers(statement.file_name),
        "sums": words.sums(statement.sums),
        "findings": words.findings(statement.findings),
        "checks": checks,
        "rejects": [
            (each["row"], each["field"], words.reason(each))
            for each in statement.rejects[:MOST_REJECTS]
        ],
        "may_reveal": request.user.may("person.reveal"),
    }
    return render(request, "desk/statements/statement.html", context)


@needs("statement.read")
def rejects(request: OfficerRequest, number: str, public_id: str, kind: str) -> HttpResponse:
    """The reject list to keep; with the original lines where a `reason` was posted for them."""
    case, statement = find(number, public_id)
    if kind not in files.KINDS:
        raise NothingToReveal
    full = request.method == "POST"
    if full:
        _revealed(request, case, statement.public_id)
    lines = [
        (each["row"], each["field"],
         words.full_reason(each) if full else words.reason(each),
         each["raw"] if full else "*")
        for each in statement.rejects
    ]  # fmt: skip
    about = _("Rejected rows of %(statement)s (SHA-256 %(sha)s)") % {
        "statement": public_id, "sha": statement.file_sha256,
    }  # fmt: skip
    return files.answer(
        kind, f"{public_id}-rejects", about, [_(each) for each in REJECT_HEAD], lines
    )


@needs("statement.read")
@require_GET
def source_row(request: OfficerRequest, number: str, public_id: str, row_no: int) -> HttpResponse:
    """One row with its original cells, masked: where a figure leads back to."""
    case, statement = find(number, public_id)
    return _source(request, case, statement, row_no, full=False)


@needs("person.reveal")
@require_POST
def source_row_full(
    request: OfficerRequest, number: str, public_id: str, row_no: int
) -> HttpResponse:
    """The same with every cell in full, for a `reason` that is kept."""
    case, statement = find(number, public_id)
    _revealed(request, case, statement.public_id)
    return _source(request, case, statement, row_no, full=True)


def _source(
    request: OfficerRequest, case: Case, statement: Statement, row_no: int, *, full: bool
) -> HttpResponse:
    row = queries.row(statement, row_no)
    if row is None:
        raise NothingToReveal
    told = looks.cells(row)
    context = {
        "it": statement,
        "name": mask_numbers(statement.file_name),
        "row": row,
        "amount": words.amount(row["amount_fen"], row["currency"]),
        "cells": list((told if full else masked(row, told)).items()),
        "full": full,
        "may_reveal": request.user.may("person.reveal") and not full,
    }
    part = "HX-Request" in request.headers
    if not part:
        context |= head(case)
    context["case"] = case
    page = "desk/statements/source.html" if part else "desk/statements/source_page.html"
    return render(request, page, context)


def masked(row: dict[str, Any], told: dict[str, str]) -> dict[str, str]:
    """Original cells without personal data: what canonical columns know is masked as its kind."""
    kinds = {
        mask_name: ("holder_name", "cp_name"),
        mask_account: ("card_no", "account_no", "cp_account_no"),
        mask_id: ("holder_id_no", "cp_id_no"),
    }
    known = {row[each]: mask for mask, columns in kinds.items() for each in columns if row[each]}
    names = [row["holder_name"], row["cp_name"]]
    return {
        column: known[cell.strip()](cell.strip())
        if cell.strip() in known
        else words.masked_text(cell, *names)
        for column, cell in told.items()
    }


def _revealed(request: OfficerRequest, case: Case, public_id: str) -> None:
    entities.reveal(
        request.user, "text", public_id, case_id=case.pk, at=clock.now(),
        ground=ground_of(request, case),
    )  # fmt: skip
