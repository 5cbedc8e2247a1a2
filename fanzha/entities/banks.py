"""Which institution a card number or a spoken name belongs to. Tables in `data/`, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fanzha.entities.tables import read_table

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"
BIN_LENGTH = 6
LONGEST_PREFIX = 12


@dataclass(frozen=True, slots=True)
class Institution:
    """A bank or payment firm as people name it."""

    name: str
    kind: str
    aliases: tuple[str, ...] = ()
    code: str = ""


@cache
def institutions() -> tuple[Institution, ...]:
    """Every institution of the name table."""
    rows = read_table(DATA / "banks.yaml")
    return tuple(
        Institution(row["name"], row["kind"], tuple(row["aliases"]), row.get("code", ""))
        for row in rows
    )


@cache
def names() -> Mapping[str, str]:
    """Every name and alias -> the name we show."""
    return {
        spoken: one.name for one in institutions() for spoken in (one.name, *one.aliases) if spoken
    }


@cache
def clearing_codes() -> Mapping[str, str]:
    """Taiwan's three-digit bank codes -> name."""
    return {one.code: one.name for one in institutions() if one.code}


@cache
def bins() -> Mapping[str, str]:
    """Six-digit card prefix -> bank name; `a-b` in the table means every prefix from a to b."""
    found: dict[str, str] = {}
    for name, prefixes in read_table(DATA / "bins.yaml").items():
        for part in prefixes.split():
            first, _, last = part.partition("-")
            for number in range(int(first), int(last or first) + 1):
                found[str(number)] = name
    return found


def bank_of(number: str, extra: Mapping[str, str] | None = None) -> str | None:
    """Name the issuer by the first digits of `number`, or None.

    `extra` maps prefixes of any length up to twelve digits to names (registered institutions);
    the longest that fits wins, and goes before the built-in table.
    """
    for length in range(min(LONGEST_PREFIX, len(number)), 0, -1) if extra else ():
        if extra and number[:length] in extra:
            return extra[number[:length]]
    return bins().get(number[:BIN_LENGTH])


def canonical_bank(name: str) -> str:
    """Give the name we show for a spoken one; an unknown name is its own."""
    return names().get(name, name)
