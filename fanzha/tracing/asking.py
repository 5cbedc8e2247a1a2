"""What the command line asks for in words: limits, and spans of time in ISO 8601."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.tracing.engine import NO_LIMITS, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE: Final = ("min_amount_fen", "max_hops", "max_transfers")
_NAMES: Final = ("min_amount_fen", "hop_window", "max_hops", "max_transfers")
_SPAN: Final = re.compile(
    r"P(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?",
    re.ASCII | re.IGNORECASE,
)
_SECONDS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


class BadLimit(Refusal):
    """A limit cannot be read."""

    message = gettext_noop("The limit %(text)r is none of %(names)s, written name=value.")


class BadSpan(Refusal):
    """A span of time cannot be read."""

    message = gettext_noop("%(text)r is no span of time like PT24H or P1DT30M.")


def read_limits(text: str) -> Limits:
    """Read `min_amount_fen=..,hop_window=PT24H,max_hops=..,max_transfers=..`; any may be absent."""
    given: dict[str, int] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = part.partition("=")
        if name not in _NAMES or name in given:
            raise BadLimit(text=part, names=", ".join(_NAMES))
        if name == "hop_window":
            given[name] = read_span(value)
        elif value.isascii() and value.isdigit():
            given[name] = int(value)
        else:
            raise BadLimit(text=part, names=", ".join(_NAMES))
    return Limits(**given)


def read_span(text: str) -> int:
    """Read a span of ISO 8601 without months and years, in seconds."""
    found = _SPAN.fullmatch(text)
    parts = {unit: int(n) for unit, n in (found.groupdict() if found else {}).items() if n}
    if not parts or text.upper().endswith("T"):
        raise BadSpan(text=text)
    return sum(n * _SECONDS[unit] for unit, n in parts.items())


def limits_record(limits: Limits) -> dict[str, Any]:
    """The limits that were set, as they are written into a result."""
    unset = asdict(NO_LIMITS)
    found = {name: n for name, n in asdict(limits).items() if n != unset[name]}
    if "hop_window" in found:
        found["hop_window"] = f"PT{found['hop_window']}S"
    return found


def limits_text(record: Mapping[str, Any]) -> str:
    """The limits of a result as the command line takes them."""
    return ",".join(f"{name}={value}" for name, value in record.items())
