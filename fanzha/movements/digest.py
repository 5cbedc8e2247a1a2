"""One hash of the canonical rows: the same bytes and profile give the same (R15)."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from fanzha.movements.row import COLUMNS

TOLD: Final = tuple(
    name for name in COLUMNS if name not in ("dup_of", "raw", "raw_names", "raw_at", "row_sha256")
)
"""The source is told by the file's own hash; `dup_of` depends on other files."""
NOTHING: Final = -(1 << 62)
"""Stands for a balance that is not stated."""


class RowsDigest:
    """SHA-256 over rows in the order of their file, however they are cut into tables.

    Every column is hashed by itself, its values and where they end; then their hashes together.
    """

    def __init__(self) -> None:
        self._values = {name: hashlib.sha256() for name in TOLD}
        self._ends = {name: hashlib.sha256() for name in TOLD}

    def add(self, table: Any) -> None:
        """Take the next rows, in the lake's columns."""
        for name in TOLD:
            for chunk in table[name].chunks:
                self._add(name, chunk)

    def _add(self, name: str, column: Any) -> None:
        import numpy as np
        import pyarrow as pa

        if pa.types.is_list(column.type):
            ends = np.asarray(column.offsets)
            self._ends[name].update(np.diff(ends).astype("<i4").tobytes())
            self._add_texts(name, column.flatten())
        elif pa.types.is_string(column.type):
            self._add_texts(name, column)
        else:
            numbers = column.cast(pa.int64()).fill_null(NOTHING).to_numpy()
            self._values[name].update(numbers.astype("<i8").tobytes())

    def _add_texts(self, name: str, column: Any) -> None:
        import numpy as np

        if not len(column):
            return
        _, ends, data = column.buffers()
        places = np.frombuffer(ends, np.int32)[column.offset : column.offset + len(column) + 1]
        self._ends[name].update(np.diff(places).astype("<i4").tobytes())
        if data:
            self._values[name].update(memoryview(data)[places[0] : places[-1]])

    def hexdigest(self) -> str:
        """The hash of what was taken so far."""
        whole = hashlib.sha256()
        for name in TOLD:
            whole.update(self._values[name].digest() + self._ends[name].digest())
        return whole.hexdigest()


def digest_of(table: Any) -> str:
    """The hash of all rows of a statement, in the order of their file."""
    digest = RowsDigest()
    digest.add(table)
    return digest.hexdigest()
