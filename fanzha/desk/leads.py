"""Reports by banks as the duty officer sees them, and the report that she makes of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import Message
from fanzha.channels.bank_gateway.profile import load
from fanzha.channels.bank_gateway.reports import read_report
from fanzha.desk import masks
from fanzha.desk.forms.card import OTHER_TYPE
from fanzha.desk.forms.choices import chinese
from fanzha.desk.letters import Letter
from fanzha.entities.rules import normal_account
from fanzha.intake.rules import ToldPayment, ToldReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.channels.bank_gateway.reports import Report
    from fanzha.instructions.models import Lead


@dataclass(frozen=True)
class Shown:
    """One report with its raw message; the story masked, the feature as a word."""

    lead: Lead
    told: Report
    letter: Letter
    story: str
    feature: str


def shown(leads: Iterable[Lead]) -> list[Shown]:
    """The reports with what their messages say, in the same order."""
    chosen = list(leads)
    letters = Message.objects.in_bulk([each.message_id for each in chosen])
    return [_shown(each, letters[each.message_id]) for each in chosen if each.message_id in letters]


def report_of(lead: Lead) -> ToldReport:
    """The report as the intake form would carry it; sent twice it is one."""
    message = Message.objects.get(pk=lead.message_id)
    told = read_report(decode(bytes(message.content)))
    payments = [
        ToldPayment(
            amount_fen=each.amount_fen, paid_at=each.at,
            from_account=normal_account(each.out.account), from_institution=each.out.bank,
            to_account=normal_account(each.into.account), to_institution=each.into.bank,
            to_name=each.into.name,
        )
        for each in told.transfers
        if each.amount_fen
    ]  # fmt: skip
    victim = bool(told.story or told.transfers)
    return ToldReport(
        form_token=lead.public_id, door="bank", ongoing="unknown", fraud_type=OTHER_TYPE,
        told=told.story or f"{told.bank}：{_word(told.feature, zh=True)}",
        victim_name=told.person if victim else "", victim_phone=told.phone if victim else "",
        victim_id_number=told.id_number if victim else "", payments=tuple(payments),
        mentions=tuple(("account", normal_account(each)) for each in told.accounts),
    )  # fmt: skip


def _shown(lead: Lead, message: Message) -> Shown:
    told = read_report(decode(bytes(message.content)))
    names = [told.person, *(side.name for each in told.transfers for side in (each.out, each.into))]
    return Shown(
        lead, told, Letter.of(message), masks.told(told.story, lead.received_at, names),
        _word(told.feature, zh=chinese()),
    )  # fmt: skip


def _word(code: str, *, zh: bool) -> str:
    names = load().allowed("100405", "FeatureCode").get(code, (code, code))
    return names[0 if zh else 1]
