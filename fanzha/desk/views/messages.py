"""Unknown messages: what a bank sent and nobody could read, until a person has settled it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.core import clock
from fanzha.desk.counts import unknown_messages
from fanzha.desk.letters import Letter
from fanzha.desk.views.door import needs
from fanzha.instructions.queries import visible

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

PER_PAGE = 20


@needs("unknown.resolve")
def unknown(request: OfficerRequest) -> HttpResponse:
    """List what nobody understood, newest first, with the instruction it may belong to."""
    page = Paginator(unknown_messages(), PER_PAGE).get_page(request.GET.get("page"))
    numbers = [each.application_id for each in page.object_list if each.application_id]
    belongs = {each.application_id: each for each in visible().filter(application_id__in=numbers)}
    rows = [(Letter.of(each), belongs.get(each.application_id)) for each in page.object_list]
    return render(request, "desk/unknown.html", {"section": "unknown", "page": page, "rows": rows})


@needs("unknown.resolve")
@require_POST
def dismiss(request: OfficerRequest, message: int) -> HttpResponse:
    """Settle a message for a `reason`: a person looked at it."""
    found = get_object_or_404(unknown_messages(), pk=message)
    reason = request.POST.get("reason", "").strip()
    if not reason:
        messages.error(request, _("Write why it needs nothing more."))
        return redirect("desk:unknown")
    gateway.dismiss(
        request.user, found, at=clock.now(), ground=Ground("message", f"in-{found.pk}", reason)
    )
    messages.success(request, _("Settled; the message itself is kept."))
    return redirect("desk:unknown")
