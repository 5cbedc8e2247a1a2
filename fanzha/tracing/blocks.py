"""A CSV file in blocks of some megabytes, as Arrow columns of text, each cell stripped.

It takes only what it surely reads as the exact reader (`files.py`) does; at anything else it says
Unsettled, and the exact reader has the word.
"""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from fanzha.tracing.engine.texts import is_padded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Texts = tuple[NDArray[np.uint8], NDArray[np.int64]]

BLOCK_BYTES: Final = 1 << 24
PARSED_BYTES: Final = 1 << 22
"""A block is cut into parts of this size, which the cores share."""
BOM: Final = b"\xef\xbb\xbf"
UTF_8, GB18030 = "utf-8", "gb18030"
QUOTE: Final = ord('"')
BEFORE_QUOTE: Final = np.frombuffer(b",\n", np.uint8)
BEHIND_QUOTE: Final = np.frombuffer(b",\r\n", np.uint8)


class Unsettled(Exception):
    """The file holds something that only the exact reader can read or refuse."""


class NotUtf8(Exception):
    """The file is not UTF-8 from its first to its last byte."""


def columns_of(
    path: Path, required: Sequence[str], optional: Sequence[str], encoding: str
) -> Iterator[Mapping[str, Texts]]:
    """Give the wanted columns of one block after the other; optional ones where the file has them.

    Raises Unsettled, NotUtf8 (if that is the `encoding`) and OSError.
    """
    blocks = _blocks(path, encoding)
    header, first = _header(next(blocks, b""))
    if len(set(header)) < len(header) or not set(required) <= set(header):
        raise Unsettled("header")
    wanted = [name for name in (*required, *optional) if name in header]
    with ThreadPoolExecutor(1) as pool:
        # While one block is looked at the next is parsed.
        ready = pool.submit(_parsed, first, header, wanted)
        for block in blocks:
            found, ready = ready.result(), pool.submit(_parsed, block, header, wanted)
            yield found
        yield ready.result()


def _blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """Whole lines of the file in UTF-8, block by block."""
    with path.open("rb") as file:
        rest = b""
        while block := file.read(BLOCK_BYTES):
            if not rest and file.tell() == len(block):
                block = block.removeprefix(BOM) if encoding == UTF_8 else block
            cut = block.rfind(b"\n") + 1
            if cut:
                yield _in_utf_8(rest + block[:cut], encoding)
                rest = block[cut:]
            else:
                rest += block
        if rest:
            yield _in_utf_8(rest, encoding)


def _in_utf_8(block: bytes, encoding: str) -> bytes:
    if block.isascii():
        return block
    try:
        text = block.decode(encoding)
    except UnicodeDecodeError:
        raise (NotUtf8 if encoding == UTF_8 else Unsettled)("encoding") from None
    return block if encoding == UTF_8 else text.encode()


def _header(block: bytes) -> tuple[list[str], bytes]:
    """The names of the columns, and the block without them."""
    line, _, rest = block.partition(b"\n")
    _check(line + b"\n")
    cells = next(csv.reader([line.decode()], strict=True), [])
    return [cell.strip() for cell in cells], rest


def _parsed(block: bytes, header: Sequence[str], wanted: Sequence[str]) -> Mapping[str, Texts]:
    _check(block)
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                column_names=list(header), block_size=PARSED_BYTES, use_threads=True
            ),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=False),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, pa.binary()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise Unsettled(str(error)) from None
    return {name: _texts(table.column(name)) for name in wanted}


def _check(block: bytes) -> None:
    """Leave to the exact reader what the two parsers may read differently."""
    if b"\0" in block or block.count(b"\r") != block.count(b"\r\n"):
        raise Unsettled("control characters")
    if b'"' not in block:
        return
    raw = np.frombuffer(block, np.uint8)
    quotes = np.flatnonzero(raw == QUOTE)
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        raise Unsettled("quotes")
    before = raw[np.maximum(opening - 1, 0)]
    behind = raw[np.minimum(closing + 1, len(raw) - 1)]
    fine = (np.isin(before, BEFORE_QUOTE) | (opening == 0)).all()
    fine &= (np.isin(behind, BEHIND_QUOTE) | (closing == len(raw) - 1)).all()
    lines = np.flatnonzero(raw == BEFORE_QUOTE[1])
    if not fine or (np.searchsorted(quotes, lines) % 2).any():
        raise Unsettled("quotes")


def _texts(column: Any) -> Texts:
    """The bytes of a column's cells, stripped, and the places between them."""
    cells = column.combine_chunks()
    data, starts = _bytes_of(cells)
    if is_padded(data, starts):
        stripped = [cell.decode().strip().encode() for cell in cells.to_pylist()]
        data, starts = _bytes_of(pa.array(stripped, pa.binary()))
    return data, starts


def _bytes_of(cells: Any) -> Texts:
    if isinstance(cells, pa.ChunkedArray):
        cells = pa.concat_arrays(cells.chunks) if cells.num_chunks else pa.array([], pa.binary())
    _, places, held = cells.buffers()
    if not len(cells):
        return np.empty(0, np.uint8), np.zeros(1, np.int64)
    starts = np.frombuffer(places, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    data = np.frombuffer(held, np.uint8) if held is not None else np.empty(0, np.uint8)
    first, last = int(starts[0]), int(starts[-1])
    return data[first:last], starts.astype(np.int64) - first
