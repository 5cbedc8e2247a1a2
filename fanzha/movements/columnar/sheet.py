"""The one sheet of a large workbook as CSV, if it is a plain table; else the library reads it.

Programs that export a statement write one sheet of texts and numbers. The library makes every cell
an object: most of what an import of such a workbook took.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from defusedxml.ElementTree import ParseError, fromstring

from fanzha.movements.cells_of_sheets import as_text, quoted
from fanzha.movements.columnar import sheet_loops as loops
from fanzha.movements.columnar.blocks import is_utf8
from fanzha.movements.sheets import MOST_CELLS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from zipfile import ZipFile

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int32]

FOLDER, SHARED, STYLES = "xl/worksheets/", "xl/sharedStrings.xml", "xl/styles.xml"
NUMBERS = frozenset({0, 1, 2, 3, 4, 9, 10, 11, 12, 13, 37, 38, 39, 40, 48, 49})
"""Built-in formats of numbers; the others are of days and times."""
_CUSTOM = 164
_QUOTED = re.compile(r'"[^"]*"')
_ENTITY = re.compile(r"&(?:#([0-9]{1,7});|#x([0-9a-fA-F]{1,6});|(\w*)(?:;|))")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]{1,3})?")


class _Unusual(Exception):
    """Something in the workbook is for the library to judge."""


class _Cells(NamedTuple):
    """Where every cell that says something stands, and in which of the texts."""

    rows: Places
    columns: Places
    begins: Places
    stops: Places
    kinds: Bytes


def csv_of(archive: ZipFile) -> bytes | None:
    """The text of the only sheet, as `sheets` makes it; None if the library must read it.

    Holds the sheet unpacked and 13 bytes for a cell of it.
    """
    names = [each for each in archive.namelist() if each.startswith(FOLDER) and each[-4:] == ".xml"]
    if len(names) != 1:
        return None
    try:
        return _csv(archive, archive.read(names[0]))
    except (_Unusual, ParseError, ValueError, OverflowError, KeyError):
        return None


def _csv(archive: ZipFile, xml: bytes) -> bytes:
    sheet = np.frombuffer(xml, np.uint8)
    found = _cells(xml, sheet, _plain_styles(archive))
    if not len(found.rows):
        raise _Unusual
    sources = np.zeros(len(found.rows), np.uint8)
    made = _Made(sources, found.begins, found.stops)
    shared = np.zeros(0, np.uint8)
    theirs = found.kinds == loops.SHARED
    if theirs.any():
        shared, begins, stops, odds = _strings(archive)
        at = found.begins[theirs]
        found.begins[theirs], found.stops[theirs] = begins[at], stops[at]
        sources[theirs] = 1
        made.texts(np.flatnonzero(theirs)[odds[at] > 0], shared)
    made.texts(np.flatnonzero(found.kinds == loops.ODD_TEXT), sheet)
    for kind, work in ((loops.ODD_NUMBER, _number), (loops.FLAG, _flag)):
        made.each(np.flatnonzero(found.kinds == kind), sheet, work)
    width, lines = int(found.columns.max()), int(found.rows[-1])
    if width < 2 or width * lines > MOST_CELLS:  # noqa: PLR2004 - CSV of one column is not plain
        raise _Unusual
    size = int((found.stops - found.begins).sum(dtype=np.int64)) + width * lines
    out = np.empty(size, np.uint8)
    texts = sheet, shared, np.frombuffer(bytes(made.data), np.uint8)
    loops.write_lines(texts, *found[:4], sources, width, out)
    return out.tobytes()


def _cells(xml: bytes, sheet: Bytes, plain: Bytes) -> _Cells:
    start = _start(xml, b"<sheetData>")
    most = xml.count(b"<c ", start) + xml.count(b"<c>", start)
    rows, columns, begins, stops = (np.empty(most, np.int32) for _ in range(4))
    kinds = np.empty(most, np.uint8)
    count = loops.find_cells(
        sheet, start + len(b"<sheetData>"), plain, rows, columns, begins, stops, kinds
    )
    if count == loops.GIVEN_UP:
        raise _Unusual
    return _Cells(rows[:count], columns[:count], begins[:count], stops[:count], kinds[:count])


def _strings(archive: ZipFile) -> tuple[Bytes, Places, Places, Bytes]:
    """The shared texts, where each begins and stops, and which are odd."""
    xml = archive.read(SHARED)
    text = np.frombuffer(xml, np.uint8)
    start = _start(xml, b"<si")
    most = xml.count(b"<si", start)
    begins, stops, odds = (
        np.empty(most, np.int32),
        np.empty(most, np.int32),
        np.empty(most, np.uint8),
    )
    if loops.find_strings(text, start, begins, stops, odds) != most:
        raise _Unusual
    return text, begins, stops, odds


def _start(xml: bytes, tag: bytes) -> int:
    """Where the data begins, in a document of UTF-8 that hides nothing before it."""
    start = xml.find(tag)
    head = xml[: max(start, 0)]
    declared = b"encoding=" not in head or b'encoding="UTF-8"' in head
    if start < 0 or b"<!" in head or not declared or b"_x" in xml or not is_utf8(xml):
        raise _Unusual
    return start


def _plain_styles(archive: ZipFile) -> Bytes:
    """Of every style whether its numbers are numbers, not days."""
    if STYLES not in archive.namelist():
        return np.ones(1, np.uint8)
    root = fromstring(archive.read(STYLES))
    numbers = set(NUMBERS)
    for each in root.iterfind(".//{*}numFmt"):
        number = int(each.attrib["numFmtId"])
        code = _QUOTED.sub("", each.attrib["formatCode"])
        numbers.discard(number)
        if number >= _CUSTOM and (code == "General" or not re.search(r"[A-Za-z\\\[]", code)):
            numbers.add(number)
    styles = [int(each.get("numFmtId", "0")) for each in root.iterfind("{*}cellXfs/*")]
    return np.array([each in numbers for each in styles] or [True], np.uint8)


class _Made:
    """Cells whose bytes are not those in the XML: written here, and pointed to."""

    def __init__(self, sources: Bytes, begins: Places, stops: Places) -> None:
        self.data = bytearray()
        self._all = sources, begins, stops
        self._known: dict[str, tuple[int, int]] = {}

    def texts(self, cells: Iterable[int], source: Bytes) -> None:
        """Texts with line ends, commas, quotes or entities."""
        self.each(cells, source, _text)

    def each(self, cells: Iterable[int], source: Bytes, work: Callable[[str], str]) -> None:
        """Work out what each of the cells says."""
        sources, begins, stops = self._all
        for cell in map(int, cells):
            written = source[begins[cell] : stops[cell]].tobytes().decode()
            if (key := f"{work.__name__} {written}") not in self._known:
                begin = len(self.data)
                self.data += work(written).encode()
                self._known[key] = begin, len(self.data)
            begins[cell], stops[cell] = self._known[key]
            sources[cell] = 2


def _text(written: str) -> str:
    """A text as one cell of CSV."""
    return quoted([" ".join(_ENTITY.sub(_sign, written).splitlines()), ""])[:-1]


def _sign(found: re.Match[str]) -> str:
    whole, hexadecimal, name = found.groups()
    if name:
        return _ENTITIES[name]
    return chr(int(whole) if whole else int(hexadecimal, 16))


def _number(written: str) -> str:
    if not _NUMBER.fullmatch(written):
        raise _Unusual
    return as_text(float(written))


def _flag(written: str) -> str:
    return {"1": "TRUE", "0": "FALSE"}[written]
