"""Sentences for people: refusals and facts in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core.refusal import gettext_noop
from fanzha.desk.forms.choices import chinese
from fanzha.desk.look.states import LOOKS
from fanzha.identity.rules import matrix
from fanzha.instructions.guards import groups

if TYPE_CHECKING:
    from fanzha.core.refusal import Refusal

KINDS = {
    "stop_payment": gettext_noop("Stop"),
    "transaction_query": gettext_noop("Query"),
    "holder_query": gettext_noop("Query of the holder"),
    "all_accounts_query": gettext_noop("Query of all accounts"),
    "watch": gettext_noop("Watch of an account"),
    "release_watch": gettext_noop("End of a watch"),
    "freeze": gettext_noop("Freeze"),
    "release_stop": gettext_noop("Release of a stop"),
    "extend_stop": gettext_noop("Extension of a stop"),
    "release_freeze": gettext_noop("Release of a freeze"),
    "renew_freeze": gettext_noop("Renewal of a freeze"),
}
"""What is asked of an institution."""
GROUNDS = {
    "unrelated": gettext_noop("Unrelated to the case"),
    "wrong_stop": gettext_noop("Held by mistake"),
    "case_decided": gettext_noop("The case is decided"),
    "reduction": gettext_noop("More is held than is needed"),
    "seen_enough": gettext_noop("Enough was seen"),
}
"""Why a hold is released."""


def kind_word(kind: str) -> str:
    """Name of a kind of instruction in the active language."""
    return gettext(KINDS[kind])


def ground_word(ground: str) -> str:
    """Why a hold is released, in the active language."""
    return gettext(GROUNDS[ground])


def permission_word(name: str) -> str:
    """What a permission allows, in the active language."""
    permission: dict[str, str] = matrix()["permissions"][name]
    return permission["zh" if chinese() else "en"]


def guard_word(group: str) -> str:
    """Why an account is guarded, in the active language."""
    found = groups()[group]
    return found.zh if chinese() else found.en


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the active language; states, kinds and permissions are words."""
    facts = {key: _word(value) for key, value in refusal.facts.items()}
    return gettext(refusal.message) % facts if refusal.message else refusal.code


def _word(fact: object) -> object:
    if not isinstance(fact, str):
        return fact
    if fact in matrix()["permissions"]:
        return permission_word(fact)
    if fact in groups():
        return guard_word(fact)
    known = LOOKS.get(str(fact))
    word = KINDS.get(str(fact)) or (known.word if known else "")
    return gettext(word) if word else fact
