"""Showing a masked value for a reason; every look is an audited action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.urls import reverse

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk import reveals
from fanzha.desk.views.door import needs
from fanzha.entities import actions as entities

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

NUMBERS = frozenset({"account", "phone", "id"})


@needs("person.reveal")
def reveal(request: OfficerRequest, thing: str, public_id: str, field: str) -> HttpResponse:
    """Ask for the reason (GET), show the value (POST `reason`); a fragment for htmx."""
    hidden = reveals.find(thing, public_id, field)
    if request.method != "POST":
        return render(request, "desk/reveal.html", {"section": "cases"})
    # The log keeps the last four signs of a number; of a name it keeps only whose it is.
    named = hidden.value if hidden.kind in NUMBERS else public_id
    entities.reveal(
        request.user, hidden.kind, named, case_id=hidden.case_id, at=clock.now(),
        ground=Ground("case", hidden.case_number, request.POST.get("reason", "").strip()),
    )  # fmt: skip
    context = {
        "value": hidden.value,
        "kind": hidden.kind,
        "reveal_url": reverse("desk:reveal", args=[thing, public_id, field]),
        "section": "cases",
    }
    fragment = "HX-Request" in request.headers and hidden.kind != "text"
    return render(request, "desk/parts/revealed.html" if fragment else "desk/reveal.html", context)
