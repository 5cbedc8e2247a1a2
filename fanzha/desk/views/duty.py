"""The duty desk: what is mine to do, where money is on its way, which banks answer; the search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
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
    from django.http import HttpResponse

    from fanzha.desk.views.idle import OfficerRequest

PER_PAGE = 50


@login_required
@require_GET
def duty(request: OfficerRequest) -> HttpResponse:
    """The desk."""
    return render(request, "desk/duty.html", {"desk": desk.desk_of(request.user, clock.now())})


@login_required
@require_GET
@never_cache
@unattended
def fragment(request: OfficerRequest) -> HttpResponse:
    """The columns of the desk as they are now."""
    found = desk.desk_of(request.user, clock.now())
    return render(request, "desk/duty/columns.html", {"desk": found})


@needs("case.read")
@require_http_methods(["GET", "POST"])
def search(request: OfficerRequest) -> HttpResponse:
    """Cases found by number, account, phone or name. Posted: no address may carry what is sought."""
    words = request.POST.get("q", "").strip()
    found = cases.find(words) if words else cases.visible().none()
    page = Paginator(found, PER_PAGE).get_page(request.POST.get("page", 1))
    if len(page.object_list) == 1 and page.object_list[0].number == words.upper():
        return redirect(reverse("desk:case", args=[page.object_list[0].number]))
    lanes = desk.lanes_of(list(page.object_list), request.user, clock.now())
    context = {"q": words, "page": page, "lanes": lanes, "section": "cases"}
    return render(request, "desk/duty/search.html", context)
