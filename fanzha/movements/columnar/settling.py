"""What only all rows of a file together can say: whether amounts are signed, times dates (R2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from fanzha.movements.columnar.stream import Read

AGAINST = "sign_against_direction"


class Undecided(Exception):
    """Rows were needed that are not read yet: read all of the file once, then again."""


@dataclass
class Habits:
    """How a file writes signs and times, over the tables seen so far (or, `complete`, over all).

    The rules are those of movements.settling.
    """

    complete: bool = False
    rows: int = 0
    negative: bool = False
    positive_out: bool = False
    negative_in: bool = False
    timed: bool = False

    def see(self, read: Read) -> None:
        """Learn from a block."""
        table = read.table
        amounts = table["amount_fen"].to_numpy()
        below = amounts < 0
        self.rows += len(amounts)
        self.timed |= read.timed
        self.positive_out |= bool((_are(table, "out") & (amounts > 0)).any())
        if below.any():
            self.negative = True
            self.negative_in |= bool((_are(table, "in") & below).any())

    def need(self) -> None:
        """Raise Undecided while later rows could change what is done to earlier ones."""
        if not self.complete and (self.negative or not self.timed):
            raise Undecided

    @property
    def dates(self) -> bool:
        """Whether every row claims midnight: then the file knows the date only."""
        return not self.timed and self.rows != 1

    @property
    def signed(self) -> bool:
        """Whether payments out, and nothing else, are written with a minus."""
        return not self.positive_out and not self.negative_in

    def settled(self, table: pa.Table) -> tuple[pa.Table, int]:
        """The rows with positive amounts and honest precision; how many signs contradict."""
        if self.dates:
            dates = pa.repeat("date", table.num_rows)
            table = _with(table, "time_precision", dates)
        amounts = table["amount_fen"].to_numpy()
        below = amounts < 0
        if not below.any():
            return table, 0
        table = _with(table, "amount_fen", pa.array(np.abs(amounts)))
        against = below & ~_are(table, "unknown")
        if self.signed or not against.any():
            return table, 0
        mask = pa.array(against)
        table = _with(table, "direction", pc.if_else(mask, "unknown", table["direction"]))
        lists = table["issues"].filter(mask).to_pylist()
        changed = pa.array([[*each, AGAINST] for each in lists], pa.list_(pa.string()))
        both = pa.concat_arrays([*table["issues"].chunks, changed])
        index = np.arange(len(below))
        index[against] = len(below) + np.arange(len(lists))
        return _with(table, "issues", both.take(pa.array(index))), int(against.sum())


def _are(table: pa.Table, way: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = pc.equal(table["direction"], way).to_numpy()
    return found


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
