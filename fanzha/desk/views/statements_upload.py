"""Files into a case: what they hold, then the import; every table stands or falls by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_POST

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_numbers
from fanzha.core.refusal import Refusal
from fanzha.desk.importing import import_into
from fanzha.desk.statements import looking
from fanzha.desk.views.door import needs
from fanzha.desk.views.statements import listed
from fanzha.desk.words import say
from fanzha.movements import learning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from fanzha.cases.models import Case
    from fanzha.desk.views.door import OfficerRequest
    from fanzha.movements.sheets import Table


@needs("statement.import")
@require_POST
def look(request: OfficerRequest, number: str) -> HttpResponse:
    """Read the `files` and show what they hold; nothing is kept."""
    case = cases.by_number(number)
    saved = learning.saved_profiles()
    found = [
        looking.opened(
            each.read(), each.name or "", request.POST.get("password", ""),
            lambda table: looking.look(table, case.pk, saved),
        )
        for each in request.FILES.getlist("files")
    ]  # fmt: skip
    return _answer(request, case, found)


@needs("statement.import")
@require_POST
def take(request: OfficerRequest, number: str) -> HttpResponse:
    """Import the `files` into the case; a refused table takes nothing back of the others."""
    case = cases.by_number(number)
    found = [
        looking.opened(
            each.read(), each.name or "", request.POST.get("password", ""),
            lambda table: imported(request, case, table),
        )
        for each in request.FILES.getlist("files")
    ]  # fmt: skip
    return _answer(request, case, found)


def imported(request: OfficerRequest, case: Case, table: Table) -> looking.Told:
    """Import one table; what came of it."""
    try:
        statement = import_into(
            request.user, case, table.content, name=table.name[:200], at=clock.now(),
            why="statement upload", table=table,
        )  # fmt: skip
    except Refusal as refusal:
        return looking.Told(mask_numbers(table.name), "", refused=say(refusal))
    return looking.Told(mask_numbers(table.name), statement.file_sha256, statement=statement)


def _answer(request: OfficerRequest, case: Case, found: Sequence[looking.File]) -> HttpResponse:
    """A part for the script, which sends one file at a time; a page for whoever has none."""
    context = {"case": case, "files": found}
    if "HX-Request" in request.headers:
        return render(request, "desk/statements/files.html", context)
    return render(request, "desk/statements.html", listed(request, case) | context)
