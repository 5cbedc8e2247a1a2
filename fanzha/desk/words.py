"""Sentences for people: refusals and facts in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.desk.look.states import LOOKS

if TYPE_CHECKING:
    from fanzha.core.refusal import Refusal


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the active language; states among its facts become words."""
    facts = {key: _word(value) for key, value in refusal.facts.items()}
    return gettext(refusal.message) % facts if refusal.message else refusal.code


def _word(fact: object) -> object:
    known = LOOKS.get(str(fact)) if isinstance(fact, str) else None
    return gettext(known.word) if known else fact
