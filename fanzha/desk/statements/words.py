"""Sums, findings and reasons of statements in the reader's words, without personal data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from fanzha.core.masking import mask_account, mask_name, mask_numbers
from fanzha.core.money import MINOR_UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HOME = "CNY"
DAMAGING = frozenset({"truncated", "damaged_accounts", "balance_break", "other_account"})
"""Findings that somebody has to act on; the others are only to be known."""
WAYS = ("in", "out", "unknown")


def amount(minor: int, currency: str = HOME) -> str:
    """`1,234.50`, of other currencies with their code: `1,234.500000 USDT`; minor units."""
    places = MINOR_UNITS.get(currency, 2)
    whole, rest = divmod(abs(minor), 10**places)
    text = f"{'-' if minor < 0 else ''}{whole:,}" + (f".{rest:0{places}}" if places else "")
    return text if currency == HOME else f"{text} {currency}"


def sums(found: Mapping[str, Mapping[str, int]]) -> list[tuple[str, str, str, str]]:
    """(currency, in, out, unknown) per currency; currencies are never added."""
    currencies = sorted({each for way in WAYS for each in found.get(way, {})})
    listed = []
    for code in sorted(currencies, key=lambda each: each != HOME):
        came, went, unclear = (amount(found.get(way, {}).get(code, 0), code) for way in WAYS)
        listed.append((code, came, went, unclear))
    return listed


def findings(found: Iterable[Mapping[str, Any]]) -> list[tuple[bool, str]]:
    """(whether it has to be acted on, sentence) of a statement's findings (Finding.as_json)."""
    return [(each["kind"] in DAMAGING, _sentence(each, _facts(each["facts"]))) for each in found]


def full_reason(reject: Mapping[str, Any]) -> str:
    """Why a line was rejected, with the cell as it is."""
    return _sentence(reject, reject["facts"])


def reason(reject: Mapping[str, Any]) -> str:
    """Why a line was rejected."""
    return _sentence(reject, {"value": mask_numbers(str(reject["facts"]["value"]))})


def account(number: str) -> str:
    """A number with its sub-account, masked."""
    key, _, sub = number.rpartition("_")
    return f"{mask_account(key)} _{sub}" if key and sub.isdigit() else mask_account(number)


def masked_text(text: str, *names: str) -> str:
    """A free text without long numbers and without these names."""
    for name in sorted({each for each in names if len(each) > 1}, key=len, reverse=True):
        text = text.replace(name, mask_name(name))
    return mask_numbers(text)


def _sentence(said: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    message: str = said["message"]
    return gettext(message) % facts


def _facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: mask_numbers(str(value)) for name, value in facts.items()}
    if "account" in facts:
        told["account"] = account(str(facts["account"]))
    if isinstance(facts.get("missing_fen"), int):
        told["missing_fen"] = amount(facts["missing_fen"])
    return told
