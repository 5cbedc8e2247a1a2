"""One trace in every store: rounds, seconds, bytes read and shuffled, for the page on scale.

python -m bench.stores --rows 100000 1000000 --folder DIR [--stores engine index duckdb spark]

Takes minutes; the folder holds the rows as Parquet, 45 to 55 bytes for each. Every store must give
the same sums before a figure is printed. Opening balances are left out: own money then overdraws.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fanzha.simulation.networks import network
from fanzha.simulation.networks.city import EXITS
from fanzha.tracing.engine import Movement, Movements, Seeds
from fanzha.tracing.engine.model import EndKind
from fanzha.tracing.stores.base import MOVEMENTS
from fanzha.tracing.stores.duck import DuckStore
from fanzha.tracing.stores.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fanzha.simulation.networks import Network
    from fanzha.tracing.stores import Found, Store

STORES = ("engine", "index", "duckdb", "spark")
MOST_FOR_ENGINE = 1_000_000
MANY = 50
TASK_END = "SparkListenerTaskEnd"


class Figures(NamedTuple):
    """One trace in one store."""

    store: str
    rows: int
    payments: int
    opened: float
    seconds: float
    cpu: float
    rounds: int
    pieces: int
    sums: dict[str, int]
    more: dict[str, float]


def main() -> None:
    """Measure and print one table row for each trace."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--stores", nargs="+", choices=STORES, default=STORES)
    given = parser.parse_args()
    for rows in given.rows:
        made = network(rows, seed=20160318)
        path = given.folder / f"{rows}.parquet"
        if not path.exists():
            write(made, path)
        print(f"{len(made.fen)} rows, {path.stat().st_size} bytes of Parquet", flush=True)
        for seeds in questions(made):
            same: dict[str, int] | None = None
            for store in given.stores:
                for figures in measured(store, made, path, seeds):
                    print(line(figures), flush=True)
                    same = same or figures.sums
                    if figures.sums != same:
                        raise SystemExit(f"{store} differs: {figures.sums} for {same}")


def questions(made: Network) -> list[Seeds]:
    """One case of an ordinary size, then all of them in one trace."""
    payments = {row: str(at) for at, each in enumerate(made.schemes) for row in each.payments}
    one = max(made.schemes[:12], key=lambda scheme: len(scheme.legs))
    few = sorted(one.payments)
    every = sorted(payments)
    return [
        Seeds(tuple(few), tuple(payments[row] for row in few)),
        Seeds(tuple(every), tuple(payments[row] for row in every)),
    ]


def write(made: Network, path: Path) -> None:
    """Write the rows as a store reads them, accounts as the strings that they are."""
    names = pa.array([f"6299{number:015d}" for number in range(made.accounts)] + [""])
    count = len(made.fen)
    nothing = pa.nulls(count, pa.int64())
    table = pa.table(
        {
            "seq": np.arange(count),
            "time": made.time,
            "time_to": nothing,
            "from_account": names.take(pa.array(made.payer % len(names))),
            "to_account": names.take(pa.array(made.payee % len(names))),
            "amount_fen": made.fen,
            "balance_from_fen": nothing,
            "channel": pa.array(EXITS).take(pa.array(made.channel)),
            "currency": pa.repeat("CNY", count),
            "reverses": nothing,
        },
        schema=MOVEMENTS,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=1_000_000, compression="zstd")


def measured(store: str, made: Network, path: Path, seeds: Seeds) -> Iterator[Figures]:
    """All traces of one question in one store."""
    if store == "index":
        yield on_index(made, seeds)
    elif store == "duckdb":
        yield from_store("duckdb", lambda: DuckStore(path), len(made.fen), seeds)
    elif store == "spark":
        yield from on_spark(path, len(made.fen), seeds)
    elif len(made.fen) <= MOST_FOR_ENGINE:
        movements = in_memory(path)
        yield from_store("engine", lambda: MemoryStore(movements()), len(made.fen), seeds)


def from_store(name: str, opened: Callable[[], Store], rows: int, seeds: Seeds) -> Figures:
    """Open a store and trace."""
    begun = time.perf_counter()
    store = opened()
    ready, cpu = time.perf_counter(), _cpu()
    found = store.trace_fifo(seeds)
    seconds, spent = time.perf_counter() - ready, _cpu() - cpu
    return Figures(
        name, rows, len(seeds.rows), ready - begun, seconds, spent,
        found.rounds, len(found.pieces), sums_of(found), {},
    )  # fmt: skip


def in_memory(path: Path) -> Callable[[], Movements]:
    """Read the rows; what is returned makes the engine's columns of them, which is measured."""
    names = ["seq", "time", "from_account", "to_account", "amount_fen", "channel"]
    columns = [pq.read_table(path, columns=[name])[name].to_pylist() for name in names]
    return lambda: Movements.build(
        Movement(str(seq), at, payer, payee, fen, channel="" if payee else channel)
        for seq, at, payer, payee, fen, channel in zip(*columns, strict=True)
    )


def on_index(made: Network, seeds: Seeds) -> Figures:
    """The compiled index: its build is the opening. All payments count as one case."""
    from fanzha.tracing.engine.cases import walk_cases
    from fanzha.tracing.engine.columns import CODE_OF, KINDS, Columns
    from fanzha.tracing.engine.index import build

    codes = np.array([CODE_OF[EndKind(name)] for name in EXITS], np.uint8)
    columns = Columns.of(
        made.time, made.payer, made.payee, made.fen,
        accounts=made.accounts, channel=codes[made.channel],
    )  # fmt: skip
    begun = time.perf_counter()
    index = build(columns)
    walk_cases(index, [list(seeds.rows)])
    ready, cpu = time.perf_counter(), _cpu()
    walked = walk_cases(index, [list(seeds.rows)])
    seconds, spent = time.perf_counter() - ready, _cpu() - cpu
    sums: Counter[str] = Counter()
    for kind, fen in walked.ends[:, 1:3].tolist():
        sums[KINDS[kind].value] += fen
    return Figures(
        "index", len(made.fen), len(seeds.rows), ready - begun, seconds, spent,
        int(walked.pieces[:, 5].max()) + 1, len(walked.pieces), dict(sums),
        {"bytes/row": index.bytes_per_movement},
    )  # fmt: skip


def on_spark(path: Path, rows: int, seeds: Seeds) -> Iterator[Figures]:
    """Trace, one case twice; what Spark did stands in its own log of events."""
    from fanzha.tracing.stores.spark import SparkStore

    with spark(path.parent / "events") as (session, events):
        for name in ("spark, cold", "spark") if len(seeds.rows) < MANY else ("spark",):
            skipped = sum(1 for _ in _tasks(events))
            cpu = _cpu_of(session)
            figures = from_store(name, lambda: SparkStore(session, str(path)), rows, seeds)
            cpu = figures.cpu + _cpu_of(session) - cpu
            time.sleep(2)  # until the last events are written
            sums = _spark_sums(list(_tasks(events))[skipped:])
            yield figures._replace(cpu=cpu, more=sums)


@contextmanager
def spark(events: Path) -> Iterator[tuple[Any, Path]]:
    """A session that writes what it does into a folder."""
    from fanzha.tracing.stores.spark import local_session

    events.mkdir(parents=True, exist_ok=True)
    for old in events.iterdir():
        old.unlink()
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.eventLog.dir": events.as_uri(),
        "spark.log.level": "OFF",
    }
    session = local_session(memory="6g", folder=str(events.parent), settings=settings)
    yield session, events
    session.stop()


def _cpu_of(session: Any) -> float:
    """Seconds of processor that Spark's own process has used."""
    pid = session.sparkContext._gateway.proc.pid  # noqa: SLF001 - Spark does not tell otherwise
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _tasks(events: Path) -> Iterator[dict[str, Any]]:
    for file in events.iterdir():
        with file.open(encoding="utf-8") as lines:
            for text in lines:
                if TASK_END in text and text.endswith("\n"):
                    yield json.loads(text)


def _spark_sums(tasks: list[dict[str, Any]]) -> dict[str, float]:
    metrics = [task["Task Metrics"] for task in tasks if task.get("Task Metrics")]
    return {
        "tasks": len(tasks),
        "task_cpu": sum(each["Executor CPU Time"] for each in metrics) / 1e9,
        "read": sum(each["Input Metrics"]["Bytes Read"] for each in metrics),
        "shuffled": sum(each["Shuffle Write Metrics"]["Shuffle Bytes Written"] for each in metrics),
    }


def sums_of(found: Found) -> dict[str, int]:
    """Fen by kind of end."""
    table = found.ends.group_by("kind").aggregate([("fen", "sum")])
    return dict(zip(table["kind"].to_pylist(), table["fen_sum"].to_pylist(), strict=True))


def line(figures: Figures) -> str:
    """One row of the table."""
    named = {
        "rows": figures.rows,
        "payments": figures.payments,
        "opened s": round(figures.opened, 2),
        "trace s": round(figures.seconds, 4),
        "cpu s": round(figures.cpu, 3),
        "rounds": figures.rounds,
        "pieces": figures.pieces,
        "s/round": round(figures.seconds / max(figures.rounds, 1), 4),
        **{name: round(value, 2) for name, value in figures.more.items()},
    }
    return f"{figures.store}: " + ", ".join(f"{name} {value}" for name, value in named.items())


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
