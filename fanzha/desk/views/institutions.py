"""Institutions: which ones are reached, how they answer, and the form that registers one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.desk.banks import connected
from fanzha.desk.forms.registering import InstitutionForm
from fanzha.desk.views.door import needs
from fanzha.desk.words import say
from fanzha.institutions import actions

if TYPE_CHECKING:
    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest


@needs("institution.manage", "instruction.read")
def institution_list(request: OfficerRequest) -> HttpResponse:
    """List every institution; whoever manages them registers one (POST)."""
    may = request.user.may("institution.manage")
    form = InstitutionForm(request.POST or None) if may else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            with transaction.atomic():
                _register(request, form)
        except Refusal as refusal:
            form.add_error(None, say(refusal))
        else:
            messages.success(request, _("%(name)s is registered.") % form.cleaned_data)
            return redirect("desk:institutions")
    context = {"section": "institutions", "banks": connected(), "form": form}
    status = 422 if form is not None and form.errors else 200
    return render(request, "desk/institutions.html", context, status=status)


def _register(request: OfficerRequest, form: InstitutionForm) -> None:
    given, at = form.cleaned_data, clock.now()
    ground = Ground("institution", given["code"], _("registered on the screen"))
    actions.register(
        request.user, code=given["code"], name=given["name"], kind=given["kind"],
        card_prefixes=given["card_prefixes"], at=at, ground=ground,
    )  # fmt: skip
    if given["url"]:
        gateway.connect(
            request.user, institution_code=given["code"], url=given["url"], token=given["token"],
            poll_seconds=given["poll_seconds"], at=at, ground=ground,
        )  # fmt: skip
