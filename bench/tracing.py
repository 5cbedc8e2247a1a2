"""Tracing: the command, cases on the index, sweeps over all rows, and reach; each beside its peers.

Answers are compared equal before anything is timed. Targets that speak of ten million rows are
judged at full size, those of one million at small; other figures are printed without a target.
What was measured is also kept in bench/measured, from which the picture of growth is drawn.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from random import Random
from statistics import median
from typing import TYPE_CHECKING, Any

from bench import tracing_files, tracing_index, tracing_reach, tracing_sweeps
from bench.goals import Goal
from bench.ground import Ground
from fanzha.tracing.engine import Movement, Movements, Seeds, trace
from fanzha.tracing.reports import Asked, report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROWS = {"small": 1_000_000, "full": 10_000_000}
COMMAND_ROWS = 1_000
COMMAND_SECONDS = 1.0
SEEDS = 20
REPEATS = 5
SEED = 20160318
EXITS = ("cash", "merchant", "crypto_otc")
EXIT_SHARE = 0.05
REPORT_ROWS, REPORT_STEP = 50_000, 6
REPORT_OPENING_FEN = 20_000_000
REPORT_PIECES = 10_000
REPORT_SECONDS = 0.2
MEASURED = Path(__file__).parent / "measured"


def measure(size: str, rows: int = 0) -> list[Goal]:
    """Everything at the size's number of rows, or at another."""
    wanted = rows or ROWS[size]
    ground = Ground.of(wanted)
    full, small = wanted == ROWS["full"], wanted == ROWS["small"]
    goals = [
        _command(network(COMMAND_ROWS, Random(SEED))),
        _report(),
        *([] if ground.huge else tracing_files.goals_of(ground, judged=full or small, small=small)),
        *tracing_index.goals_of(ground, full=full),
        *tracing_sweeps.goals_of(ground, full=full),
        *tracing_reach.goals_of(ground, full=full, small=small),
    ]
    MEASURED.mkdir(parents=True, exist_ok=True)
    told = json.dumps([goal.as_dict() for goal in goals], indent=1) + "\n"
    (MEASURED / f"tracing-{wanted}.json").write_text(told, "utf-8")
    return goals


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


def _report() -> Goal:
    """From a finished trace of that many pieces to the text of its report."""
    rows = network(REPORT_ROWS, Random(SEED))
    movements = Movements.build(rows)
    paid = [row.id for row in rows[::REPORT_STEP] if row.to_account]
    result = trace(
        movements, Seeds.of(movements, [(name, name) for name in paid]),
        openings=dict.fromkeys(movements.accounts, REPORT_OPENING_FEN),
    )  # fmt: skip
    assert len(result.pieces) >= REPORT_PIECES, "too few pieces"
    taken = _median(lambda: json.dumps(report(result, Asked("")), ensure_ascii=False))
    return Goal(f"JSON of {len(result.pieces)} pieces", taken, "s", target=REPORT_SECONDS)


def _median(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return median(taken)
