"""The lake: one Parquet file per statement, and the file it came from. No other code opens these.

Parquet knows no row-level security, so files are read only by names that came from manifest rows
visible to whoever asks. A file is complete before its manifest row commits; a file that no row
names is swept.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings

from fanzha.movements.row import COLUMNS, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SUFFIX = ".parquet"
SOURCE = ".source"
PART = ".part"
NUMBERS = ("row_no", "amount_fen", "balance_fen", "cp_balance_fen")


@dataclass(frozen=True)
class Written:
    """A file of the lake: its name below the lake, its statement, when it was last written."""

    name: str
    public_id: str
    at: datetime


def name_of(public_id: str) -> str:
    """`3f/S-LJ-….parquet`: spread over 256 folders."""
    return f"{hashlib.sha256(public_id.encode()).hexdigest()[:2]}/{public_id}{SUFFIX}"


def write(public_id: str, rows: Sequence[Row]) -> str:
    """Write a statement's rows; the name of the file. A crash leaves all of it or nothing."""
    import pyarrow.parquet as pq

    name = name_of(public_id)
    with _whole(_lake() / name) as file:
        pq.write_table(_table(rows), file, compression="zstd")
    return name


def keep_source(public_id: str, content: bytes) -> None:
    """Keep the bytes that a statement was read from, unchanged, beside its rows."""
    with _whole((_lake() / name_of(public_id)).with_suffix(SOURCE)) as file:
        file.write(content)


def source(public_id: str) -> bytes | None:
    """The bytes that a statement was read from; None for a reply, whose message is kept."""
    path = (_lake() / name_of(public_id)).with_suffix(SOURCE)
    return path.read_bytes() if path.exists() else None


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when all of it is on the disk."""
    for folder in (_lake(), path.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(PART)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.rename(path)
    _fsync_folder(path.parent)


def read(
    names: Sequence[str], columns: Sequence[str], *, kept: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Rows by file name, in the order of the source; `kept` leaves out rows that tell again."""
    if not names:
        return {}
    import duckdb

    unknown = set(columns) - set(COLUMNS)
    assert not unknown, unknown
    paths = {str(_lake() / name): name for name in names}
    where = "WHERE dup_of = ''" if kept else ""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        table = connection.execute(
            f"SELECT filename, {', '.join(columns)}"
            f" FROM read_parquet($files, filename = true) {where} ORDER BY filename, row_no",
            {"files": list(paths)},
        ).to_arrow_table()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for row in table.to_pylist():
        found[paths[row.pop("filename")]].append(row)
    return found


def files() -> Iterator[Written]:
    """Every file in the lake, also those that were never finished."""
    for path in _lake().glob("??/*"):
        if path.suffix in (SUFFIX, SOURCE, PART):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Written(str(path.relative_to(_lake())), path.stem, at)


def remove(name: str) -> None:
    """Remove a file that no manifest row names; it may be gone already."""
    (_lake() / name).unlink(missing_ok=True)


def _lake() -> Path:
    return Path(settings.LAKE)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _table(rows: Sequence[Row]) -> Any:
    import pyarrow as pa

    types = {name: pa.int64() for name in NUMBERS} | {
        "txn_time": pa.timestamp("us", tz="UTC"),
        "issues": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])
    return pa.Table.from_pydict(
        {name: [getattr(row, name) for row in rows] for name in COLUMNS}, schema=schema
    )
