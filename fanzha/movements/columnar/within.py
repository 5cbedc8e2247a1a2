"""Rows that repeat an earlier row of their file (R6 b, c), marked block by block.

Held per row with a serial: 44 bytes of hashes and facts, and 4 to 8 bytes of table; no text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements.columnar import hashing
from fanzha.movements.duplicates import MATCHES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FIRST_SLOTS = 1 << 16
TEXTS = ("serial_no", "own_key", "currency", "direction")


class Repeats:
    """What duplicates.mark_within keeps of a file; `differing` is its result."""

    def __init__(self) -> None:
        self.differing = 0
        self._count = 0
        self._slots = np.full(FIRST_SLOTS, -1, np.int32)
        half = FIRST_SLOTS // 2
        self._entries: list[NDArray[Any]] = [
            np.empty(half, kind)
            for kind in (np.uint64, np.uint64, np.int32, np.int64, np.int64, np.uint64)
        ]

    def mark(self, table: pa.Table) -> pa.Table:
        """The rows with `dup_of` of those that an earlier row told."""
        table = table.combine_chunks()
        serials = _text(table, "serial_no")
        good = np.zeros(table.num_rows, np.bool_)
        hashing.mark_serials(*hashing.parts_of(serials), good)
        if not good.any():
            return table
        some = table.filter(pa.array(good)).combine_chunks() if not good.all() else table
        repeats = np.zeros(some.num_rows, np.int64)
        self._make_room(some.num_rows)
        one, two = _hashes(some, TEXTS, ("amount_fen", "txn_time"))
        keys, checks, following, told, stated, named = self._entries
        self._count, differing = hashing.find_repeats(
            one,
            two,
            some["row_no"].to_numpy(),
            pc.fill_null(some["balance_fen"], hashing.MISSING).to_numpy(),
            _others(some),
            self._slots,
            keys,
            checks,
            following,
            told,
            stated,
            named,
            self._count,
            repeats,
        )
        self.differing += differing
        if not repeats.any():
            return table
        of = np.zeros(table.num_rows, np.int64)
        of[good] = repeats
        marks = pc.binary_join_element_wise("", pa.array(of).cast(pa.string()), ":")
        marks = pc.if_else(pa.array(of > 0), marks, "")
        return table.set_column(table.schema.get_field_index("dup_of"), "dup_of", marks)

    def _make_room(self, rows: int) -> None:
        needed = self._count + rows
        size = len(self._entries[0])
        if needed <= size:
            return
        while size < needed:
            size *= 2
        # One after the other, so that only one of them is there twice.
        for at, old in enumerate(self._entries):
            grown = np.empty(size, old.dtype)
            grown[: self._count] = old[: self._count]
            self._entries[at] = grown
        self._slots = np.full(size * 2, -1, np.int32)
        hashing.grow(self._slots, self._entries[0], self._count)


def _text(table: pa.Table, name: str) -> pa.StringArray:
    column = table[name].combine_chunks()
    return column.chunk(0) if isinstance(column, pa.ChunkedArray) else column


def _hashes(table: pa.Table, texts: Sequence[str], numbers: Sequence[str]) -> NDArray[np.uint64]:
    """Two hashes of these columns, (2, rows)."""
    found = np.empty((2, table.num_rows), np.uint64)
    found[:] = np.array(hashing.SEEDS, np.uint64)[:, None]
    for name in texts:
        hashing.mix_texts(found, *hashing.parts_of(_text(table, name)))
    for name in numbers:
        hashing.mix_numbers(found, table[name].cast(pa.int64()).to_numpy())
    return found


def _others(table: pa.Table) -> NDArray[np.uint64]:
    """A hash of the counterparty's key where it may be compared, else 0."""
    found = _hashes(table, ("cp_key",), ())[0] | np.uint64(1)
    compared = pc.is_in(table["cp_kind"], pa.array(MATCHES)).to_numpy()
    return np.where(compared, found, np.uint64(0))
