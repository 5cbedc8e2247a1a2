"""Judgements in a case: which two rows are one transfer, which two numbers are one account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_account, mask_numbers
from fanzha.desk.reveals import NothingToReveal
from fanzha.desk.statements import words
from fanzha.desk.statements.refs import ref_of
from fanzha.desk.views.door import ground_of, needs
from fanzha.desk.views.statements import head
from fanzha.movements import deciding, matching, queries
from fanzha.movements.weighing import REASONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.movements.joined import Match, OpenGroup, Where

PER_PAGE = 10
WAYS_SHOWN = 12
"""A group of many equal payments has thousands of ways; the best are shown, the rest counted."""


@needs("statement.read")
@require_GET
def pairs(request: OfficerRequest, number: str) -> HttpResponse:
    """Rows that could be paired in several ways, each way with its reasons; what was decided."""
    case = cases.by_number(number)
    groups = matching.open_pairs(case.pk)
    page = Paginator(groups, PER_PAGE).get_page(request.GET.get("page"))
    wanted = {
        where for group in page.object_list for way in group.ways[:WAYS_SHOWN]
        for where in (way.payer, way.payee)
    }  # fmt: skip
    rows = matching.rows_at(case.pk, wanted)
    context = head(case) | {
        "page": page,
        "groups": [_group(case, each, rows) for each in page.object_list],
        "decisions": [(each, _spoken(each)) for each in matching.decisions_of_case(case.pk)],
        "may_decide": request.user.may("statement.match"),
    }
    return render(request, "desk/judging.html", context)


@needs("statement.match")
@require_POST
def decide_pair(request: OfficerRequest, number: str) -> HttpResponse:
    """Two rows (`payer` and `payee`: statement:row) are one transfer (`same`: 1) or are not."""
    case = cases.by_number(number)
    out, into = (_where(case, request.POST.get(name, "")) for name in ("payer", "payee"))
    deciding.decide_pair(
        request.user, out, into, same=request.POST.get("same") == "1", at=clock.now(),
        ground=ground_of(request, case),
    )  # fmt: skip
    messages.success(request, _("Decided. You can undo it below."))
    return redirect("desk:pairs", number)


@needs("statement.match")
@require_POST
def decide_identity(request: OfficerRequest, number: str, ref: str) -> HttpResponse:
    """Two numbers (`one`, `other`: opaque) are one account (`same`: 1) or are two."""
    case = cases.by_number(number)
    del ref  # of the page that asks
    named = {ref_of(case, each): each for each in matching.numbers_of_case(case.pk)}
    one, other = (named.get(request.POST.get(name, ""), "") for name in ("one", "other"))
    deciding.decide_identity(
        request.user, one, other, case_id=case.pk, same=request.POST.get("same") == "1",
        at=clock.now(), ground=ground_of(request, case),
    )  # fmt: skip
    messages.success(request, _("Decided. You can undo it among the judgements of the case."))
    return redirect("desk:pairs", number)


@needs("statement.match")
@require_POST
def undo(request: OfficerRequest, number: str, public_id: str) -> HttpResponse:
    """Take a judgement of the case back, for a `reason`."""
    case = cases.by_number(number)
    if public_id not in {each.public_id for each in matching.decisions_of_case(case.pk)}:
        raise deciding.DecisionNotFound(decision=public_id)
    deciding.undo_decision(request.user, public_id, at=clock.now(), ground=ground_of(request, case))
    messages.success(request, _("Undone."))
    return redirect("desk:pairs", number)


def _group(case: Case, group: OpenGroup, rows: Mapping[Where, dict[str, Any]]) -> dict[str, Any]:
    return {
        "it": group,
        "more": len(group.ways) - len(group.ways[:WAYS_SHOWN]),
        "ways": [_way(case, group, each, rows) for each in group.ways[:WAYS_SHOWN]],
    }


def _way(
    case: Case, group: OpenGroup, way: Match, rows: Mapping[Where, dict[str, Any]]
) -> dict[str, Any]:
    return {
        "it": way,
        "counts": (way.payer, way.payee) in group.chosen,
        "sides": [_side(case, where, rows[where]) for where in (way.payer, way.payee)],
        "reasons": [
            (mask_numbers(_(REASONS[each.key]) % each.detail), each.weight)
            for each in way.reasons
        ],
    }  # fmt: skip


def _side(case: Case, where: Where, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "statement": where[0],
        "row_no": where[1],
        "ref": ref_of(case, row["own_key"]),
        "account": mask_account(row["own_key"]),
        "other": mask_account(row["cp_key"]) if row["cp_key"] else "",
        "time": row["txn_time"],
        "precision": row["time_precision"],
        "amount": words.amount(row["amount_fen"], row["currency"]),
        "memo": mask_numbers(row["summary"] or row["remark"]),
    }


def _spoken(decision: matching.Decided) -> str:
    """What a judgement says, without numbers of persons."""
    if isinstance(decision, matching.PairDecision):
        rows = {"out": decision.out_row, "into": decision.in_row}
        if decision.same:
            return _("Rows %(out)s and %(into)s are one transfer.") % rows
        return _("Rows %(out)s and %(into)s are two transfers.") % rows
    numbers = {"one": mask_account(decision.one), "other": mask_account(decision.other)}
    if decision.same:
        return _("%(one)s and %(other)s are one account.") % numbers
    return _("%(one)s and %(other)s are two accounts.") % numbers


def _where(case: Case, told: str) -> Where:
    """A row of the case by `statement:row`; one of another case is as good as none."""
    public_id, _colon, row = told.rpartition(":")
    if not row.isdecimal() or queries.by_public_id(public_id).case_id != case.pk:
        raise NothingToReveal
    return public_id, int(row)
