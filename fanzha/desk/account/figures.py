"""What the rows of an account come to: sums, counterparties, hours; and which rows are asked for.

Rows are the table of `movements.looks.entries`, and are counted as columns. Sums are minor units
per currency and leave out what failed; currencies are never added.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from fanzha.core.clock import ZONE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pyarrow as pa

Row = dict[str, Any]
HEATS = 4
WAYS = ("in", "out", "unknown")
SORTS: Mapping[str, tuple[str, ...]] = {
    "out": ("out_sum", "in_sum"),
    "in": ("in_sum", "out_sum"),
    "rows": ("at_count",),
    "last": ("txn_time_max",),
}
"""What counterparties are sorted by, the most first."""


@dataclass
class Summary:
    """One currency: sums and counts by direction, and what failed."""

    currency: str
    fen: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Other:
    """One counterparty in one currency; `key` is a number, or a name where none is given.

    Name and bank are those that most rows give; of several the first.
    """

    key: str
    currency: str
    is_number: bool
    name: str
    bank: str
    in_fen: int
    out_fen: int
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Others:
    """Counterparties in their order, made when a stretch of them is asked for."""

    rows: pa.Table
    found: pa.Table

    def __len__(self) -> int:
        """How many there are."""
        return int(self.found.num_rows)

    def __getitem__(self, part: slice) -> list[Other]:
        """Those from a place to a place."""
        import pyarrow.compute as pc

        found = self.found[part]
        rows = self.rows.filter(pc.is_in(self.rows["other"], value_set=_array(found["other"])))
        names, banks = _most(rows, "cp_name"), _most(rows, "cp_bank")
        numbers = self.rows["cp_key"].take(found["at_min"]).to_pylist()
        return [
            Other(
                key=each["other"],
                currency=each["currency"],
                is_number=bool(number),
                name=names.get((each["other"], each["currency"]), ""),
                bank=banks.get((each["other"], each["currency"]), ""),
                in_fen=each["in_sum"],
                out_fen=each["out_sum"],
                rows=each["at_count"],
                first=each["txn_time_min"],
                last=each["txn_time_max"],
            )
            for each, number in zip(found.to_pylist(), numbers, strict=True)
        ]


def summaries(rows: pa.Table) -> list[Summary]:
    """Sums and counts, the home currency first."""
    ways = rows.select(["currency", "amount_fen"]).append_column("way", _ways(rows))
    counted = ways.group_by(["currency", "way"]).aggregate(
        [("amount_fen", "sum"), ("amount_fen", "count")]
    )
    found: dict[str, Summary] = {}
    for each in counted.to_pylist():
        summary = found.setdefault(each["currency"], Summary(each["currency"]))
        summary.fen[each["way"]] = each["amount_fen_sum"]
        summary.rows[each["way"]] = each["amount_fen_count"]
    return sorted(found.values(), key=lambda each: (each.currency != "CNY", each.currency))


def others(rows: pa.Table, sort: str = "out") -> Others:
    """The counterparties of rows that moved money, in the order of SORTS; rows without one too."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = rows.filter(_moved(rows))
    rows = rows.append_column("other", _others(rows))
    rows = rows.append_column("at", pa.array(np.arange(rows.num_rows)))
    for way in ("in", "out"):
        fen = pc.if_else(pc.equal(rows["direction"], way), rows["amount_fen"], 0)
        rows = rows.append_column(way, fen)
    wanted = [("at", "min"), ("at", "count"), ("in", "sum"), ("out", "sum")]
    times = [("txn_time", "min"), ("txn_time", "max")]
    found = rows.group_by(["other", "currency"]).aggregate([*wanted, *times])
    most = [(name, "descending") for name in SORTS.get(sort, SORTS["out"])]
    order = [*most, ("other", "ascending"), ("currency", "ascending")]
    return Others(rows, found.sort_by(order))


def hours(rows: pa.Table) -> list[list[tuple[int, int, int]]]:
    """7 x 24 of (hour, rows that moved money, heat 0 to HEATS), Monday first, local time.

    Rows that give the date only have no hour and are left out.
    """
    import numpy as np
    import pyarrow.compute as pc

    here = local_times(rows.filter(_timed(rows)))
    places = pc.add(pc.multiply(pc.day_of_week(here), 24), pc.hour(here))
    counted = np.bincount(places.to_numpy(), minlength=7 * 24).tolist()
    most = max(HEATS, *counted)
    cells = [(at % 24, count, -(-count * HEATS // most)) for at, count in enumerate(counted)]
    return [cells[day * 24 : day * 24 + 24] for day in range(7)]


def balances(rows: pa.Table) -> dict[str, pa.Table]:
    """Currency -> `txn_time` and `balance_fen` of the rows that state one, in their order."""
    import pyarrow.compute as pc

    stated = rows.filter(pc.and_(pc.is_valid(rows["balance_fen"]), _moved(rows)))
    return {
        currency: stated.filter(pc.equal(stated["currency"], currency))
        for currency in pc.unique(stated["currency"]).to_pylist()
    }


def local_times(rows: pa.Table) -> pa.ChunkedArray:
    """The times of rows as a clock on the wall shows them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.local_timestamp(rows["txn_time"].cast(pa.timestamp("us", tz=ZONE.key)))


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

    def of(self, rows: pa.Table, ref: Callable[[str], str]) -> pa.Table:
        """The rows asked for; `ref` is how addresses name a counterparty."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if self.way:
            rows = rows.filter(pc.equal(_ways(rows), self.way))
        if self.currency:
            rows = rows.filter(pc.equal(rows["currency"], self.currency))
        if self.other:
            rows = rows.filter(_moved(rows))
            keys = _others(rows)
            meant = [key for key in pc.unique(keys).to_pylist() if ref(key) == self.other]
            rows = rows.filter(pc.is_in(keys, value_set=pa.array(meant, pa.string())))
        if self.since is not None:
            rows = rows.filter(pc.greater_equal(_days(rows), pa.scalar(self.since)))
        if self.until is not None:
            rows = rows.filter(pc.less_equal(_days(rows), pa.scalar(self.until)))
        if self.weekday is not None:
            rows = rows.filter(pc.equal(pc.day_of_week(local_times(rows)), self.weekday))
        if self.hour is not None:
            rows = rows.filter(_timed(rows))
            rows = rows.filter(pc.equal(pc.hour(local_times(rows)), self.hour))
        return rows


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


def _moved(rows: pa.Table) -> pa.ChunkedArray:
    """Which rows moved money."""
    import pyarrow.compute as pc

    return pc.not_equal(rows["success"], "failed")


def _timed(rows: pa.Table) -> pa.ChunkedArray:
    """Which rows moved money at an hour that is known."""
    import pyarrow.compute as pc

    return pc.and_(_moved(rows), pc.not_equal(rows["time_precision"], "date"))


def _ways(rows: pa.Table) -> pa.ChunkedArray:
    """The direction of each row, or that it failed."""
    import pyarrow.compute as pc

    return pc.if_else(_moved(rows), rows["direction"], "failed")


def _others(rows: pa.Table) -> pa.ChunkedArray:
    """Who stands on the other side of each row: number, else name, else nobody."""
    import pyarrow.compute as pc

    return pc.if_else(pc.equal(rows["cp_key"], ""), rows["cp_name"], rows["cp_key"])


def _days(rows: pa.Table) -> pa.ChunkedArray:
    import pyarrow as pa

    return local_times(rows).cast(pa.date32(), safe=False)


def _array(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks()


def _most(rows: pa.Table, column: str) -> dict[tuple[str, str], str]:
    """Counterparty and currency -> the text that most of its rows give, of several the first."""
    import pyarrow.compute as pc

    given = rows.filter(pc.not_equal(rows[column], "")).group_by(["other", "currency", column])
    counted = given.aggregate([("at", "count"), ("at", "min")])
    order = [("at_count", "ascending"), ("at_min", "descending")]
    names = ("other", "currency", column)
    keys = [counted.sort_by(order)[name].to_pylist() for name in names]
    return {(other, currency): text for other, currency, text in zip(*keys, strict=True)}
