"""What may follow on a hold, as screens offer it: its release, its extension, in exact words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.core.clock import local
from fanzha.core.money import format_yuan
from fanzha.core.refusal import Refusal
from fanzha.desk.words import GROUNDS, ground_word, kind_word, say
from fanzha.instructions import actions
from fanzha.instructions.rules import (
    EXTENSION_OF,
    FOLLOW_ONS,
    RELEASABLE,
    RELEASE_OF,
    Kind,
    ReleaseGround,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

DUTY_HEAD, CITY_HEAD = "instruction.approve_stop", "instruction.approve_beyond"


@dataclass(frozen=True)
class Way:
    """A release or extension that could be drafted now, or what stands against it.

    `order` and `terms` are the two lines of its button; `grounds` (value, word) to choose from.
    """

    kind: Kind
    word: str
    order: str
    terms: str
    against: str
    grounds: tuple[tuple[str, str], ...] = ()
    reducible: bool = False


def ways_on(officer: Officer, hold: Instruction, at: datetime) -> tuple[Way, ...]:
    """What this officer may draft about the hold: nothing where there is no hold in force."""
    held = hold.kind in RELEASE_OF and hold.state in RELEASABLE
    if not held or not officer.may("instruction.draft"):
        return ()
    kind = Kind(hold.kind)
    if kind == Kind.WATCH:
        return (_end_of_watch(hold, at),)
    return (_release(hold, RELEASE_OF[kind], at), _extension(hold, EXTENSION_OF[kind], at))


def at_stake(hold: Instruction) -> int | None:
    """What a hold holds, as far as the bank said; None if it did not say."""
    return hold.balance_fen if hold.held_fen is None else hold.held_fen


def until(follow_on: Instruction) -> str:
    """The new end that an extension asks for, to the minute."""
    return f"{local(follow_on.asked_until):%Y-%m-%d %H:%M}" if follow_on.asked_until else ""


def _release(hold: Instruction, kind: Kind, at: datetime) -> Way:
    reducible = hold.kind == Kind.FREEZE and hold.amount_fen is not None
    unfit = {ReleaseGround.SEEN_ENOUGH, *(() if reducible else (ReleaseGround.REDUCTION,))}
    grounds = [each for each in GROUNDS if each not in unfit]
    fen = at_stake(hold)
    frees = _("the account is free again") if fen is None else _("%(yuan)s yuan free again") % {
        "yuan": format_yuan(fen)
    }  # fmt: skip
    return Way(
        kind, kind_word(kind), _("Draft: release"), _terms(frees, hold.package.permission),
        _against(hold, kind, at), tuple((each, ground_word(each)) for each in grounds), reducible,
    )  # fmt: skip


def _end_of_watch(watch: Instruction, at: datetime) -> Way:
    kind, why = Kind.RELEASE_WATCH, ReleaseGround.SEEN_ENOUGH
    return Way(
        kind, kind_word(kind), _("Draft: end the watch"),
        _terms(_("the bank tells no more of it"), watch.package.permission),
        _against(watch, kind, at), ((why, ground_word(why)),),
    )  # fmt: skip


def _extension(hold: Instruction, kind: Kind, at: datetime) -> Way:
    limit, against = FOLLOW_ONS[kind].limit, _against(hold, kind, at)
    order = _("Draft: extend") if kind == Kind.EXTEND_STOP else _("Draft: renew")
    terms = ""
    if limit and hold.ends_at and not against:
        longer = _("held until %(end)s") % {
            "end": f"{local(limit.ends(hold.ends_at)):%Y-%m-%d %H:%M}"
        }
        terms = _terms(longer, hold.package.permission)
    return Way(kind, kind_word(kind), order, terms, against)


def _terms(what: str, permission: str) -> str:
    """What comes of it, and who must approve."""
    if permission == DUTY_HEAD:
        return _("%(what)s; the duty head approves") % {"what": what}
    if permission == CITY_HEAD:
        return _("%(what)s; the city-level head approves") % {"what": what}
    return _("%(what)s; the county-level head approves") % {"what": what}


def _against(hold: Instruction, kind: Kind, at: datetime) -> str:
    try:
        actions.check_follow_on(hold, kind, at)
    except Refusal as refusal:
        return say(refusal)
    return ""
