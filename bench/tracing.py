"""Tracing: the command on a thousand rows, and the engine beside a queue in plain Python.

The network is drawn by chance: most rows are ordinary life of many accounts, a few payments of
victims run through it. Both ways must give the same ends before either is timed.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.goals import Goal
from bench.plain_queue import ends_by_queue
from fanzha.tracing.engine import Movement, Movements, Seeds, account_ends, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = {"small": 100_000, "full": 1_000_000}
COMMAND_ROWS = 1_000
COMMAND_SECONDS = 1.0
SEEDS = 20
REPEATS = 5
SEED = 20160318
EXITS = ("cash", "merchant", "crypto_otc")
EXIT_SHARE = 0.05


class AnswersDiffer(AssertionError):
    """The engine and the queue disagree: nothing may be timed."""


def measure(size: str) -> list[Goal]:
    """The command, then the engine beside the queue."""
    chance = Random(SEED)
    return [_command(network(COMMAND_ROWS, chance)), *_engine(network(ROWS[size], chance))]


def network(rows: int, chance: Random) -> list[Movement]:
    """Rows in order of time between accounts of which there is one per ten rows."""
    accounts = [f"6299{number:015d}" for number in range(max(rows // 10, 10))]
    found = []
    for number in range(rows):
        payer, payee = chance.sample(accounts, 2)
        leaves = chance.random() < EXIT_SHARE
        found.append(
            Movement(
                id=f"r{number}", time=number * 7, from_account=payer,
                to_account="" if leaves else payee, amount_fen=chance.randrange(100, 5_000_000),
                channel=chance.choice(EXITS) if leaves else "",
            )
        )  # fmt: skip
    return found


def seeds_of(rows: Sequence[Movement]) -> list[str]:
    """The first payments between accounts in the first tenth."""
    early = [row.id for row in rows[: len(rows) // 10] if row.to_account]
    return early[:: max(len(early) // SEEDS, 1)][:SEEDS]


def _command(rows: Sequence[Movement]) -> Goal:
    """The whole process, from its start to its last byte; the median of a few runs."""
    with tempfile.TemporaryDirectory() as folder:
        movements, seeds = Path(folder) / "movements.csv", Path(folder) / "seeds.csv"
        _write(
            movements, ("id", "time", "from_account", "to_account", "amount_fen", "channel"), rows
        )
        _write(seeds, ("id",), [{"id": name} for name in seeds_of(rows)])
        command = [
            sys.executable, "-m", "fanzha", "trace", "--movements", str(movements),
            "--seeds", str(seeds), "--json",
        ]  # fmt: skip
        taken = _median(partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL))
    return Goal("command, 1000 rows", taken, "s", target=COMMAND_SECONDS)


def _write(path: Path, columns: Sequence[str], rows: Sequence[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(row if isinstance(row, dict) else row._asdict() for row in rows)


def _engine(rows: Sequence[Movement]) -> list[Goal]:
    """Time with and without bringing the rows into columns, which a case does once."""
    seeds = seeds_of(rows)
    columns = Movements.build(rows)
    wanted = Seeds.of(columns, [(name, name) for name in seeds])
    found: Counter[tuple[str, str]] = Counter()
    for end in account_ends(trace(columns, wanted)):
        found[end.account, str(end.kind)] += end.fen
    if found != ends_by_queue(rows, frozenset(seeds)):
        raise AnswersDiffer
    queue = _median(lambda: ends_by_queue(rows, frozenset(seeds)))
    follow = _median(lambda: account_ends(trace(columns, wanted)))
    whole = _median(lambda: account_ends(trace(Movements.build(rows), wanted)))
    size = f"{len(rows)} rows, {len(seeds)} seeds"
    return [
        Goal(f"follow, {size}", follow, "s", peer=queue),
        Goal(f"rows to columns and follow, {size}", whole, "s", peer=queue),
    ]


def _median(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)
