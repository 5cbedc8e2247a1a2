"""What a row says about where its money went when it names no account: keywords, never proof."""

from __future__ import annotations

from functools import cache, lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from fanzha.entities.rules import half_width
from fanzha.movements.profile import evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.movements.leg import Leg
    from fanzha.movements.row import Row

KINDS = ("fee", "cash", "crypto_otc", "payment_institution", "merchant")
UNKNOWN = "unknown"


def channel_of(leg: Leg) -> str:
    """Name the exit of a row without a counterparty: one of KINDS, or unknown (tracing, 5)."""
    if leg.cash_flag and leg.cash_flag in evidence()["cash"]["marks"]:
        return "cash"
    for kind in KINDS:
        if speaks_of(leg, evidence()[kind]):
            return kind
    named = any(getattr(leg, name) for name in evidence()["merchant"]["marks"])
    return "merchant" if named else UNKNOWN


def is_reserve(leg: Leg) -> bool:
    """Tell whether the other side is a payment firm's own pot, which is no person's account."""
    return speaks_of(leg, evidence()["reserve"])


def is_fee(leg: Leg) -> bool:
    """Tell whether the row is what an institution took for its service."""
    return speaks_of(leg, evidence()["fee"])


def is_reversal(leg: Leg) -> bool:
    """Tell whether the row takes an earlier one back (R10)."""
    return speaks_of(leg, evidence()["reversal"])


def speaks_of(leg: Leg | Row, entry: dict[str, Any]) -> bool:
    """Tell whether one of the entry's fields of a row or leg holds one of its words."""
    return _holds_one(_fields(*entry["fields"])(leg), *entry["words"])


@cache
def _fields(*names: str) -> Callable[[Leg | Row], str | tuple[str, ...]]:
    return attrgetter(*names)


@lru_cache(maxsize=65_536)
def _holds_one(told: str | tuple[str, ...], *words: str) -> bool:
    said = half_width(told if isinstance(told, str) else " ".join(told)).upper()
    return any(word in said for word in words)
