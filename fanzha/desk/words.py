"""Sentences for people: refusals and facts in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

if TYPE_CHECKING:
    from fanzha.core.refusal import Refusal


def say(refusal: Refusal) -> str:
    """The refusal's sentence in the active language; words among its facts are translated too."""
    facts = {
        key: gettext(value) if isinstance(value, str) and value else value
        for key, value in refusal.facts.items()
    }
    return gettext(refusal.message) % facts if refusal.message else refusal.code
