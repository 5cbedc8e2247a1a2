"""Intake: the report as told, the card beside it, and the one button."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.masking import mask_account
from fanzha.core.money import format_yuan
from fanzha.core.refusal import Refusal
from fanzha.desk.actions import TakenReport, take_report
from fanzha.desk.forms import marks
from fanzha.desk.forms.card import Card
from fanzha.desk.forms.choices import doors, fraud_types, kinds, ongoing
from fanzha.desk.forms.forecast import foresee, seen_elsewhere
from fanzha.desk.forms.suggest import Bank, Suggested, suggest
from fanzha.desk.golden import golden_of
from fanzha.desk.views.door import needs
from fanzha.desk.words import say
from fanzha.identity.acting import system_scope
from fanzha.institutions import queries as institutions
from fanzha.instructions.rules import Kind
from fanzha.intake import queries as intake

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from fanzha.desk.views.door import OfficerRequest
    from fanzha.intake.models import Report
    from fanzha.intake.rules import ToldReport

UNPROCESSABLE = 422
TAKEN_COOKIE = "fanzha_taken"


@needs("report.file")
def report(request: OfficerRequest) -> HttpResponse:
    """Show an empty form, or take the report that was posted."""
    at = clock.now()
    if request.method != "POST":
        card = Card.read({"door": "110", "form_token": str(uuid.uuid4())})
        return _page(request, card, at)
    card = Card.read(request.POST)
    known = _already_taken(card.form_token)
    if known is not None:
        messages.info(request, _("This report was taken already; nothing was done twice."))
        return to_case(request, known)
    card.suggested = _suggested(card.told, at)
    card.fraud_reason = card.suggested.fraud_reason
    told = card.report(at)
    _check(card, card.suggested)
    if card.flawed:
        return _page(request, card, at, status=UNPROCESSABLE)
    return _take(request, card, told, at)


def _take(request: OfficerRequest, card: Card, told: ToldReport, at: datetime) -> HttpResponse:
    ground = Ground("report", card.form_token)
    try:
        with transaction.atomic():
            taken = take_report(request.user, told, at=at, ground=ground)
    except Refusal as refusal:
        card.errors.append(say(refusal))
        return _page(request, card, at, status=UNPROCESSABLE)
    except IntegrityError:
        # The same form, or the same stop, was being written by another request just now.
        known = _already_taken(card.form_token)
        if known is None:
            card.errors.append(_("Somebody drafted for the same account this second. Send again."))
            return _page(request, card, at, status=409)
        return to_case(request, known)
    tell(request, taken)
    return to_case(request, taken.report)


@needs("report.file")
@require_POST
def mark(request: OfficerRequest) -> HttpResponse:
    """Recognise the text and fill what nobody has written: the parts of the page that change."""
    at = clock.now()
    card = Card.read(request.POST)
    card.fill(_suggested(card.told, at))
    if "HX-Request" not in request.headers:
        return _page(request, card, at)
    return render(request, "desk/intake_fragment.html", _context(request, card, at))


def _suggested(told: str, at: datetime) -> Suggested:
    banks = [Bank(each.code, each.name, each.kind) for each in institutions.all_institutions()]
    return suggest(told, at, banks=banks, prefixes=institutions.prefixes())


def _check(card: Card, suggested: Suggested) -> None:
    """Mark what has to be put right before the report can be taken."""
    if not card.cells["ongoing"].value:
        card.cells["ongoing"].error = _("Ask this first: is it still going on?")
    if not card.told.strip() and not card.rows:
        card.errors.append(_("Write what happened, or enter at least one payment."))
    if suggested.rows and not card.rows:
        card.fill(suggested)
        card.errors.append(
            _("The text names payments that were not on the card yet. Look at them, then send.")
        )


def _already_taken(token: str) -> Report | None:
    """The report of this very form, also when it joined a case of another unit."""
    with system_scope("desk.form_token"):
        return intake.by_form_token(token) if token else None


def to_case(request: OfficerRequest, known: Report) -> HttpResponse:
    """To the case of a report, where the officer may see it."""
    case = cases.visible().filter(pk=known.case_id or 0).first()
    if case is None:
        messages.info(request, _("The case belongs to another unit; you do not see it."))
        answer = redirect("desk:intake")
    else:
        answer = redirect("desk:case", case.number)
    # Tells the browser that its draft is a report now; draft.js reads it, and it names nobody.
    answer.set_cookie(
        TAKEN_COOKIE, known.form_token, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE
    )
    return answer


def _page(request: OfficerRequest, card: Card, at: datetime, *, status: int = 200) -> HttpResponse:
    return render(request, "desk/intake.html", _context(request, card, at), status=status)


def _context(request: OfficerRequest, card: Card, at: datetime) -> dict[str, Any]:
    if card.suggested is None:
        card.suggested = _suggested(card.told, at) if card.told.strip() else Suggested()
    told = card.report(at)
    card.arrange()
    pieces = marks.cut(card.told, card.suggested.spans)
    seen = seen_elsewhere(
        [("account", row.payee) for row in card.rows if not row.dropped]
        + list(card.suggested.mentions)
    )
    for row in card.rows:
        row.seen_in = seen.get(row.payee, 0)
    return {
        "section": "intake",
        "card": card,
        "pieces": pieces,
        "found": [piece for piece in pieces if piece.kind],
        "contacts": [
            (marks.KIND_WORDS[kind], value, seen.get(value, 0))
            for kind, value in card.suggested.mentions
        ],
        "forecast": foresee(request.user, told),
        "doors": doors(), "kinds": kinds(), "fraud_types": fraud_types(), "ongoing": ongoing(),
        "bank_choices": [(each.code, each.name) for each in institutions.all_institutions()],
        "golden": golden_of([payment.paid_at for payment in told.payments]),
    }  # fmt: skip


def tell(request: OfficerRequest, taken: TakenReport) -> None:
    """Say what was drafted, what was not and why, and who handles the case."""
    drafted = [each for package in taken.packages for each in package.instructions.all()]
    stops = [each for each in drafted if each.kind == Kind.STOP]
    if stops:
        total = sum(each.transfer_fen or 0 for each in stops)
        messages.success(
            request,
            _(
                "Taken. %(stops)d stops over %(total)s yuan and %(queries)d queries "
                "wait for approval."
            )
            % {
                "stops": len(stops), "queries": len(drafted) - len(stops),
                "total": format_yuan(total),
            },
        )  # fmt: skip
    else:
        messages.success(request, _("Taken. No stop was drafted."))
    if taken.joined:
        messages.info(
            request,
            _("A payment of it is known: the report joined case %(case)s, handled by %(unit)s.")
            % {"case": taken.case.number, "unit": taken.handled_by},
        )
    told: dict[tuple[str, str], None] = {}
    for each in taken.not_drafted:
        to = mask_account(each.payment.to_account) or format_yuan(each.payment.amount_fen)
        told[to, say(each.refusal)] = None
    for to, why in told:
        messages.warning(request, _("Not drafted for %(to)s: %(why)s") % {"to": to, "why": why})
