"""An unknown layout: somebody says what its columns mean and sees at once what that gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.desk.statements import looking, mapping
from fanzha.desk.views.door import needs
from fanzha.desk.words import say
from fanzha.movements import learning, sheets

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.movements.sheets import Table


@needs("statement.import")
@require_POST
def table_mapping(request: OfficerRequest, number: str) -> HttpResponse:
    """Show the mapping of the `table`-th table of the file with what it gives; `save` keeps it."""
    case = cases.by_number(number)
    table, place = _table(request)
    if table is None:
        return HttpResponse(status=400)
    given = request.POST.dict()
    mapped = mapping.mapped(table, given)
    context = {"case": case, "mapped": mapped, "place": place, "table": table}
    if given.get("save") and not mapped.refused:
        try:
            saved = learning.save_profile(
                request.user, mapped.proposal, mapped.name, at=clock.now(),
                ground=Ground("case", case.number, "mapping of an unknown layout"),
            )  # fmt: skip
        except Refusal as refusal:
            context["unsaved"] = say(refusal)
        else:
            return _looked_at_again(request, case, context | {"saved": str(saved)})
    return render(request, "desk/statements/mapping.html", context)


def _table(request: OfficerRequest) -> tuple[Table | None, int]:
    upload, place = request.FILES.get("files"), request.POST.get("table", "")
    if upload is None or not place.isdecimal():
        return None, 0
    found = sheets.tables(
        upload.read(), upload.name or "", password=request.POST.get("password", "")
    )
    upload.seek(0)
    return (found[int(place)] if int(place) < len(found) else None), int(place)


def _looked_at_again(
    request: OfficerRequest, case: Case, context: dict[str, object]
) -> HttpResponse:
    upload = request.FILES.get("files")
    assert upload is not None, "its table was just mapped"
    file = looking.opened(
        upload.read(), upload.name or "", request.POST.get("password", ""),
        lambda table: looking.look(table, case.pk, learning.saved_profiles()),
    )  # fmt: skip
    return render(request, "desk/statements/file.html", context | {"file": file})
