"""The cells of a row whose line stands in the file kept beside the lake: found there again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fanzha.movements.columnar.blocks import blocks
from fanzha.movements.columnar.cut import text_of
from fanzha.movements.row import SEPARATOR
from fanzha.movements.source import LONGEST_CELL_LINES, Header, records

if TYPE_CHECKING:
    from fanzha.movements.columnar.blocks import Source


def written(encoding: str, header: Header, at: int, lines: int) -> str:
    """The place of lines that begin `at` so many bytes of a file, behind so many `lines`."""
    return json.dumps([encoding, header.delimiter, at, lines])


def raw_of(source: Source, raw_at: str, raw_names: str, row_no: int) -> str:
    """A row's cells as `raw` holds them, read from its file. Raises LookupError: no such line."""
    encoding, delimiter, at, before = json.loads(raw_at)
    names = tuple(json.loads(raw_names))
    header = Header(0, delimiter, names, {}, (), ())
    lines: list[str] = []
    for block in blocks(source, encoding, at):
        lines += map(text_of, block.text.splitlines())
        if len(lines) + before >= row_no + LONGEST_CELL_LINES:
            break
    for line in records(lines, header):
        if line.number + before == row_no:
            return SEPARATOR.join(line.cells[: len(names)])
    raise LookupError(row_no)
