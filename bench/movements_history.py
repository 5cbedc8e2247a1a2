"""One account's history out of a lake of any size, in files as a merge leaves them.

Which files can hold an account is told here by their pieces, as the manifest tells it: the
database's part of a history, a few milliseconds, is not in it.
"""

from __future__ import annotations

import random
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from bench.movements_files import write
from bench.timing import seconds
from fanzha.movements import lake, ordering
from fanzha.movements.columnar.stream import Stream
from fanzha.movements.row import COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

CASE, STATEMENT = 2, "S-BENCH-HISTORY"
ACCOUNTS_A_FILE = 800
ASKED = 20
SEED = 9
HOUR_MICROS = 3_600_000_000


def warm_seconds(folder: Path, rows: int) -> float:
    """How long a history takes that was read once before: the middle of ASKED accounts."""
    files = -(-rows // lake.FILE_ROWS)
    keys = sorted(
        (f"6299{number:014}1" for number in range(files * ACCOUNTS_A_FILE)),
        key=lambda key: (ordering.bucket_of(key), key),
    )
    stored = _filled(folder, keys, files)
    tries = []
    for key in random.Random(SEED).sample(keys, ASKED):
        bucket = ordering.bucket_of(key)
        wanted = {
            piece.name: {piece.statement} for piece in stored if piece.low <= bucket <= piece.high
        }
        assert lake.history(wanted, {key}, COLUMNS).num_rows >= lake.FILE_ROWS // ACCOUNTS_A_FILE
        tries.append(seconds(lambda: lake.history(wanted, {key}, COLUMNS)))  # noqa: B023 - at once
    lake.erase(CASE)
    return median(tries)


def _filled(folder: Path, keys: list[str], files: int) -> list[lake.Stored]:
    """Files of the lake with the accounts `keys`, ACCOUNTS_A_FILE in each."""
    path = folder / "history.csv"
    write(path, lake.FILE_ROWS)
    tables = [read.table for read in Stream(path, "utf-8", path.name, str).tables()]
    rows = pa.concat_tables(tables).sort_by("own_key")
    path.unlink()
    places = np.arange(lake.FILE_ROWS)
    of = places * ACCOUNTS_A_FILE // lake.FILE_ROWS
    rows = _with(rows, "txn_time", pa.array(places * HOUR_MICROS, pa.timestamp("us", tz="UTC")))
    stored = []
    for number in range(files):
        mine = keys[number * ACCOUNTS_A_FILE : (number + 1) * ACCOUNTS_A_FILE]
        table = _with(rows, "own_key", pa.array(mine).take(pa.array(of)))
        table = _with(table, "row_no", pa.array(places + 1 + number * lake.FILE_ROWS))
        buckets = np.array([ordering.bucket_of(key) for key in mine], np.int32)
        table = table.append_column(ordering.BUCKET, pa.array(buckets[of]))
        table = table.append_column(ordering.STATEMENT, pa.repeat(STATEMENT, lake.FILE_ROWS))
        stored += lake.put(CASE, f"{STATEMENT}-{number}", table)
    return stored


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, column)
