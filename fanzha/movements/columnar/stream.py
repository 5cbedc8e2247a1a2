"""A file as tables of rows in its order: plain lines by the loops, the rest by the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from fanzha.movements import lake, rules
from fanzha.movements.columnar import cells
from fanzha.movements.columnar.blocks import blocks
from fanzha.movements.columnar.cut import Room, cut, text_of
from fanzha.movements.columnar.placed import written
from fanzha.movements.columnar.table import Tables
from fanzha.movements.source import HEADER_WITHIN, LONGEST_CELL_LINES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fanzha.movements.columnar.blocks import Source
    from fanzha.movements.profile import Profile
    from fanzha.movements.reading import Reader
    from fanzha.movements.source import Line

HEAD_LINES = HEADER_WITHIN + (1 + 50) * LONGEST_CELL_LINES
"""What the header and the width of the rows are learned from."""
HEAD_BYTES = 1 << 22
MIDNIGHT = ("second", "000000"), ("minute", "000000")
_DAY = 86_400


class Sectioned(Exception):
    """The rows of several accounts stand below each other, named between them: for the reader."""


class Read(NamedTuple):
    """The rows of a block. `last`: none follow; `timed`: as Stream knew after this block."""

    table: pa.Table
    last: bool
    timed: bool


class Stream:
    """One pass over a file. The reader's rejects and counts tell of the blocks read so far.

    `timed`: some row's time is not midnight, or is known to be a date. `raw`: rows of plain lines
    carry their cells too, else only where they stand. `sha256` is asked for only where nothing
    else names the account. Raises what rules.read_file raises of a header.
    """

    def __init__(
        self,
        source: Source,
        encoding: str,
        name: str,
        sha256: Callable[[], str],
        profile: Profile | None = None,
        saved: Sequence[Profile] = (),
        *,
        raw: bool = True,
    ) -> None:
        self._source, self._encoding, self._raw = source, encoding, raw
        head = _head(source, encoding)
        if not any(line.strip() for line in head):
            raise rules.EmptyStatement(file=name)
        self.reader: Reader = rules.reader_for(head, name, sha256, profile, saved)
        self.reader.learn(head)
        self._tables = Tables(self.reader)
        self._lines, self._room = 0, Room()
        self.timed = False

    @property
    def fits(self) -> bool:
        """Whether the loops can read the layout: no text in its amounts, years in its days."""
        reader = self.reader
        return reader.profile.amount_note is None and reader.month is None and not reader.utc

    def tables(self) -> Iterator[Read]:
        """The rows, block by block, as they stand in the file."""
        rest, place = b"", ""
        for block in blocks(self._source, self._encoding):
            if not rest and not self._raw:
                place = written(self._encoding, self.reader.header, block.at, self._lines)
            data = rest + block.text
            table, used = self._read(data, place, last=False)
            yield Read(table, last=False, timed=self.timed)
            rest = data[used:]
        table, _ = self._read(rest, place, last=True)
        yield Read(table, last=True, timed=self.timed)

    def _read(self, data: bytes, place: str, *, last: bool) -> tuple[pa.Table, int]:
        done = cut(data, self._lines, self.reader, self._room, last=last)
        self.reader.skipped += done.blank
        self._lines += done.lines
        table, numbers = self._tables.table(done.plain, place)
        others = done.others
        if len(numbers):
            others = sorted([*others, *done.lines_of(numbers)], key=lambda line: line.number)
        self._see(table)
        return self._with(table, others), done.used

    def _with(self, table: pa.Table, others: list[Line]) -> pa.Table:
        for line in others:
            self.reader.take(line)
        if self.reader.moved:
            raise Sectioned
        rows, self.reader.rows = self.reader.rows, []
        if not rows:
            return table
        stamps = {(row.time_precision, row.txn_time.strftime("%H%M%S")) for row in rows}
        self.timed |= bool(stamps - set(MIDNIGHT))
        return pa.concat_tables([table, lake.table_of(rows)]).sort_by("row_no")

    def _see(self, table: pa.Table) -> None:
        if not self.timed and table.num_rows:
            seconds = table["txn_time"].cast(pa.int64()).to_numpy() // 1_000_000
            at_midnight = (seconds + cells.EIGHT_HOURS) % _DAY == 0
            dates = pa.compute.equal(table["time_precision"], "date").to_numpy()
            self.timed = bool((~at_midnight | dates).any())


def _head(source: Source, encoding: str) -> list[str]:
    """The first lines, whole ones."""
    data = b""
    for block in blocks(source, encoding):
        data += block.text
        if len(data) >= HEAD_BYTES:
            data = data[: max(data.rfind(b"\n"), data.rfind(b"\r")) + 1]
            break
    return [text_of(line) for line in data.splitlines()[:HEAD_LINES]]
