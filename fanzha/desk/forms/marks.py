"""The told text cut into plain and marked pieces at the raw offsets of its spans: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fanzha.intake.recognition import Span

KIND_WORDS = {
    "amount": _("Amount"),
    "time": _("Time"),
    "account": _("Account"),
    "phone": _("Phone"),
    "id_number": _("ID number"),
    "url": _("Web address"),
    "app": _("App"),
    "chat_id": _("Chat account"),
    "wallet": _("Wallet"),
    "bank": _("Institution"),
    "holder": _("Account holder"),
}


@dataclass(frozen=True)
class Piece:
    """A stretch of the text; `kind` is empty where nothing was recognised."""

    text: str
    kind: str = ""
    word: str = ""
    reading: str = ""
    doubtful: bool = False


def cut(text: str, spans: Iterable[Span]) -> list[Piece]:
    """Cut `text` at the spans; the pieces joined are the text again, sign for sign."""
    pieces: list[Piece] = []
    here = 0
    for span in sorted(spans, key=lambda each: each.start):
        if span.start < here:
            continue
        if span.start > here:
            pieces.append(Piece(text[here : span.start]))
        pieces.append(_marked(span))
        here = span.end
    if here < len(text):
        pieces.append(Piece(text[here:]))
    return pieces


def _marked(span: Span) -> Piece:
    extra = span.extra
    doubtful = any(extra.get(name) for name in ("masked", "approx", "doubtful"))
    doubtful = doubtful or extra.get("valid") is False or extra.get("luhn") is False
    word = KIND_WORDS.get(span.kind, span.kind)
    return Piece(span.text, span.kind, word, _reading(span), doubtful)


def _reading(span: Span) -> str:
    """What was understood, where it says more than the text itself."""
    if span.kind == "amount":
        currency = str(span.extra.get("currency", "CNY"))
        return format_yuan(int(span.value)) if currency == "CNY" else currency
    if span.kind == "time":
        return str(span.value)[:16].replace("T", " ")
    if span.kind == "account":
        return str(span.extra.get("bank", ""))
    return str(span.value) if str(span.value) != span.text else ""
