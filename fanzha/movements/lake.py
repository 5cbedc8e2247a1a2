"""The lake: canonical rows as Parquet, and the files they came from. No other code opens these.

Parquet knows no row-level security, so files are read only by names that came from manifest rows
(models.Piece) visible to whoever asks. A file is complete before its manifest rows commit; a file
that no row names is swept.

Each case has a folder of its own, so that erasing it leaves nothing. Rows of a file stand in the
order of BUCKET, account, time: one account is a few row groups of GROUP_ROWS rows, found by their
statistics. docs/decisions/0019 says why.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from django.conf import settings

from fanzha.movements.ahead import ahead
from fanzha.movements.ordering import BUCKET, ORDER, STATEMENT, bucket_of, in_order, keyed
from fanzha.movements.row import COLUMNS, Row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import pyarrow as pa

SUFFIX = ".parquet"
SOURCE = ".source"
MADE = ".made"
PART = ".part"
NUMBERS = ("row_no", "amount_fen", "balance_fen", "cp_balance_fen")
OF_A_FILE = ("raw_names", "raw_at")
"""Texts that many rows of a file share."""
FILE_ROWS = 1 << 17
"""At most so many rows in a file: a writer holds them twice, about half a gigabyte."""
GROUP_ROWS = 1 << 13
"""What has to be decoded for the shortest history: about 10 ms with every column."""
EXACT = 256
"""A statement with at most so many buckets in a file is listed bucket by bucket."""

Wanted = Mapping[str, "Collection[str]"]
"""Names of files, each with the statements whose rows may be read from it."""


class Stored(NamedTuple):
    """What of one statement stands in one file, for the manifest; `low` to `high` are buckets."""

    name: str
    statement: str
    low: int
    high: int
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Written:
    """A file of the lake: its name below the lake, and when it was last written."""

    name: str
    at: datetime

    @property
    def stem(self) -> str:
        """For a source the public id of its statement."""
        return Path(self.name).stem


@cache
def schema() -> pa.Schema:
    """Columns that `write` takes: those of Row, times in UTC microseconds, the rest int64 or text.

    Large batches may be written as any string type that casts to `string`.
    """
    import pyarrow as pa

    types = {name: pa.int64() for name in NUMBERS} | {
        "txn_time": pa.timestamp("us", tz="UTC"),
        "issues": pa.list_(pa.string()),
        **dict.fromkeys(OF_A_FILE, pa.dictionary(pa.int32(), pa.string())),
    }
    return pa.schema([(name, types.get(name, pa.string())) for name in COLUMNS])


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows of the row-by-row readers in the columns of `schema`."""
    import pyarrow as pa

    columns = {name: [getattr(row, name) for row in rows] for name in COLUMNS}
    return pa.Table.from_pydict(columns, schema=schema())


def write(case_id: int, public_id: str, blocks: pa.Table | Iterable[pa.Table]) -> list[Stored]:
    """Write a statement's rows (tables in `schema`, in any pieces); what the manifest must list.

    Holds FILE_ROWS rows at a time. A crash leaves files that no manifest names.
    """
    import pyarrow as pa

    tables = [blocks] if isinstance(blocks, pa.Table) else blocks
    ordered = (_ordered(keyed(block, public_id)) for block in _filled(tables))
    stored: list[Stored] = []
    for number, table in enumerate(ahead(ordered, 1)):
        stored += _put(case_id, f"{public_id}-{number}", table)
    return stored


def put(case_id: int, stem: str, table: pa.Table) -> list[Stored]:
    """Write rows with bucket and statement as one file, put in order; what it holds."""
    return _put(case_id, stem, _ordered(table))


def _ordered(table: pa.Table) -> pa.Table:
    return in_order(table.select([BUCKET, STATEMENT, *COLUMNS]))


def _put(case_id: int, stem: str, table: pa.Table) -> list[Stored]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = _name(case_id, stem, SUFFIX)
    coded = [each.name for each in table.schema if pa.types.is_dictionary(each.type)]
    with _whole(_lake() / name) as file:
        pq.write_table(
            table, file, compression="zstd", row_group_size=GROUP_ROWS, store_schema=False,
            use_dictionary=coded, write_statistics=list(ORDER),
        )  # fmt: skip
    return list(_stored(name, table))


def read(wanted: Wanted, columns: Sequence[str], *, kept: bool = True) -> pa.Table:
    """Rows with their `statement`, in the order of the source; `kept`: without those told twice."""
    import pyarrow.compute as pc

    found = _gathered(wanted, columns, pc.field("dup_of") == "" if kept else None)
    return found.sort_by([(STATEMENT, "ascending"), ("row_no", "ascending")])


def row(wanted: Wanted, row_no: int) -> pa.Table:
    """The row of the wanted statement, all of its columns: decodes one group of rows."""
    import numpy as np

    for name, statements in wanted.items():
        file = opened(name)
        told = file.read([STATEMENT, "row_no"])
        here = told["row_no"].to_numpy() == row_no
        here &= np.isin(told[STATEMENT].to_numpy(zero_copy_only=False), list(statements))
        if here.any():
            at = int(here.argmax())
            counts = [file.metadata.row_group(each).num_rows for each in range(file.num_row_groups)]
            ends = np.cumsum(counts)
            group = int(np.searchsorted(ends, at, side="right"))
            return groups_of(file, [group]).slice(at - int(ends[group] - counts[group]), 1)
    return schema().empty_table()


def history(
    wanted: Wanted,
    keys: Collection[str],
    columns: Sequence[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    kept: bool = True,
) -> pa.Table:
    """The rows whose `own_key` is among `keys`, `since` <= time < `until`, by time and source."""
    import pyarrow.compute as pc

    asked = pc.field("own_key").isin(list(keys))
    if since:
        asked &= pc.field("txn_time") >= since
    if until:
        asked &= pc.field("txn_time") < until
    if kept:
        asked &= pc.field("dup_of") == ""
    found = _gathered(wanted, columns, asked, {bucket_of(key) for key in keys})
    return found.sort_by([(name, "ascending") for name in ("txn_time", STATEMENT, "row_no")])


def keep_source(case_id: int, public_id: str, content: bytes | Path) -> None:
    """Keep the bytes that a statement was read from, unchanged, beside its rows."""
    with _whole(_lake() / source_name(case_id, public_id)) as file:
        if isinstance(content, Path):
            with content.open("rb") as given:
                shutil.copyfileobj(given, file)
        else:
            file.write(content)


def source_name(case_id: int, public_id: str) -> str:
    """The name of the file that holds a statement's source, if it has one."""
    return _name(case_id, public_id, SOURCE)


def source_path(name: str) -> Path:
    """Where the bytes stand that a statement was read from; not for a reply, a message is kept."""
    return _lake() / name


def keep_made(case_id: int, kind: str, name: str, content: bytes) -> None:
    """Keep what was made of a case's rows in the place of what was kept of its kind before."""
    path = _lake() / _name(case_id, f"{kind}-{name}", MADE)
    if not path.exists():
        with _whole(path) as file:
            file.write(content)
    for other in set(path.parent.glob(f"{kind}-*{MADE}")) - {path}:
        other.unlink(missing_ok=True)


def made(case_id: int, kind: str, name: str) -> bytes | None:
    """What was kept under this name, if it is the last of its kind."""
    try:
        return (_lake() / _name(case_id, f"{kind}-{name}", MADE)).read_bytes()
    except FileNotFoundError:
        return None


def files() -> Iterator[Written]:
    """Every file in the lake, also those that were never finished."""
    for path in _lake().glob("*/*"):
        if path.suffix in (SUFFIX, SOURCE, PART):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield Written(str(path.relative_to(_lake())), at)


def remove(name: str) -> None:
    """Remove a file that no manifest row names; it may be gone already."""
    (_lake() / name).unlink(missing_ok=True)


def retire(names: Iterable[str]) -> None:
    """Make files young before others take their place: who reads them now still can, for an hour.

    The orphan sweep spares young files; it removes these later.
    """
    for name in names:
        os.utime(_lake() / name)


def erase(case_id: int) -> int:
    """Remove every file of a case, also those that no manifest names; how many there were."""
    folder = _lake() / _folder(case_id)
    count = 0
    for path in folder.glob("*"):
        path.unlink(missing_ok=True)
        count += 1
    if folder.exists():
        folder.rmdir()
        _fsync_folder(_lake())
    return count


def opened(name: str) -> Any:
    """A file of the lake as a pyarrow ParquetFile; for what merges files."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(_lake() / name, read_dictionary=list(OF_A_FILE))


def groups_of(
    file: Any, groups: Sequence[int], columns: Sequence[str] = (BUCKET, STATEMENT, *COLUMNS)
) -> pa.Table:
    """Row groups of an opened file; a column that it was written without says nothing."""
    return _complete(file.read_row_groups(groups, columns=list(columns)), columns)


def _lake() -> Path:
    return Path(settings.LAKE)


def _name(case_id: int, stem: str, suffix: str) -> str:
    return f"{_folder(case_id)}/{stem}{suffix}"


def _folder(case_id: int) -> str:
    return f"case-{case_id}"


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


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _filled(blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of FILE_ROWS; the last may have fewer, none is empty."""
    import pyarrow as pa

    held: list[pa.Table] = []
    count = 0
    for block in blocks:
        rest = _complete(block, COLUMNS)
        rest = rest.cast(schema()) if rest.schema != schema() else rest
        while rest.num_rows:
            taken = rest.slice(0, FILE_ROWS - count)
            held.append(taken)
            count += taken.num_rows
            rest = rest.slice(taken.num_rows)
            if count == FILE_ROWS:
                yield pa.concat_tables(held)
                held, count = [], 0
    if held:
        yield pa.concat_tables(held)


def _complete(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """These columns of the table, in this order; text that is missing is empty, numbers null."""
    import pyarrow as pa

    for name in columns:
        if name not in table.column_names:
            kind = schema().field(name).type
            nothing = {pa.string(): "", pa.list_(pa.string()): []}.get(kind)
            cells = pa.repeat(pa.scalar(nothing, kind), table.num_rows)
            table = table.append_column(name, cells)
    return table.select(list(columns))


def _stored(name: str, table: pa.Table) -> Iterator[Stored]:
    """What the manifest says of a file: per statement its buckets one by one, or their span."""
    import pyarrow.compute as pc

    parts = table.group_by([STATEMENT, BUCKET]).aggregate(
        [("row_no", "count"), ("txn_time", "min"), ("txn_time", "max")]
    )
    for statement in pc.unique(parts[STATEMENT]).to_pylist():
        mine = parts.filter(pc.field(STATEMENT) == statement)
        spans = mine.num_rows if mine.num_rows <= EXACT else 1
        size = mine.num_rows // spans
        for start in range(0, mine.num_rows, size):
            span = mine.slice(start, size)
            yield Stored(
                name,
                statement,
                pc.min(span[BUCKET]).as_py(),
                pc.max(span[BUCKET]).as_py(),
                pc.sum(span["row_no_count"]).as_py(),
                pc.min(span["txn_time_min"]).as_py(),
                pc.max(span["txn_time_max"]).as_py(),
            )


def _gathered(
    wanted: Wanted, columns: Sequence[str], asked: Any, buckets: Collection[int] | None = None
) -> pa.Table:
    """What is asked for of the wanted statements' rows, file after file."""
    import pyarrow as pa
    import pyarrow.compute as pc

    unknown = set(columns) - set(COLUMNS)
    assert not unknown, unknown
    selected = [STATEMENT, *dict.fromkeys((*columns, "row_no", "txn_time"))]
    needed = list(dict.fromkeys((*selected, "own_key", "dup_of")))
    fields = [(STATEMENT, pa.string()), *(schema().field(name) for name in selected[1:])]
    tables = [pa.schema(fields).empty_table()]
    for name, statements in wanted.items():
        file = opened(name)
        groups = [
            group
            for group in range(file.metadata.num_row_groups)
            if buckets is None or _holds(file.metadata, group, buckets)
        ]
        table = groups_of(file, groups, needed)
        mine = pc.field(STATEMENT).isin(list(statements))
        table = table.filter(mine if asked is None else mine & asked)
        tables.append(table.select(selected))
    return pa.concat_tables(tables)


def _holds(metadata: Any, group: int, buckets: Collection[int]) -> bool:
    told = metadata.row_group(group).column(0).statistics
    return any(told.min <= bucket <= told.max for bucket in buckets)
