"""One hash of the canonical rows: the same bytes and profile give the same (R15)."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from fanzha.movements.row import COLUMNS

TOLD: Final = tuple(name for name in COLUMNS if name not in ("dup_of", "raw"))
"""`raw` is told by `row_sha256`; whether a row was told before depends on other files."""
_ITEM, _CELL, _LINE = "\x1e", "\x1f", "\n"


class RowsDigest:
    """SHA-256 over rows in the order of their file, however they are cut into tables."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, table: Any) -> None:
        """Take the next rows, in the lake's columns."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for batch in table.to_batches():
            texts = []
            for name in TOLD:
                column = batch[name]
                if pa.types.is_list(column.type):
                    column = pc.binary_join(column, _ITEM)
                elif pa.types.is_timestamp(column.type):
                    column = column.cast(pa.int64())
                texts.append(pc.fill_null(column.cast(pa.large_string()), ""))
            rows = pc.binary_join_element_wise(*texts, pa.scalar(_CELL, pa.large_string()))
            rows = pc.binary_join_element_wise(
                rows, *(pa.scalar(each, pa.large_string()) for each in (_LINE, ""))
            )
            if len(rows):
                self._hash.update(_bytes(rows))

    def hexdigest(self) -> str:
        """The hash of what was taken so far."""
        return self._hash.hexdigest()


def _bytes(rows: Any) -> memoryview:
    import numpy as np

    _, ends, data = rows.buffers()
    places = np.frombuffer(ends, np.int64)[[rows.offset, rows.offset + len(rows)]]
    return memoryview(data)[places[0] : places[1]]
