"""Keeping the fund flow: each form of it masked by GET, in full by POST with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils import translation
from django.views.decorators.http import require_http_methods

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.desk.flow import drafting
from fanzha.desk.flow.copies import figure, graphs, papers, tables
from fanzha.desk.flow.copies.content import copy_of
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow import sheet_of
from fanzha.entities import actions as entities
from fanzha.identity.rules import PermissionMissing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fanzha.desk.flow.copies.content import Copy
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.desk.views.door import OfficerRequest

FORMS: Mapping[str, tuple[str, str, Callable[[Copy], bytes]]] = {
    "sheet.xlsx": (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "资金流向表.xlsx",
        tables.as_xlsx,
    ),
    "sheet.pdf": ("application/pdf", "资金流向表.pdf", papers.as_sheet),
    "report.pdf": ("application/pdf", "资金流向分析报告.pdf", papers.as_report),
    "picture.pdf": ("application/pdf", "资金流向图.pdf", figure.as_pdf),
    "picture.svg": ("image/svg+xml", "资金流向图.svg", figure.as_svg),
    "flow.csv": ("text/csv; charset=utf-8", "资金流向表.csv", tables.as_csv),
    "flow.graphml": ("application/graphml+xml", "资金流向图.graphml", graphs.as_graphml),
    "flow.ftm.json": ("application/x-ndjson", "资金流向.ftm.json", graphs.as_ftm),
}  # fmt: skip
"""By name in the address: media type, name of the file, what makes it."""


@needs("case.read")
@require_http_methods(["GET", "POST"])
def flow_copy(request: OfficerRequest, number: str, form: str) -> HttpResponse:
    """One form of the fund flow as the address asks for it."""
    case = cases.by_number(number)
    sheet = sheet_of(request, case)
    if sheet is None or form not in FORMS:
        raise drafting.NodeNotFound
    full = request.method == "POST"
    if full:
        _reveal(request, sheet)
    media, name, made = FORMS[form]
    with translation.override("zh-hans"):
        content = made(copy_of(sheet, full=full))
    return HttpResponse(
        content,
        content_type=media,
        headers={
            "Content-Disposition": f'attachment; filename="{case.number}-{form}"; '
            f"filename*=UTF-8''{_quoted(f'{case.number}-{name}')}",
            "Cache-Control": "no-store",
        },
    )


def _reveal(request: OfficerRequest, sheet: Sheet) -> None:
    """Keep who saw which accounts in full, and why; raises PermissionMissing."""
    if not request.user.may("person.reveal"):
        raise PermissionMissing(permission="person.reveal")
    reason = request.POST.get("reason", "").strip()
    ground = Ground("case", sheet.case.number, reason)
    for number in sorted(sheet.flow.tiers):
        if number and not sheet.accounts[number].is_nameless:
            entities.reveal(
                request.user, "account", number, case_id=sheet.case.pk, at=clock.now(),
                ground=ground,
            )  # fmt: skip


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name)
