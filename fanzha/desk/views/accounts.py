"""The page of an account: figures that open their rows, rows that open their source, export."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_account, mask_name, mask_numbers
from fanzha.desk.account import chart, figures
from fanzha.desk.reveals import NothingToReveal
from fanzha.desk.statements import files, words
from fanzha.desk.statements.refs import ref_of
from fanzha.desk.templatetags.fanzha_statements import exact, way_word
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.views.statements import head
from fanzha.entities import actions as entities
from fanzha.movements import looks, matching
from fanzha.movements.identity import KINDS

if TYPE_CHECKING:
    import pyarrow as pa
    from django.core.paginator import Page
    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest

PER_PAGE = 50
OTHERS_PER_PAGE = 20
DAYS = (
    gettext_noop("Mon"), gettext_noop("Tue"), gettext_noop("Wed"), gettext_noop("Thu"),
    gettext_noop("Fri"), gettext_noop("Sat"), gettext_noop("Sun"),
)  # fmt: skip
HEAD = (
    gettext_noop("Time"), gettext_noop("Direction"), gettext_noop("Amount"),
    gettext_noop("Currency"), gettext_noop("Balance"), gettext_noop("Other side"),
    gettext_noop("Name of the other side"), gettext_noop("Bank of the other side"),
    gettext_noop("Summary"), gettext_noop("Succeeded"), gettext_noop("File and sheet"),
    gettext_noop("Row"), gettext_noop("Statement"),
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """An account of a case with what its statements say."""

    case: Case
    ref: str
    held: looks.Held
    in_case: frozenset[str]
    table: str = ""
    """Which of several tables that tell the same money is meant."""

    @cached_property
    def views(self) -> list[str]:
        """Tables of one payment firm that tell its money again, the one that counts first."""
        return looks.views_of(self.held)

    @cached_property
    def shown(self) -> str:
        """The one of them that is shown; empty where there are none."""
        return self.table if self.table in self.views else next(iter(self.views), "")

    @cached_property
    def rows(self) -> pa.Table:
        """Its rows by time, of one table where several tell the same money."""
        return looks.entries(self.case.pk, self.held.numbers, table=self.shown)

    @cached_property
    def file_of(self) -> dict[str, str]:
        """Public id of a statement -> its file as it may be shown."""
        return {each.public_id: mask_numbers(each.file_name) for each in self.held.statements}

    def other_ref(self, key: str) -> str:
        """How addresses name somebody on the other side."""
        return ref_of(self.case, f"other:{key}")

    def asked_for(self, request: OfficerRequest) -> pa.Table:
        """The rows that the address asks for."""
        return figures.asked(request.GET.dict()).of(self.rows, self.other_ref)


def find(number: str, ref: str, table: str = "") -> Account:
    """The account that an address means; raises CaseNotFound and NothingToReveal."""
    case = cases.by_number(number)
    accounts = looks.accounts_of_case(case.pk)
    held = next((each for each in accounts if ref_of(case, each.key) == ref), None)
    if held is None:
        raise NothingToReveal
    return Account(case, ref, held, frozenset(each.key for each in accounts), table)


@needs("statement.read")
@require_GET
def account_page(request: OfficerRequest, number: str, ref: str) -> HttpResponse:
    """Show the account: who, until when, balance, sums, counterparties, hours, identity."""
    account = find(number, ref)
    rows_url = reverse("desk:account_rows", args=[number, ref])
    sort = request.GET.get("sort", "out")
    others = figures.others(account.rows, sort)
    page = Paginator(range(len(others)), OTHERS_PER_PAGE).get_page(request.GET.get("page"))
    context = _header(request, account) | {
        "rows_url": rows_url,
        "charts": [
            (code, chart.draw(stated, code, rows_url))
            for code, stated in figures.balances(account.rows).items()
        ],
        "summaries": [_summary(each) for each in figures.summaries(account.rows)],
        "page": page,
        "sort": sort if sort in figures.SORTS else "out",
        "others": [_other(account, each) for each in others[_part(page)]],
        "days": [
            (day, _(DAYS[day]), cells) for day, cells in enumerate(figures.hours(account.rows))
        ],
        "hours": range(24),
        "checks": [
            (statement, each, words.amount(each["missing_fen"], each["currency"]))
            for statement, each in looks.checks_of(account.held)
            if each["breaks"]
        ],
        "evidence": [
            (
                _(KINDS[each.kind]),
                mask_account(each.one),
                mask_account(each.other),
                each,
                [ref_of(account.case, number) for number in (each.one, each.other)],
            )
            for each in matching.identity_of(account.case.pk, account.held.key).evidence
        ],
        "identity_url": reverse("desk:decide_identity", args=[number, ref]),
        "may_decide": request.user.may("statement.match"),
    }
    return render(request, "desk/account.html", context)


@needs("statement.read")
@require_GET
def rows(request: OfficerRequest, number: str, ref: str) -> HttpResponse:
    """List the rows behind a figure, each with its source."""
    account = find(number, ref, request.GET.get("table", ""))
    found = account.asked_for(request)
    page = Paginator(range(len(found)), PER_PAGE).get_page(request.GET.get("page"))
    kept = {name: value for name, value in request.GET.items() if name != "page" and value}
    context = _header(request, account) | {
        "page": page,
        "rows": [_row(account, row) for row in found[_part(page)].to_pylist()],
        "summaries": [_summary(each) for each in figures.summaries(found)],
        "asked": figures.asked(request.GET.dict()),
        "given": request.GET,
        "query": urlencode(kept),
        "currencies": sorted(account.rows["currency"].unique().to_pylist()),
    }
    return render(request, "desk/account/rows.html", context)


@needs("statement.read")
def export(request: OfficerRequest, number: str, ref: str, kind: str) -> HttpResponse:
    """The rows of the list to keep: masked; in full where a `reason` was posted."""
    account = find(number, ref, request.GET.get("table", ""))
    if kind not in files.KINDS:
        raise NothingToReveal
    full = request.method == "POST"
    if full:
        _reveal(request, account, "account", account.held.key)
    until = account.held.until
    about = _("%(account)s, case %(case)s: based on statements received until %(until)s") % {
        "account": account.held.key if full else mask_account(account.held.key),
        "case": account.case.number,
        "until": f"{clock.local(until):%Y-%m-%d %H:%M:%S}" if until else "—",
    }
    lines = [_line(account, row, full=full) for row in account.asked_for(request).to_pylist()]
    return files.answer(
        kind, f"{account.case.number}-{ref[:8]}", about, [_(e) for e in HEAD], lines
    )


@needs("person.reveal")
@require_POST
def reveal(request: OfficerRequest, number: str, ref: str, what: str) -> HttpResponse:
    """Show the number or the holder in full for a `reason` that is kept."""
    account = find(number, ref)
    if what not in {"account", "name"}:
        raise NothingToReveal
    value = account.held.key if what == "account" else account.held.holder
    _reveal(request, account, what, value)
    context = {"value": value, "kind": what, "reveal_url": request.path}
    return render(request, "desk/parts/revealed.html", context)


def _reveal(request: OfficerRequest, account: Account, what: str, value: str) -> None:
    entities.reveal(
        request.user, what, value, case_id=account.case.pk, at=clock.now(),
        ground=ground_of(request, account.case),
    )  # fmt: skip


def _part(page: Page[int]) -> slice:
    """Which places a page shows."""
    return slice(max(page.start_index() - 1, 0), page.end_index())


def _header(request: OfficerRequest, account: Account) -> dict[str, Any]:
    held = account.held
    return head(account.case) | {
        "account": account,
        "held": held,
        "may_reveal": request.user.may("person.reveal"),
        "truncated": [each for each in held.statements if each.truncated],
        "gaps": looks.gaps_of(held),
        "names": [(mask_name(name), count) for name, count in held.holders.most_common()],
        "shown": account.shown,
        "views": account.views,
    }


def _summary(each: figures.Summary) -> dict[str, Any]:
    return {
        "currency": each.currency,
        "ways": [
            (way, words.amount(each.fen[way], each.currency), each.rows[way])
            for way in (*figures.WAYS, "failed")
            if each.rows[way] or way in ("in", "out")
        ],
    }


def _other(account: Account, each: figures.Other) -> dict[str, Any]:
    known = each.is_number and each.key in account.in_case
    return {
        "masked": mask_account(each.key) if each.is_number else "",
        "name": mask_name(each.name),
        "bank": each.bank,
        "currency": each.currency,
        "in": words.amount(each.in_fen, each.currency),
        "out": words.amount(each.out_fen, each.currency),
        "rows": each.rows,
        "first": each.first,
        "last": each.last,
        "ref": account.other_ref(each.key),
        "account": ref_of(account.case, each.key) if known else "",
    }


def _row(account: Account, row: figures.Row) -> dict[str, Any]:
    currency = row["currency"]
    return row | {
        "amount": words.amount(row["amount_fen"], currency),
        "balance": "" if row["balance_fen"] is None else words.amount(row["balance_fen"], currency),
        "other": mask_account(row["cp_key"]),
        "name": mask_name(row["cp_name"]),
        "text": words.masked_text(
            row["summary"] or row["remark"], row["holder_name"], row["cp_name"]
        ),
        "file": account.file_of[row["statement"]],
    }


def _line(account: Account, row: figures.Row, *, full: bool) -> tuple[object, ...]:
    shown = _row(account, row)
    return (
        exact(row["txn_time"], row["time_precision"]),
        way_word(row["direction"]),
        words.amount(row["amount_fen"], row["currency"]).partition(" ")[0].replace(",", ""),
        row["currency"],
        shown["balance"].partition(" ")[0].replace(",", ""),
        row["cp_key"] if full else shown["other"],
        row["cp_name"] if full else shown["name"],
        row["cp_bank"],
        (row["summary"] or row["remark"]) if full else shown["text"],
        row["success"],
        shown["file"],
        row["row_no"],
        row["statement"],
    )
