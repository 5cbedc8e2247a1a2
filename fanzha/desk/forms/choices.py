"""The choices of select fields in the reader's language: (value, words)."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from fanzha.intake.recognition.fraud_types import table
from fanzha.intake.rules import DOORS, ONGOING, payment_kinds

Choices = list[tuple[str, str]]


def chinese() -> bool:
    """Whether the page is read in Chinese."""
    return (get_language() or "zh").startswith("zh")


def kinds() -> Choices:
    """Ways in which a victim parts with money."""
    return [
        (code, kind["zh"] if chinese() else kind["en"]) for code, kind in payment_kinds().items()
    ]


def fraud_types() -> Choices:
    """The fraud types of the taxonomy."""
    return [(each.code, fraud_word(each.code)) for each in table()[2]]


def fraud_word(code: str) -> str:
    """Name of a fraud type; an unknown code is shown as it is."""
    found = next((each for each in table()[2] if each.code == code), None)
    if found is None:
        return code
    return found.name if chinese() else found.english.replace("_", " ").capitalize()


def doors() -> Choices:
    """Doors through which reports come in."""
    words = {"counter": _("At the counter"), "bank": _("Through a bank")}
    return [(door, words.get(door, door)) for door in DOORS]


def ongoing() -> Choices:
    """Answers to the first question."""
    words = {"yes": _("Yes, still going on"), "no": _("No, it is over"), "unknown": _("Not known")}
    return [(each, words[each]) for each in ONGOING]
