"""What is counted as columns is what counting row by row gives."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.core.clock import local
from fanzha.desk.account import chart, figures

if TYPE_CHECKING:
    from collections.abc import Callable

Row = dict[str, Any]
START = datetime(2026, 3, 17, 14, tzinfo=UTC)
TEXTS = ("cp_key", "cp_name", "cp_bank", "currency", "direction", "success", "time_precision")
SCHEMA = pa.schema([
    ("txn_time", pa.timestamp("us", tz="UTC")), ("amount_fen", pa.int64()),
    ("balance_fen", pa.int64()), *((name, pa.string()) for name in TEXTS),
])  # fmt: skip
ROW = st.fixed_dictionaries({
    "txn_time": st.integers(0, 4 * 86_400).map(lambda second: START + timedelta(seconds=second)),
    "amount_fen": st.integers(0, 3),
    "balance_fen": st.none() | st.integers(-9, 9),
    "cp_key": st.sampled_from(["", "62990001", "62990002", "甲"]),
    "cp_name": st.sampled_from(["", "甲", "乙", "\U00020000"]),
    "cp_bank": st.sampled_from(["", "east", "west"]),
    "currency": st.sampled_from(["CNY", "USD", "AUD"]),
    "direction": st.sampled_from(["in", "out", "unknown"]),
    "success": st.sampled_from(["success", "failed", "unknown"]),
    "time_precision": st.sampled_from(["second", "date"]),
})  # fmt: skip


def by_time(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["txn_time"])


ROWS = st.lists(ROW, max_size=40).map(by_time)
ASKED = st.builds(
    figures.Asked,
    way=st.sampled_from(["", "in", "out", "unknown", "failed"]),
    currency=st.sampled_from(["", "USD"]),
    other=st.sampled_from(["", "of 甲", "of 62990001", "of ", "of nobody"]),
    since=st.none() | st.sampled_from([date(2026, 3, 18), date.max]),
    until=st.none() | st.sampled_from([date(2026, 3, 19), date.max]),
    weekday=st.none() | st.integers(0, 6),
    hour=st.none() | st.integers(0, 23),
)


def as_table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def way_of(row: Row) -> str:
    return "failed" if row["success"] == "failed" else str(row["direction"])


def moved(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["success"] != "failed"]


def most(rows: list[Row], name: str) -> str:
    counted = Counter(row[name] for row in rows if row[name])
    return str(counted.most_common(1)[0][0]) if counted else ""


def total(rows: list[Row], way: str) -> int:
    return sum(row["amount_fen"] for row in rows if row["direction"] == way)


@settings(deadline=None)
@given(rows=ROWS)
def test_sums_are_those_of_the_rows(rows: list[Row]) -> None:
    fen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        fen[row["currency"]][way_of(row)] += row["amount_fen"]
        counted[row["currency"]][way_of(row)] += 1
    found = figures.summaries(as_table(rows))
    home_first = sorted(fen, key=lambda code: (code != "CNY", code))
    assert [each.currency for each in found] == home_first
    assert {each.currency: each.fen for each in found} == fen
    assert {each.currency: each.rows for each in found} == counted


@settings(deadline=None)
@given(rows=ROWS, sort=st.sampled_from(["out", "in", "rows", "last", "sideways"]))
def test_counterparties_are_those_of_the_rows(rows: list[Row], sort: str) -> None:
    of: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in moved(rows):
        of[row["cp_key"] or row["cp_name"], row["currency"]].append(row)
    wanted = [
        figures.Other(
            key, currency, bool(its[0]["cp_key"]), most(its, "cp_name"), most(its, "cp_bank"),
            total(its, "in"), total(its, "out"), len(its), its[0]["txn_time"], its[-1]["txn_time"],
        )
        for (key, currency), its in of.items()
    ]  # fmt: skip
    orders: dict[str, Callable[[figures.Other], tuple[float, ...]]] = {
        "out": lambda each: (-each.out_fen, -each.in_fen),
        "in": lambda each: (-each.in_fen, -each.out_fen),
        "rows": lambda each: (-each.rows,),
        "last": lambda each: (-each.last.timestamp(),),
    }
    order = orders.get(sort, orders["out"])
    wanted.sort(key=lambda each: (*order(each), each.key, each.currency))
    found = figures.others(as_table(rows), sort)
    assert len(found) == len(wanted)
    assert found[0:3] == wanted[:3]
    assert found[3:99] == wanted[3:]


@settings(deadline=None)
@given(rows=ROWS)
def test_hours_are_those_of_the_rows(rows: list[Row]) -> None:
    here = [local(row["txn_time"]) for row in moved(rows) if row["time_precision"] != "date"]
    counted = Counter((at.weekday(), at.hour) for at in here)
    found = figures.hours(as_table(rows))
    assert [len(day) for day in found] == [24] * 7
    assert [hour for hour, _, _ in found[0]] == list(range(24))
    cells = {(day, hour): n for day, cells in enumerate(found) for hour, n, _ in cells if n}
    assert cells == dict(counted)
    top = max(4, *counted.values(), 0)
    assert all(heat == -(-n * 4 // top) for cells in found for _, n, heat in cells)


@settings(deadline=None)
@given(rows=ROWS)
def test_balances_are_those_of_the_rows(rows: list[Row]) -> None:
    wanted: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in moved(rows):
        if row["balance_fen"] is not None:
            wanted[row["currency"]].append((row["txn_time"], row["balance_fen"]))
    found = {
        currency: [(row["txn_time"], row["balance_fen"]) for row in stated.to_pylist()]
        for currency, stated in figures.balances(as_table(rows)).items()
    }
    assert list(found.items()) == list(wanted.items())


@settings(deadline=None)
@given(rows=ROWS, asked=ASKED)
def test_the_rows_asked_for_are_those_that_fit(rows: list[Row], asked: figures.Asked) -> None:
    def fits(row: Row) -> bool:
        here = local(row["txn_time"])
        has_moved = row["success"] != "failed"
        other = f"of {row['cp_key'] or row['cp_name']}"
        has_hour = has_moved and row["time_precision"] != "date"
        return (
            asked.way in ("", way_of(row))
            and asked.currency in ("", row["currency"])
            and (not asked.other or (has_moved and asked.other == other))
            and (asked.since or date.min) <= here.date() <= (asked.until or date.max)
            and asked.weekday in (None, here.weekday())
            and (asked.hour is None or (has_hour and here.hour == asked.hour))
        )

    found = asked.of(as_table(rows), lambda key: f"of {key}")
    assert found.to_pylist() == [row for row in rows if fits(row)]


@pytest.mark.parametrize("count", [1, 1950, 1951, 100_000])
@settings(deadline=None)
@given(seed=st.integers(0, 9))
def test_a_chart_of_many_points_draws_few_and_loses_no_spike(count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    times = np.sort(chance.integers(0, 10**15, count))
    balances = chance.integers(0, 100, count)
    spikes = chance.choice(count, min(count, 2), replace=False)
    balances[spikes] = [10**6, -(10**6)][: len(spikes)]
    kept = chart.thinned(times, balances)
    assert len(kept) <= 2_000
    assert {0, count - 1, *spikes.tolist()} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert len(kept) == count or count > 1950
