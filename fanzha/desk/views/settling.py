"""An answer that nobody understood: note what the bank says on the telephone, and decide on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk.by_word import told_at
from fanzha.desk.views.approvals import SEE
from fanzha.desk.views.door import ground_of, needs
from fanzha.instructions import queries, settling
from fanzha.instructions.settling import Told, Verdict

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest

LONGEST_NAME, LONGEST_NUMBER = 60, 40


@needs("instruction.draft")
@require_POST
def note(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Note a call: `verdict`, `told_by`, `called`, `told` and `since` (`HH:MM`), `evidence`."""
    found, at, form = queries.by_public_id(public_id), clock.now(), request.POST
    when = told_at(form.get("told", ""), at)
    if when is None or form.get("verdict") not in set(Verdict):
        messages.error(
            request, _("Say whether it was done, and write when the bank said so: 03:15.")
        )
        return redirect("desk:instruction", public_id)
    told = Told(
        Verdict(form["verdict"]), form.get("told_by", "").strip()[:LONGEST_NAME],
        form.get("called", "").strip()[:LONGEST_NUMBER], when, form.get("evidence", "").strip(),
        told_at(form.get("since", ""), at),
    )  # fmt: skip
    ground = Ground("case", found.case.number, told.evidence)
    settling.note_told(request.user, found, told, at=at, ground=ground)
    messages.success(request, _("Noted; a second officer decides on it."))
    return redirect("desk:instruction", public_id)


@needs(*SEE)
@require_POST
def decide(request: OfficerRequest, public_id: str) -> HttpResponse:
    """Let it stand (`said` yes) or not (`said` no, with `reason`)."""
    found = queries.by_public_id(public_id)
    waiting = settling.waiting_of(found)
    ground = ground_of(request, found.case)
    if request.POST.get("said") == "yes":
        settling.agree(request.user, waiting, at=clock.now(), ground=ground)
        messages.success(request, _("Settled as the bank said."))
    else:
        settling.disagree(request.user, waiting, at=clock.now(), ground=ground)
        messages.warning(request, _("Not settled: call the bank again."))
    return redirect("desk:instruction", public_id)
