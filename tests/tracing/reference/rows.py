"""What the reference is given: rows, payments, openings, limits; and the order of events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Row(NamedTuple):
    """A transfer; an empty account is the world outside."""

    id: str
    time: int
    payer: str
    payee: str
    fen: int
    payer_balance: int | None = None
    payee_balance: int | None = None
    channel: str = ""
    currency: str = "CNY"
    reverses: str = ""
    time_to: int | None = None
    width: int = 1

    @property
    def moves(self) -> bool:
        """Whether the row moves anything at all."""
        return self.payer != self.payee and self.fen > 0


@dataclass(frozen=True)
class Limits:
    """What is followed, all comparisons inclusive; None: without bound."""

    min_amount_fen: int = 0
    max_hops: int | None = None
    hop_window: int | None = None
    max_transfers: int | None = None


@dataclass(frozen=True)
class Case:
    """One question: `seeds` maps the victims' payments (row ids) to their claims."""

    rows: tuple[Row, ...]
    seeds: Mapping[str, str]
    openings: Mapping[str, int] = field(default_factory=dict)
    known: frozenset[str] | None = None
    gaps: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()

    @property
    def currency(self) -> str:
        """The currency of the payments."""
        return next((row.currency for row in self.rows if row.id in self.seeds), "CNY")

    def gap(self, account: str) -> str | None:
        """Why money that reaches this account is not followed; None where it is."""
        if account in self.gaps:
            return self.gaps[account]
        return "not_queried" if self.known is not None and account not in self.known else None

    def paid(self) -> dict[str, int]:
        """What every claim paid, in fen; in the order of the payments."""
        sums: dict[str, int] = {}
        for row in sorted(self.rows, key=lambda row: row.time):
            if row.id in self.seeds and row.fen:
                claim = self.seeds[row.id]
                sums[claim] = sums.get(claim, 0) + row.fen
        return sums


class Event(NamedTuple):
    """A row leaves its payer, or arrives at its payee."""

    time: int
    place: int
    arrives: bool
    row: Row


def events(rows: Iterable[Row]) -> list[Event]:
    """All events in the order in which they are played; rows that move nothing have none.

    A row's place is its place among all rows by their own time, then by the file. An arrival that
    would precede the leaving counts at the leaving. No bank tells when money came to an exit.
    """
    found = []
    for place, row in enumerate(sorted(rows, key=lambda row: row.time)):
        if row.moves:
            stated = row.time if row.time_to is None or not row.payee else row.time_to
            arrival = max(row.time, stated)
            found += [Event(row.time, place, False, row), Event(arrival, place, True, row)]
    return sorted(found, key=lambda event: event[:3])
