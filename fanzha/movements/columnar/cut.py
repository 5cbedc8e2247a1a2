"""A block cut into lines and cells: plain lines for the loops, the rest for the reader."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from fanzha.movements.columnar import cells, loops
from fanzha.movements.source import LONGEST_CELL_LINES, UNDECODABLE, Line, records

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fanzha.movements.reading import Reader
    from fanzha.movements.source import Header

    Bounds = tuple[NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True)
class Plain:
    """The plain lines of a block: (lines, columns) of places in `text`, as written and cleaned.

    The places of one column lie together. `escapes`: whether JSON has to mask any sign of `text`.
    """

    text: NDArray[np.uint8]
    escapes: int
    delimiter: int
    numbers: NDArray[np.int64]
    counts: NDArray[np.int32]
    flags: NDArray[np.uint8]
    begins: NDArray[np.int32]
    stops: NDArray[np.int32]
    clean_begins: NDArray[np.int32]
    clean_stops: NDArray[np.int32]
    _columns: dict[int, pa.StringArray] = field(default_factory=dict, init=False)

    def __len__(self) -> int:
        """Count of lines."""
        return len(self.numbers)

    def only(self, some: NDArray[np.bool_]) -> Plain:
        """The lines that `some` marks."""
        if some.all():
            return self
        places = (self.begins, self.stops, self.clean_begins, self.clean_stops)
        return Plain(
            self.text, self.escapes, self.delimiter, self.numbers[some], self.counts[some],
            self.flags[some], *(np.asfortranarray(each[some]) for each in places),
        )  # fmt: skip

    def bounds(self, column: int) -> Bounds:
        """Where the cleaned cells of a column begin and stop."""
        return self.clean_begins[:, column], self.clean_stops[:, column]

    def column(self, column: int) -> pa.StringArray:
        """The cleaned cells of a column."""
        if column not in self._columns:
            self._columns[column] = self._copied(column)
        return self._columns[column]

    def _copied(self, column: int) -> pa.StringArray:
        begins, stops = self.bounds(column)
        ends = np.zeros(len(self) + 1, np.int32)
        out = np.empty(int((stops - begins).sum()), np.uint8)
        loops.copy_cells(self.text, begins, stops, ends, out)
        return pa.StringArray.from_buffers(len(self), pa.py_buffer(ends), pa.py_buffer(out))


class Room:
    """Arrays that block after block is cut in, so that their memory is asked for once.

    A block's Plain stands in them until the next block is cut.
    """

    def __init__(self) -> None:
        self._held: dict[str, NDArray[Any]] = {}

    def lines(self, size: int) -> loops.Lines:
        """For `loops.find_lines` in so many bytes: as if each were a line of its own."""
        starts, ends, firsts, cuts = (
            self._array(name, size + 2, np.int32) for name in ("starts", "ends", "firsts", "cuts")
        )
        return starts, ends, self._array("flags", size + 1, np.uint8), firsts, cuts

    def cells(self, name: str, lines: int, width: int) -> NDArray[np.int32]:
        """Places of (lines, width) cells, those of a column together; nothing in them yet."""
        held = self._array(name, lines * width, np.int32)
        return held.reshape((lines, width), order="F")

    def _array(self, name: str, size: int, kind: type[np.generic]) -> NDArray[Any]:
        if name not in self._held or len(self._held[name]) < size:
            self._held[name] = np.empty(size + size // 8, kind)
        return self._held[name][:size]


@dataclass(frozen=True)
class Cut:
    """What a block holds: plain lines, lines for the reader, blank ones; bytes and lines used."""

    plain: Plain
    others: list[Line]
    blank: int
    used: int
    lines: int

    def lines_of(self, numbers: NDArray[np.int64]) -> list[Line]:
        """Plain lines after all, as the reader takes them."""
        found = []
        for at in np.searchsorted(self.plain.numbers, numbers).tolist():
            count = int(self.plain.counts[at])
            bounds = zip(self.plain.begins[at], self.plain.stops[at], strict=True)
            cells = [self.plain.text[a:b].tobytes().decode() for a, b in bounds]
            # A cell beyond the header's width was empty, else the line were not plain.
            cells += [""] * (count - len(cells))
            found.append(Line(int(self.plain.numbers[at]), cells[:count]))
        return found


def text_of(line: bytes) -> str:
    """A line of a block as the row-by-row reader sees it."""
    return line.decode("utf-8", "surrogatepass").replace("\0", UNDECODABLE)


def cut(data: bytes, before: int, reader: Reader, room: Room, *, last: bool) -> Cut:
    """Cut a block of whole lines, `before` lines into the file, in the `room` of the one before.

    A quoted cell may run on into the next block: unless this is the `last`, the block ends before
    it and `used` says so; 0 asks for a longer block.
    """
    text = np.frombuffer(data, np.uint8)
    starts, ends, flags, firsts, cuts = room.lines(len(data))
    kinds = loops.kinds_of(ord(reader.header.delimiter))
    lines, escapes = loops.find_lines(text, kinds, starts, ends, flags, firsts, cuts)
    starts, ends, flags = starts[:lines], ends[:lines], flags[:lines]
    begin = min(max(reader.header.number - before, 0), lines)
    opening = np.flatnonzero(flags & loops.OPEN)
    told, joined, end = _joined(
        data, starts, ends, opening[opening >= begin], reader.header, last=last
    )
    used = int(starts[end]) if end < lines else len(data)
    starts, ends, flags, joined = starts[:end], ends[:end], flags[:end], joined[:end]
    joined[:begin] = True
    plain = _plain(text, escapes, (starts, ends, flags, firsts, cuts), reader, room)
    mine = (plain.counts >= 0) & ~joined
    blank = ((flags & (loops.BLANK | loops.ODD)) == loops.BLANK) & ~joined
    header = replace(reader.header, number=0)
    for at in np.flatnonzero(~mine & ~blank & ~joined).tolist():
        if at not in told:
            line = text_of(data[starts[at] : ends[at]])
            told[at] = next(iter(records([line], header))).cells
    others = [Line(before + at + 1, told[at]) for at in sorted(told)]
    kept = plain.only(mine)
    kept.numbers[:] += before + 1
    return Cut(kept, others, int(blank.sum()), used, end)


def _joined(
    data: bytes,
    starts: NDArray[np.int32],
    ends: NDArray[np.int32],
    opening: NDArray[np.int64],
    header: Header,
    *,
    last: bool,
) -> tuple[dict[int, list[str]], NDArray[np.bool_], int]:
    """Records of lines with an open quote, which lines went into them, where the block must end."""
    told: dict[int, list[str]] = {}
    joined = np.zeros(len(starts), np.bool_)
    header = replace(header, number=0)
    for at in opening.tolist():
        if joined[at]:
            continue
        stop = min(at + LONGEST_CELL_LINES, len(starts))
        if stop == len(starts) and not last:
            return told, joined, at
        some = [text_of(data[starts[each] : ends[each]]) for each in range(at, stop)]
        found = records(some, header)
        told[at] = next(found).cells
        following = next(found, None)
        joined[at + 1 : at + (following.number - 1 if following else len(some))] = True
    return told, joined, len(starts)


def _plain(
    text: NDArray[np.uint8],
    escapes: int,
    lines: loops.Lines,
    reader: Reader,
    room: Room,
) -> Plain:
    """The cells of all lines that loops.find_lines told; READER counts one that is not plain."""
    starts, _, flags, *_ = lines
    delimiter = ord(reader.header.delimiter)
    width = len(reader.header.names)
    most = max(width, reader.most_cells)
    begins, stops, clean_begins, clean_stops = (
        room.cells(name, len(starts), most)
        for name in ("begins", "stops", "clean begins", "clean stops")
    )
    counts = np.empty(len(starts), np.int32)
    loops.split_cells(text, lines, delimiter, begins, stops, counts)
    loops.clean_cells(
        text, flags, begins, stops, counts, width, reader.most_cells, clean_begins, clean_stops
    )
    numbers = np.arange(len(starts), dtype=np.int64)
    places = (each[:, :width] for each in (begins, stops, clean_begins, clean_stops))
    return Plain(text, escapes, delimiter, numbers, counts, flags, *places)


def times(plain: Plain, text: NDArray[np.uint8], bounds: Bounds) -> tuple[
    NDArray[np.int64], NDArray[np.uint8], NDArray[np.uint8]
]:  # fmt: skip
    """UTC seconds, precision and state of the cells between `bounds` of `text`."""
    moments = np.zeros(len(plain), np.int64)
    precisions, states = np.zeros(len(plain), np.uint8), np.zeros(len(plain), np.uint8)
    begins, stops = bounds
    cells.read_times(text, begins, stops, moments, precisions, states)
    return moments, precisions, states
