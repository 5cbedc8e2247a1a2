"""The door of recognition: run the finders from the surest to the vaguest, then suggest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.clock import ZONE
from fanzha.intake.recognition import amounts, contacts, names, numbers, times
from fanzha.intake.recognition.fraud_types import Suggestion, suggest
from fanzha.intake.recognition.payments import Payment, suggest_payments
from fanzha.intake.recognition.presence import Presence, still_ongoing
from fanzha.intake.recognition.spans import Sheet, Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised: spans by place, and suggestions for an officer to confirm."""

    spans: tuple[Span, ...]
    fraud_type: Suggestion
    payments: tuple[Payment, ...]
    ongoing: Presence

    def as_dict(self) -> dict[str, object]:
        """Give the public form of `fanzha extract --json`."""
        return {
            "spans": [span.as_dict() for span in self.spans],
            "fraud_type": self.fraud_type.as_dict(),
        }


def recognise(text: str, at: datetime, *, prefixes: Mapping[str, str] | None = None) -> Recognition:
    """Recognise `text`, told at `at` (naive means the centre's zone). Never raises on any text.

    `prefixes` maps card prefixes to the names of registered institutions; their names are
    recognised too. Time grows with the length of the text.
    """
    at = at if at.tzinfo else at.replace(tzinfo=ZONE)
    prefixes = prefixes or {}
    sheet = Sheet(text)
    contacts.find(sheet)
    times.find(sheet, at)
    sheet.settle()
    numbers.find(sheet, prefixes)
    names.find_apps(sheet)
    amounts.find(sheet)
    sheet.settle()
    names.find_banks(sheet, prefixes.values())
    spans = sheet.ordered()
    return Recognition(
        spans,
        suggest(text, sheet.folded),
        suggest_payments(sheet.folded, spans),
        still_ongoing(text, sheet.folded),
    )
