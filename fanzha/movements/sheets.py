"""From any file to tables of text: a text itself, each sheet of a workbook, each file of a zip."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import python_calamine as calamine

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.movements.source import kind_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXACT = 10**15
"""Excel holds whole numbers exactly up to here; a longer card number lost its last digits."""
MOST_MEMBERS = 2_000
MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes that one archive may unpack to; more is taken for a bomb."""
DEEPEST = 2
"""A zip may hold workbooks and zips of them, not zips without end."""
_ENCRYPTED = 0x1
_ENCRYPTED_WORKBOOK = "EncryptedPackage".encode("utf-16-le")


class BadArchive(Refusal):
    """An archive that is broken, too large inside, or too deep."""

    message = gettext_noop("%(file)s cannot be unpacked: it is damaged or far too large inside.")


class BadWorkbook(Refusal):
    """A workbook that cannot be opened."""

    message = gettext_noop("%(file)s is a damaged workbook; ask for it again or save it anew.")


class Locked(Refusal):
    """A file under a password."""

    message = gettext_noop("%(file)s is locked by a password; save it without one.")


@dataclass(frozen=True)
class Table:
    """One table: `name` is `file`, `file/sheet` or `file/member/...`; `content` is its text.

    A sheet becomes CSV in which line n is row n of the sheet.
    """

    name: str
    content: bytes


def tables(content: bytes, name: str, *, depth: int = 0) -> list[Table]:
    """Every table of a file; what is no container comes back as it is.

    Raises BadArchive, BadWorkbook and Locked, each naming the file.
    """
    kind = kind_of(content)
    if kind == "html":
        return [Table(name, _csv(_html_rows(content)))]
    if kind == "xls":
        if _ENCRYPTED_WORKBOOK in content:
            raise Locked(file=name)
        return _workbook(content, name)
    if kind != "xlsx/zip":
        return [Table(name, content)]
    return _unpacked(content, name, depth)


def _unpacked(content: bytes, name: str, depth: int) -> list[Table]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [each for each in archive.infolist() if not each.is_dir()]
            size = sum(each.file_size for each in members)
            if len(members) > MOST_MEMBERS or size > MOST_UNPACKED or depth >= DEEPEST:
                raise BadArchive(file=name)
            if any(each.filename == "[Content_Types].xml" for each in members):
                return _workbook(content, name)
            if any(each.flag_bits & _ENCRYPTED for each in members):
                raise Locked(file=name)
            # Members are read in memory and never written: a path in their name leads nowhere.
            found = ((_member_name(each), archive.read(each)) for each in members)
            return [
                table
                for member, inside in found
                for table in tables(inside, f"{name}/{member}", depth=depth + 1)
            ]
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise BadArchive(file=name) from error


def _member_name(member: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 mark come from Windows and are GB18030."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _workbook(content: bytes, name: str) -> list[Table]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (each, book.get_sheet_by_name(each).to_python(skip_empty_area=False))
            for each in book.sheet_names
        ]
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise BadWorkbook(file=name) from error
    filled = [(each, rows) for each, rows in sheets if rows]
    if len(filled) <= 1:
        return [Table(name, _csv(rows)) for _, rows in filled] or [Table(name, b"")]
    return [Table(f"{name}/{each}", _csv(rows)) for each, rows in filled]


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    for row in rows:
        writer.writerow([" ".join(as_text(cell).splitlines()) for cell in row])
    return written.getvalue().encode("utf-8", "replace")


def as_text(cell: object) -> str:
    """A cell as it reads in the sheet: 15 digits as Excel keeps, no float damage, dates as ISO."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        if abs(cell) >= EXACT:
            return repr(cell)
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, str | int | timedelta) else ""


class _Rows(HTMLParser):
    """The cells of every table row of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows = self.rows or [[]]
            self.rows[-1].append("")
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr"):
            self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.rows[-1][-1] += data


def _html_rows(content: bytes) -> Iterator[list[str]]:
    page = _Rows()
    page.feed("\n".join(lines_of(content)))
    yield from page.rows
