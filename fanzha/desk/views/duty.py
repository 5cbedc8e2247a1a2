"""The duty desk: what is mine to do, where money is on its way, which banks answer; the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.desk import duty as desk
from fanzha.desk.views.door import needs
from fanzha.desk.views.idle import unattended

if TYPE_CHECKING:
    from fanzha.desk.views.door import OfficerRequest

PER_PAGE = 20
MOST_FOUND = 500


@login_required
@require_GET
def duty(request: OfficerRequest) -> HttpResponse:
    """The desk; whoever works on no case is told so instead of shown an empty one."""
    if not request.user.may("case.read"):
        return render(request, "desk/duty/no_cases.html")
    return render(request, "desk/duty.html", {"columns": desk.columns(request.user, clock.now())})


@login_required
@require_GET
@never_cache
@unattended
def fragment(request: OfficerRequest) -> HttpResponse:
    """The columns of the desk as they are now."""
    return HttpResponse(desk.columns(request.user, clock.now()))


@needs("case.read")
@require_http_methods(["GET", "POST"])
def search(request: OfficerRequest) -> HttpResponse:
    """Cases found by number, account, phone or name. Posted: no address carries what is sought."""
    words = request.POST.get("q", "").strip()
    # One pass over the text, without a count of its own; nobody reads more than this.
    found = list(cases.find(words).values_list("pk", "number")[:MOST_FOUND]) if words else []
    if [number for _, number in found] == [words.upper()]:
        return redirect(reverse("desk:case", args=[words.upper()]))
    page = Paginator(found, PER_PAGE).get_page(request.POST.get("page", 1))
    lanes = desk.lanes_of([pk for pk, _ in page.object_list], request.user, clock.now())
    context = {
        "q": words, "page": page, "lanes": lanes, "section": "cases",
        "cut": len(found) == MOST_FOUND,
    }  # fmt: skip
    return render(request, "desk/duty/search.html", context)
