"""What only all rows of a file together can say: whether amounts are signed, times dates (R2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanzha.movements.settling import UNCLEAR, plain_word, unclear_among

if TYPE_CHECKING:
    from fanzha.movements.columnar.stream import Read

AGAINST = "sign_against_direction"
Unclear = Mapping[str, tuple[str, str]]


class Undecided(Exception):
    """Rows were needed that are not read yet: read all of the file once, then again."""


@dataclass
class Habits:
    """How a file writes signs and times, over the tables seen so far (or, `complete`, over all).

    The rules are those of movements.settling.
    """

    unclear: Unclear
    complete: bool = False
    rows: int = 0
    negative: bool = False
    positive_out: bool = False
    negative_in: bool = False
    timed: bool = False
    words: set[str] = field(default_factory=set)

    def see(self, read: Read) -> None:
        """Learn from a block."""
        table = read.table
        amounts = table["amount_fen"].to_numpy()
        below = amounts < 0
        self.rows += len(amounts)
        self.timed |= read.timed
        self.words |= set(pc.unique(table["direction_word"]).to_pylist())
        self.positive_out |= bool((_are(table, "out") & (amounts > 0)).any())
        if below.any():
            self.negative = True
            self.negative_in |= bool((_are(table, "in") & below).any())

    def need(self) -> None:
        """Raise Undecided while later rows could change what is done to earlier ones."""
        if not self.complete and (self.negative or not self.timed or self._open_codes()):
            raise Undecided

    def _open_codes(self) -> bool:
        plain = set(map(plain_word, self.words))
        return any(
            word in plain and unless not in plain for word, (_, unless) in self.unclear.items()
        )

    @property
    def dates(self) -> bool:
        """Whether every row claims midnight: then the file knows the date only."""
        return not self.timed and self.rows != 1

    @property
    def signed(self) -> bool:
        """Whether payments out, and nothing else, are written with a minus."""
        return not self.positive_out and not self.negative_in

    def settled(self, table: pa.Table) -> tuple[pa.Table, dict[str, int]]:
        """The rows with clear codes, positive amounts and honest precision; what was taken back."""
        table, unclear = self._decoded(table)
        table, against = self._unsigned(table)
        return table, {UNCLEAR: unclear, AGAINST: against}

    def _decoded(self, table: pa.Table) -> tuple[pa.Table, int]:
        lost = unclear_among(self.words, self.unclear)
        if not lost:
            return table, 0
        of_lost = pc.is_in(table["direction_word"], value_set=pa.array(lost, pa.string()))
        return _taken_back(table, of_lost.to_numpy() & ~_are(table, "unknown"), UNCLEAR)

    def _unsigned(self, table: pa.Table) -> tuple[pa.Table, int]:
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
        return _taken_back(table, against, AGAINST)


def _taken_back(
    table: pa.Table, these: np.ndarray[tuple[int], np.dtype[np.bool_]], why: str
) -> tuple[pa.Table, int]:
    """The table with the direction of these rows unknown, and how many they are."""
    mask = pa.array(these)
    table = _with(table, "direction", pc.if_else(mask, "unknown", table["direction"]))
    lists = table["issues"].filter(mask).to_pylist()
    changed = pa.array([[*each, why] for each in lists], pa.list_(pa.string()))
    both = pa.concat_arrays([*table["issues"].chunks, changed])
    index = np.arange(len(these))
    index[these] = len(these) + np.arange(len(lists))
    return _with(table, "issues", both.take(pa.array(index))), int(these.sum())


def _are(table: pa.Table, way: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = pc.equal(table["direction"], way).to_numpy()
    return found


def _with(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), column)
