"""Amounts, moments and account numbers as officers type them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.core.clock import ZONE, local
from fanzha.core.money import BadAmount, format_yuan, parse_yuan
from fanzha.desk.forms.suggest import as_tail
from fanzha.entities.rules import normal_account
from fanzha.intake.recognition import recognise
from fanzha.intake.rules import MOST_FEN

if TYPE_CHECKING:
    from datetime import date

NUMBER = re.compile(r"[0-9０-９*＊xX×•●# \-－]+")
WALLET = re.compile(r"[0-9A-Za-z*]+")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:：]?([0-5]\d)(?:[:：]([0-5]\d))?")
CLOCKS_DIFFER = timedelta(minutes=5)
"""A caller's clock may be ahead of ours by this much, as in intake's own check (assumed)."""
DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%m-%d", "%m/%d", "%m.%d")


class Unreadable(ValueError):
    """The text cannot be read; says what to write instead."""


def fen_of(text: str, at: datetime) -> int:
    """Read `180,000`, `18万`, `三万五千元` as fen; raises Unreadable, also on what nobody pays."""
    if not text:
        raise Unreadable(_("Write the amount."))
    try:
        fen = parse_yuan(text)
    except BadAmount:
        fen = _spoken(text, at)
    if not 0 < fen <= MOST_FEN:
        raise Unreadable(_("%(amount)s is not possible.") % {"amount": format_yuan(fen)})
    return fen


def _spoken(text: str, at: datetime) -> int:
    spans = recognise(text, at).spans
    if len(spans) == 1 and spans[0].kind == "amount" and spans[0].text.strip() == text.strip():
        return int(spans[0].value)
    raise Unreadable(_("“%(text)s” is not an amount in yuan.") % {"text": text[:40]})


def moment_of(text: str, at: datetime) -> datetime | None:
    """Read `11:12`, `03-18 11:12` or `2026-03-18 11:12`; None if empty; raises Unreadable."""
    if not text:
        return None
    here = local(at)
    day_text, _sep, clock_text = text.replace("T", " ").strip().rpartition(" ")
    found = CLOCK.fullmatch(clock_text)
    if found is None:
        raise Unreadable(_("Write the time as 2026-03-18 11:12, or leave it empty."))
    hour, minute, second = (int(part or 0) for part in found.groups())
    day = here.date() if not day_text else _day(day_text.strip(), here.date())
    moment = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZONE)
    if moment > here + CLOCKS_DIFFER and not day_text:
        raise Unreadable(_("%(time)s is still to come today.") % {"time": f"{moment:%H:%M}"})
    if moment > here + CLOCKS_DIFFER:
        raise Unreadable(_("%(time)s lies in the future.") % {"time": f"{moment:%Y-%m-%d %H:%M}"})
    return moment


def _day(text: str, today: date) -> date:
    for form in DAYS:
        whole, pattern = (text, form) if "%Y" in form else (f"{today.year} {text}", f"%Y {form}")
        try:
            return datetime.strptime(whole, pattern).replace(tzinfo=ZONE).date()
        except ValueError:
            continue
    raise Unreadable(_("Write the time as 2026-03-18 11:12, or leave it empty."))


def account_of(text: str, kind: str) -> str:
    """Read an account number; `*` stands for what is not known; raises Unreadable on words."""
    if not text:
        return ""
    if kind == "wallet":
        compact = "".join(text.split())
        if WALLET.fullmatch(compact):
            return compact
    elif NUMBER.fullmatch(text):
        return as_tail(normal_account(text))
    raise Unreadable(
        _("An account is a number, * for unknown digits; nicknames and orders go under Other.")
    )
