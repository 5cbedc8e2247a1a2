"""Statements into the lake beside a bare read by Polars, books beside openpyxl, and histories.

Ours decodes, finds the header, reads amounts and times exactly, keeps every cell with hash and row
number, marks duplicates, checks balances and writes sorted, compressed files. The peers only read.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from bench.goals import Goal
from bench.movements_files import recoded, write
from bench.movements_history import warm_seconds
from bench.timing import once, race

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

ROWS = {"small": 100_000, "full": 1_000_000}
GROWTH = {"small": (10_000, 100_000), "full": (100_000, 1_000_000, 10_000_000)}
BOOK_ROWS = {"small": 10_000, "full": 100_000}
HISTORY_ROWS = {"small": 1_000_000, "full": 100_000_000}
PEAK_MIB = 2048
CASE = 1
_NUMBERS = count()


def measure(size: str) -> list[Goal]:
    """All goals; files stand in a folder that goes away."""
    with TemporaryDirectory(prefix="fanzha-bench-") as name:
        folder = Path(name)
        _set_up(folder)
        path = folder / "statement.csv"
        write(path, ROWS[size])
        goals = [_beside_polars(size, path, "utf8"),
                 _beside_polars(size, recoded(path, "gb18030"), "gb18030"),
                 _beside_openpyxl(size, folder)]  # fmt: skip
        path.unlink()
        for rows in GROWTH[size]:
            goals += _grown(folder, rows)
        goals.append(_history(folder, HISTORY_ROWS[size]))
    return goals


def _set_up(folder: Path) -> None:
    """Settings for a lake in the folder; no database is asked."""
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fanzha.wiring.settings")
    settings.LAKE = folder / "lake"


def imported(path: Path) -> Any:
    """Read a file into the lake as an import does, without its manifest row."""
    from fanzha.movements import lake
    from fanzha.movements.columnar.whole import read_columns

    def store(tables: Iterator[pa.Table]) -> list[lake.Stored]:
        return lake.write(CASE, f"S-BENCH-{os.getpid()}-{next(_NUMBERS)}", tables)

    told = read_columns(path, path.name, store, raw=False)
    assert told is not None
    return told[0]


def _beside_polars(size: str, path: Path, encoding: str) -> Goal:
    polars = importlib.import_module("polars")
    named = {"utf8": "utf8", "gb18030": "gb18030"}[encoding]
    bare = partial(polars.read_csv, path, infer_schema=False, encoding=named)
    assert imported(path).read == bare().height
    ours, peer = race(partial(imported, path), bare)
    name = f"csv_{encoding}_{ROWS[size]}_rows_to_lake_vs_polars_read"
    return Goal(name, ours.best, "s", 0.2, peer=peer.best, on_ratio=True)


def _beside_openpyxl(size: str, folder: Path) -> Goal:
    from fanzha.movements import columnar, rules, sheets
    from fanzha.movements.columnar.whole import read_columns

    openpyxl = importlib.import_module("openpyxl")
    text, book = folder / "book.csv", folder / "book.xlsx"
    write(text, BOOK_ROWS[size])
    _as_book(text, book)

    def ours() -> int:
        (table,) = sheets.tables(book.read_bytes(), "book.xlsx")
        if columnar.is_large(table.content):
            told = read_columns(table.content, "book.xlsx", lambda tables: sum(1 for _ in tables))
            assert told is not None
            return told[0].read
        return rules.read_file(table.content, "book.xlsx").read

    def peer() -> int:
        sheet = openpyxl.load_workbook(book, read_only=True).active
        return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1

    assert ours() == peer()
    name = f"xlsx_{BOOK_ROWS[size]}_rows_vs_openpyxl_read_only"
    return Goal(name, once(ours).best, "s", 10, peer=once(peer).best, on_ratio=True)


def _as_book(text: Path, book: Path) -> None:
    import csv

    xlsxwriter = importlib.import_module("xlsxwriter")

    with xlsxwriter.Workbook(str(book), {"constant_memory": True}) as written:
        sheet = written.add_worksheet()
        with text.open(encoding="utf-8", newline="") as given:
            for at, cells in enumerate(csv.reader(given)):
                sheet.write_row(at, 0, cells)


def _grown(folder: Path, rows: int) -> Iterator[Goal]:
    """Time and peak memory of an import in a process of its own."""
    path = folder / "grown.csv"
    write(path, rows)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bench.movements", str(path), str(folder)],
        stdout=subprocess.PIPE, check=True,
    )  # fmt: skip
    path.unlink()
    told = json.loads(done.stdout)
    assert told["read"] == rows
    yield Goal(f"csv_{rows}_rows_to_lake", told["seconds"], "s")
    yield Goal(f"csv_{rows}_rows_peak", told["mib"], "MiB", PEAK_MIB)


def _history(folder: Path, rows: int) -> Goal:
    name = f"history_of_one_account_among_{rows}_rows_warm"
    return Goal(name, warm_seconds(folder, rows), "s", 0.1)


def _child(path: Path, folder: Path) -> None:
    _set_up(folder)
    found: list[Any] = []
    taken = once(lambda: found.append(imported(path)))
    told = {"seconds": taken.best, "mib": _peak_mib(), "read": found[0].read}
    print(json.dumps(told))


def _peak_mib() -> float:
    """The most memory that this process ever held; getrusage would tell the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (each for each in status.splitlines() if each.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    _child(Path(sys.argv[1]), Path(sys.argv[2]))
