"""The words of the shapes: their names, the sentences that say why, what a search left out."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop
from fanzha.tracing.engine.model import HOME_CURRENCY

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"))


class Kind(StrEnum):
    """The shapes, by the names of the AMLworld data set."""

    STACK = "stack"
    BIPARTITE = "bipartite"
    SCATTER_GATHER = "scatter_gather"
    GATHER_SCATTER = "gather_scatter"
    CYCLE = "cycle"
    FAN_IN = "fan_in"
    FAN_OUT = "fan_out"


NAMES: Final[Mapping[Kind, str]] = {
    Kind.STACK: gettext_noop("stack of layers"),
    Kind.BIPARTITE: gettext_noop("layer to layer"),
    Kind.SCATTER_GATHER: gettext_noop("scattered, then gathered"),
    Kind.GATHER_SCATTER: gettext_noop("gathered, then scattered"),
    Kind.CYCLE: gettext_noop("cycle"),
    Kind.FAN_IN: gettext_noop("fan-in"),
    Kind.FAN_OUT: gettext_noop("fan-out"),
}
REASONS: Final[Mapping[Kind, str]] = {
    Kind.STACK: gettext_noop(
        "%(money)s went through %(layers)d layers of accounts, several accounts wide,"
        " within %(span)s."
    ),
    Kind.BIPARTITE: gettext_noop(
        "%(first)d accounts paid %(money)s to %(last)d others, each of them to or from several,"
        " within %(span)s."
    ),
    Kind.SCATTER_GATHER: gettext_noop(
        "One account's money took %(middle)d ways and came together in one account:"
        " %(money)s within %(span)s."
    ),
    Kind.GATHER_SCATTER: gettext_noop(
        "One account received from %(first)d accounts, then paid %(money)s to %(last)d,"
        " within %(span)s."
    ),
    Kind.CYCLE: gettext_noop(
        "%(money)s came back to the account that it had left, over %(layers)d accounts,"
        " within %(span)s."
    ),
    Kind.FAN_IN: gettext_noop(
        "%(first)d accounts paid %(money)s into one account within %(span)s."
    ),
    Kind.FAN_OUT: gettext_noop("One account paid %(money)s to %(last)d accounts within %(span)s."),
}
SIDE_BY_SIDE: Final = gettext_noop(
    "%(first)d lines of %(hops)d transfers ran side by side within %(span)s, %(money)s in all;"
    " nothing but the case joins them."
)


STEPS_SPENT: Final = gettext_noop(
    "The search stopped after %(steps)d steps: further shapes may be there."
)
ROWS_LEFT_OUT: Final = gettext_noop(
    "Looked at the %(most)d rows that carry most; %(count)d rows with less were left out."
)
PAIRS_LEFT_OUT: Final = gettext_noop(
    "Accounts with too many payers and payees to look at every way through them: %(count)d."
)
SHAPES_LEFT_OUT: Final = gettext_noop("Smaller shapes that are not listed: %(count)d.")


class Note(NamedTuple):
    """What a search left out: a marked sentence and the counts in it."""

    template: str
    facts: dict[str, int]

    @property
    def text(self) -> str:
        """The sentence."""
        return self.template % self.facts


def money_text(fen: int, currency: str) -> str:
    """`1,200.00 CNY`; minor units of other currencies stay as they are."""
    return f"{format_yuan(fen) if currency == HOME_CURRENCY else format(fen, ',')} {currency}"


def span_text(seconds: int) -> str:
    """The two largest units of a time: `2 d 3 h`, `5 min`, `40 s`."""
    parts = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    if seconds or not parts:
        parts.append(f"{seconds} s")
    return " ".join(parts[:2])
