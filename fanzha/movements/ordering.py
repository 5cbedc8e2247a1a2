"""Rows in the order in which the lake keeps them: bucket, account, time, statement, row."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

BUCKET, STATEMENT = "bucket", "statement"
ORDER = (BUCKET, "own_key", "txn_time", STATEMENT, "row_no")
SAMPLE = 1 << 12
"""So many rows tell whether a column's texts repeat."""


def bucket_of(key: str) -> int:
    """Where an account's rows stand: the first two bytes of SHA-256 of its key."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:2], "big")


def keyed(rows: pa.Table, statement: str) -> pa.Table:
    """The rows of a statement with their BUCKET and STATEMENT."""
    import numpy as np
    import pyarrow as pa

    coded = rows["own_key"].combine_chunks().dictionary_encode()
    each = np.array([bucket_of(key) for key in coded.dictionary.to_pylist()], np.int32)
    names = pa.repeat(pa.scalar(statement), rows.num_rows)
    buckets = pa.array(each[coded.indices.to_numpy()])
    return rows.append_column(BUCKET, buckets).append_column(STATEMENT, names)


def in_order(table: pa.Table) -> pa.Table:
    """The rows in ORDER; texts that repeat as codes, which are moved and written faster.

    Columns of text in which nothing stands are left out.
    """
    import numpy as np
    import pyarrow as pa

    places = _places(table)
    stand = np.array_equal(places, np.arange(table.num_rows))
    taken = pa.array(places)
    columns = {}
    for name in table.column_names:
        if all(map(_says_nothing, table[name].chunks)):
            continue
        # One column at a time: the whole table once more would be the most that an import holds.
        column = table[name].combine_chunks()
        if isinstance(column, pa.ChunkedArray):
            column = column.chunk(0)
        if isinstance(column, pa.StringArray):
            column = _coded(column)
        moves = not stand and not (
            pa.types.is_dictionary(column.type) and len(column.dictionary) == 1
        )
        columns[name] = column.take(taken) if moves else column
    return pa.table(columns)


def _places(table: pa.Table) -> npt.NDArray[Any]:
    """Where the rows of the order stand in the table."""
    import numpy as np

    by = [table["txn_time"].cast("int64").to_numpy(), _ranks(table)]
    numbers = table["row_no"].to_numpy()
    names = table[STATEMENT].combine_chunks().dictionary_encode()
    if len(names.dictionary) > 1 or (np.diff(numbers) < 0).any():
        sorted_names = np.argsort(np.argsort(names.dictionary.to_pylist()))
        by = [numbers, sorted_names[names.indices.to_numpy()], *by]
    # The sort is stable: rows of one statement that stand in its order stay in it.
    return np.lexsort(by)


def _ranks(table: pa.Table) -> npt.NDArray[Any]:
    """A number per row that is in order of bucket and key: the keys are fewer than the rows."""
    import numpy as np

    coded = table["own_key"].combine_chunks().dictionary_encode()
    keys = coded.dictionary.to_pylist()
    ranks = np.empty(len(keys), np.int64)
    ranks[sorted(range(len(keys)), key=lambda at: (bucket_of(keys[at]), keys[at]))] = np.arange(
        len(keys)
    )
    found: npt.NDArray[Any] = ranks[coded.indices.to_numpy()]
    return found


def _says_nothing(column: pa.Array) -> bool:
    """Whether all of its texts are empty."""
    import numpy as np
    import pyarrow as pa

    if not isinstance(column, pa.StringArray) or column.null_count:
        return False
    ends = np.frombuffer(column.buffers()[1], np.int32)
    return bool(ends[column.offset] == ends[column.offset + len(column)])


def _coded(column: pa.StringArray) -> pa.Array:
    """The column as codes if its texts repeat."""
    import pyarrow as pa

    if _is_one_text(column):
        zeros = pa.repeat(pa.scalar(0, pa.int32()), len(column))
        return pa.DictionaryArray.from_arrays(zeros, column[:1])
    return column.dictionary_encode() if _repeats(column[:SAMPLE]) else column


def _is_one_text(column: pa.StringArray) -> bool:
    """Whether all rows say the same: far sooner seen than worked out text by text."""
    import numpy as np

    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset :][: len(column) + 1]
    size = int(ends[1] - ends[0]) if len(column) > 1 else 0
    if column.null_count or not size or ends[-1] - ends[0] != size * len(column):
        return False
    signs = np.frombuffer(column.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    return bool((np.diff(ends) == size).all() and (signs[size:] == signs[:-size]).all())


def _repeats(some: Any) -> bool:
    """Whether texts occur four times each, as far as a few of them tell."""
    return len(some.unique()) <= len(some) // 4
