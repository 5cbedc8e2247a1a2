"""Lots, and which of them leave first under each flow rule."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    Taken = tuple[list["Lot"], list["Lot"]]

Fen = int | Fraction


class Rule(StrEnum):
    """The flow rules."""

    FIFO = "fifo"
    LIFO = "lifo"
    OWN_FIRST = "own_first"
    ROLLING_PRO_RATA = "rolling_pro_rata"


class Lot(NamedTuple):
    """Some fen of one claim (None: own money), brought by row `via` at the time `since`.

    `hop` is that of the row. `followed` falls when a limit ends the lot: it is then only there so
    that `own_first` still knows claim money. `trail` are all rows that it has passed.
    """

    claim: str | None
    fen: Fen
    via: str = ""
    hop: int = 0
    since: int = 0
    followed: bool = True
    trail: tuple[str, ...] = ()

    @property
    def owner(self) -> str | None:
        """The claim, as long as it is followed."""
        return self.claim if self.followed else None


def own(fen: Fen) -> list[Lot]:
    """Own money."""
    return [Lot(None, fen)] if fen > 0 else []


def total(lots: Iterable[Lot]) -> Fen:
    """Sum lots."""
    return sum(lot.fen for lot in lots)


def take(rule: Rule, lots: list[Lot], fen: Fen, *, via: str | None = None) -> Taken:
    """Take up to `fen` by the rule, only among the lots that came by `via` if that is given.

    Returns what was taken, in the order of its release, and what stays, each where it lay.
    """
    places = [at for at, lot in enumerate(lots) if via is None or lot.via == via]
    if rule is Rule.LIFO:
        places.reverse()
    if rule is Rule.OWN_FIRST:
        places.sort(key=lambda at: lots[at].claim is not None)
    if rule is Rule.ROLLING_PRO_RATA:
        parts = _alike([lots[at].fen for at in places], fen)
    else:
        parts = _in_turn([lots[at].fen for at in places], fen)
    left = [lot.fen for lot in lots]
    for at, part in zip(places, parts, strict=True):
        left[at] -= part
    taken = [lots[at]._replace(fen=part) for at, part in zip(places, parts, strict=True) if part]
    return taken, [lot._replace(fen=rest) for lot, rest in zip(lots, left, strict=True) if rest]


def _in_turn(sizes: list[Fen], fen: Fen) -> list[Fen]:
    """Whole lots one after the other, and of the last one what is still wanted."""
    parts = []
    for size in sizes:
        parts.append(min(size, fen))
        fen -= parts[-1]
    return parts


def _alike(sizes: list[Fen], fen: Fen) -> list[Fen]:
    """The same fraction of every lot."""
    there = sum(sizes)
    part = Fraction(fen) / there if fen < there else Fraction(1)
    return [size * part for size in sizes]


def fill(rule: Rule, arriving: list[Lot], debt: Fen) -> Taken:
    """Take what fills a debt: what was released first, or the same fraction of all."""
    return take(rule if rule is Rule.ROLLING_PRO_RATA else Rule.FIFO, arriving, debt)


def put_back(
    rule: Rule, lots: list[Lot], returning: list[Lot], undoing: Collection[str]
) -> list[Lot]:
    """Put what a reversal brings back where the next outflow takes first.

    `undoing` are all reversals of the same row: what an earlier one brought back, and still lies
    in front, stays in front. Undoing a transfer in two parts is undoing it at once.
    """
    if rule is Rule.LIFO:
        return [*lots, *returning]
    at = 0
    while at < len(lots) and lots[at].via in undoing:
        at += 1
    return [*lots[:at], *returning, *lots[at:]]
