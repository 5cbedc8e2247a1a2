"""What the rows of an account come to: sums, counterparties, hours; and which rows are asked for.

Rows are those of `movements.looks.entries`. Sums are minor units per currency and leave out what
failed; currencies are never added.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from fanzha.core.clock import local

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

Row = dict[str, Any]
HEATS = 4
WAYS = ("in", "out", "unknown")


@dataclass
class Summary:
    """One currency: sums and counts by direction, and what failed."""

    currency: str
    fen: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)


@dataclass
class Other:
    """One counterparty in one currency; `key` is a number, or a name where none is given."""

    key: str
    currency: str
    is_number: bool
    names: Counter[str] = field(default_factory=Counter)
    banks: Counter[str] = field(default_factory=Counter)
    in_fen: int = 0
    out_fen: int = 0
    rows: int = 0
    first: datetime | None = None
    last: datetime | None = None

    @property
    def name(self) -> str:
        """The name that most rows give."""
        return self.names.most_common(1)[0][0] if self.names else ""

    @property
    def bank(self) -> str:
        """The bank that most rows give."""
        return self.banks.most_common(1)[0][0] if self.banks else ""


SORTS: Mapping[str, Callable[[Other], Any]] = {
    "out": lambda other: (-other.out_fen, -other.in_fen),
    "in": lambda other: (-other.in_fen, -other.out_fen),
    "rows": lambda other: (-other.rows,),
    "last": lambda other: (-(other.last.timestamp() if other.last else 0),),
}


def other_of(row: Row) -> str:
    """Who stands on the other side: number, else name, else nobody."""
    return str(row["cp_key"] or row["cp_name"])


def moved(row: Row) -> bool:
    """Whether the row moved money."""
    return bool(row["success"] != "failed")


def summaries(rows: Iterable[Row]) -> list[Summary]:
    """Sums and counts, the home currency first."""
    found: dict[str, Summary] = {}
    for row in rows:
        each = found.setdefault(row["currency"], Summary(row["currency"]))
        way = row["direction"] if moved(row) else "failed"
        each.fen[way] += row["amount_fen"]
        each.rows[way] += 1
    return sorted(found.values(), key=lambda each: (each.currency != "CNY", each.currency))


def others(rows: Iterable[Row], sort: str = "out") -> list[Other]:
    """The counterparties of rows that moved money, in the order of SORTS; rows without one too."""
    found: dict[tuple[str, str], Other] = {}
    for row in rows:
        if not moved(row):
            continue
        key = other_of(row), row["currency"]
        each = found.setdefault(key, Other(*key, is_number=bool(row["cp_key"])))
        each.rows += 1
        each.in_fen += row["amount_fen"] if row["direction"] == "in" else 0
        each.out_fen += row["amount_fen"] if row["direction"] == "out" else 0
        each.first = min(each.first or row["txn_time"], row["txn_time"])
        each.last = max(each.last or row["txn_time"], row["txn_time"])
        each.names.update([row["cp_name"]] if row["cp_name"] else [])
        each.banks.update([row["cp_bank"]] if row["cp_bank"] else [])
    order = SORTS.get(sort, SORTS["out"])
    return sorted(found.values(), key=lambda each: (*order(each), each.key, each.currency))


def hours(rows: Iterable[Row]) -> list[list[tuple[int, int, int]]]:
    """7 x 24 of (hour, rows that moved money, heat 0 to HEATS), Monday first, local time.

    Rows that give the date only have no hour and are left out.
    """
    counted: Counter[tuple[int, int]] = Counter()
    for row in rows:
        if moved(row) and row["time_precision"] != "date":
            here = local(row["txn_time"])
            counted[here.weekday(), here.hour] += 1
    most = max(HEATS, *counted.values()) if counted else HEATS
    return [
        [(hour, counted[day, hour], -(-counted[day, hour] * HEATS // most)) for hour in range(24)]
        for day in range(7)
    ]


def balances(rows: Sequence[Row]) -> dict[str, list[tuple[datetime, int]]]:
    """Currency -> (time, stated balance) of the rows that state one, in their order."""
    found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in rows:
        if row["balance_fen"] is not None and moved(row):
            found[row["currency"]].append((row["txn_time"], row["balance_fen"]))
    return dict(found)


@dataclass(frozen=True)
class Asked:
    """Which rows are asked for; empty parts ask for nothing. Days and hours are local."""

    way: str = ""
    currency: str = ""
    other: str = ""
    since: date | None = None
    until: date | None = None
    weekday: int | None = None
    hour: int | None = None

    def takes(self, row: Row, ref: Callable[[str], str]) -> bool:
        """Whether a row is asked for; `ref` is how addresses name a counterparty."""
        here = local(row["txn_time"])
        way = row["direction"] if moved(row) else "failed"
        return (
            self.way in ("", way)
            and self.currency in ("", row["currency"])
            and (not self.other or (moved(row) and ref(other_of(row)) == self.other))
            and (self.since is None or here.date() >= self.since)
            and (self.until is None or here.date() <= self.until)
            and (self.weekday is None or here.weekday() == self.weekday)
            and (
                self.hour is None
                or (here.hour == self.hour and row["time_precision"] != "date" and moved(row))
            )
        )


def asked(given: Mapping[str, str]) -> Asked:
    """What an address asks for; what it says wrongly asks for nothing."""
    return Asked(
        way=given.get("way", "") if given.get("way") in (*WAYS, "failed") else "",
        currency=given.get("currency", "")[:8],
        other=given.get("other", "")[:40],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        weekday=_number(given.get("weekday", ""), 7),
        hour=_number(given.get("hour", ""), 24),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str, below: int) -> int | None:
    return next((number for number in range(below) if text == str(number)), None)
