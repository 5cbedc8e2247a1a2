"""The command on a large file: the whole process, its seconds and the most memory that it took."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from bench.goals import Goal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.ground import Ground

SECONDS_PER_ROW = 4e-6
MOST_MB_SMALL = 500
CHUNK = 1_000_000
KIB_PER_MB = 1e6 / 1024


def goals_of(ground: Ground, *, judged: bool, small: bool) -> list[Goal]:
    """Write the city as a file, trace the payments of all schemes through it by FIFO."""
    rows = len(ground.columns)
    with TemporaryDirectory(prefix="fanzha-bench-") as parent:
        movements, seeds = Path(parent) / "movements.csv", Path(parent) / "seeds.csv"
        _write(ground, movements)
        names = [f"r{row}" for row in ground.payments]
        seeds.write_text("\n".join(["id", *names]) + "\n", "utf-8")
        command = ["--movements", str(movements), "--seeds", str(seeds), "--json"]
        _run(command)
        seconds, kib = _run(command)
        size = movements.stat().st_size / 1e6
    return [
        Goal(
            f"command on a file of {rows} rows, {size:.0f} MB", seconds, "s",
            target=SECONDS_PER_ROW * rows if judged else None,
        ),
        Goal(
            f"memory of the command on {rows} rows", kib / KIB_PER_MB, "MB",
            target=MOST_MB_SMALL if small else None,
        ),
    ]  # fmt: skip


def _run(arguments: list[str]) -> tuple[float, int]:
    """Seconds and KiB of one process of its own."""
    begun = time.perf_counter()
    with Path(os.devnull).open("wb") as nowhere:
        child = os.posix_spawn(
            sys.executable, [sys.executable, "-m", "fanzha", "trace", *arguments], os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, nowhere.fileno(), 1)],
        )  # fmt: skip
        _, status, used = os.wait4(child, 0)
    assert status == 0, "the command failed"
    return time.perf_counter() - begun, used.ru_maxrss


def _write(ground: Ground, path: Path) -> None:
    """Write the rows as a bank would: dates and times, 19-digit accounts."""
    city = ground.city
    names = pa.array([*(f"6299{number:015d}" for number in range(city.accounts)), ""])
    with path.open("wb") as file:
        for first in range(0, len(city.time), CHUNK):
            part = slice(first, first + CHUNK)
            number = np.arange(first, first + len(city.time[part]))
            table = pa.table(
                {
                    "id": pc.binary_join_element_wise("r", pa.array(number).cast("string"), ""),
                    "time": pc.strftime(
                        pa.array(city.time[part].astype("datetime64[s]")), "%Y-%m-%d %H:%M:%S"
                    ),
                    "from_account": names.take(_place(city.payer[part], city.accounts)),
                    "to_account": names.take(_place(city.payee[part], city.accounts)),
                    "amount_fen": city.fen[part],
                }
            )
            head = csv.WriteOptions(include_header=first == 0, quoting_style="none")
            csv.write_csv(table, file, head)


def _place(codes: NDArray[np.int32], accounts: int) -> pa.Array:
    """Where the name stands; the last is that of the world outside."""
    return pa.array(np.where(codes < 0, accounts, codes))
