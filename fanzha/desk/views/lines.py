"""The line to one institution: what waits, how fast it answers; paused, resumed, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import operating, queries
from fanzha.channels.bank_gateway.models import Route
from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.desk.letters import Letter
from fanzha.desk.views.door import needs
from fanzha.desk.words import say
from fanzha.identity.models import Officer
from fanzha.institutions.queries import by_code

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

SHOWN = 10
VERBS = {
    "pause": (operating.pause, gettext_noop("Paused: nothing goes out until somebody resumes.")),
    "resume": (operating.resume, gettext_noop("Resumed: what waits goes out in its order.")),
    "try": (operating.try_now, gettext_noop("What waits is being tried again.")),
}


@needs("institution.manage", "instruction.read")
def line(request: OfficerRequest, code: str) -> HttpResponse:
    """Show the line to an institution."""
    route = get_object_or_404(Route.objects.select_related("front_end"), institution_code=code)
    paused_by = Officer.objects.filter(pk=route.paused_by_id or 0).first()
    context = {
        "section": "institutions",
        "institution": by_code(code),
        "route": route,
        "paused_by": paused_by,
        "figures": queries.figures(route, clock.now()),
        "letters": [Letter.of(each) for each in queries.last_messages(route, SHOWN)],
        "may_operate": request.user.may("instruction.send"),
    }
    return render(request, "desk/line.html", context)


@needs("instruction.send")
@require_POST
def operate(request: OfficerRequest, code: str, verb: str) -> HttpResponse:
    """Pause for a `reason`, resume, or end the rest."""
    route = get_object_or_404(Route, institution_code=code)
    act, done = VERBS[verb]
    ground = Ground("institution", code, request.POST.get("reason", "").strip())
    try:
        with transaction.atomic():
            act(request.user, route, at=clock.now(), ground=ground)
    except Refusal as refusal:
        messages.error(request, say(refusal))
    else:
        messages.success(request, _(done))
    return redirect("desk:line", code)
