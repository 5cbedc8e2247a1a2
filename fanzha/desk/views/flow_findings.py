"""What stands out in a fund flow, and the ways between two of its places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_GET

from fanzha.cases import queries as cases
from fanzha.desk.flow import drafting
from fanzha.desk.flow.aim import Aim
from fanzha.desk.flow.findings import findings, ways
from fanzha.desk.views.door import needs
from fanzha.desk.views.flow import head_of, sheet_of

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest


@needs("case.read")
@require_GET
def flow_findings(request: OfficerRequest, number: str) -> HttpResponse:
    """The finds; with `from` and `to` also every way between these nodes."""
    case, aim = cases.by_number(number), Aim.of(request.GET)
    sheet = sheet_of(request, case, aim.most)
    if sheet is None:
        raise drafting.NodeNotFound
    asked = {name: request.GET.get(name, "") for name in ("from", "to")}
    context: dict[str, Any] = {"case": case, "sheet": sheet, "aim": aim, "query": aim.query}
    context |= {"found": findings(sheet), "asked": asked}
    if any(asked.values()):
        source, target = (drafting.entry_of(sheet, node).node.id for node in asked.values())
        context["ways"] = ways(sheet.picture, source, target)
    part = "HX-Request" in request.headers
    if not part:
        context |= head_of(case)
    page = "desk/flow/findings.html" if part else "desk/flow/findings_page.html"
    return render(request, page, context)
