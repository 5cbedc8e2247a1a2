"""From any file to tables of text: a text itself, each sheet of a workbook, each file of a zip."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import python_calamine as calamine
import pyzipper  # type: ignore[import-untyped]  # ships no types

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.movements.cells_of_sheets import as_text, quoted
from fanzha.movements.columnar import LARGE
from fanzha.movements.source import kind_of, lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_MEMBERS = 2_000
MOST_UNPACKED = 512 * 1024 * 1024
"""Bytes that one archive may unpack to; more is taken for a bomb."""
DEEPEST = 2
"""A zip may hold workbooks and zips of them, not zips without end."""
MOST_CELLS = 200_000_000
"""A sheet is laid out in memory from corner to corner, however empty it is between them."""
MOST_ROWS = 1 << 20
"""Of a sheet that a program for workbooks wrote."""
PIECE, TAIL = 1 << 20, 1 << 12
"""Bytes of a sheet that are looked at together, and that are looked at again with the next."""
LETTERS = 26
WIDEST = 16_384
_ENCRYPTED = 0x1
_ENCRYPTED_WORKBOOK = "EncryptedPackage".encode("utf-16-le")
_LAST_ROW = re.compile(rb'<(?:\w+:)?row [^>]*?\br="([0-9]{1,7})"')


class BadArchive(Refusal):
    """An archive that is broken, too large inside, or too deep."""

    message = gettext_noop("%(file)s cannot be unpacked: it is damaged or far too large inside.")


class BadWorkbook(Refusal):
    """A workbook that cannot be opened."""

    message = gettext_noop("%(file)s is a damaged workbook; ask for it again or save it anew.")


class Locked(Refusal):
    """A file under a password that nobody gave."""

    message = gettext_noop("%(file)s is locked; give its password.")


class WrongPassword(Refusal):
    """A file under another password."""

    message = gettext_noop("The password does not open %(file)s.")


@dataclass(frozen=True)
class Table:
    """One table: `name` is `file`, `file/sheet` or `file/member/...`; `content` is its text.

    A sheet becomes CSV in which line n is row n of the sheet. `whole` are the bytes of the file
    that holds it and `inside` its name in there; both empty for a text.
    """

    name: str
    content: bytes
    inside: str = ""
    whole: bytes = field(default=b"", repr=False)

    @property
    def file_name(self) -> str:
        """The name of the file that was given, without its folders."""
        file = self.name.removesuffix(f"/{self.inside}") if self.inside else self.name
        return file.rpartition("/")[2]


def tables(content: bytes, name: str, *, password: str = "") -> list[Table]:
    """Every table of a file; what is no container comes back as it is.

    Raises BadArchive, BadWorkbook, Locked and WrongPassword, each naming the file.
    """
    return [
        each
        if each.content is content
        else replace(each, inside=each.name[len(name) + 1 :], whole=content)
        for each in _Opener(password).tables(content, name, depth=0)
    ]


class _Opener:
    """Opens containers in containers; what they unpack to counts together."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._left = MOST_UNPACKED

    def tables(self, content: bytes, name: str, *, depth: int) -> Iterator[Table]:
        kind = kind_of(content)
        if kind == "html":
            yield Table(name, _csv(_html_rows(content)))
        elif kind == "xls":
            yield from self._workbook(content, name)
        elif kind == "xlsx/zip":
            yield from self._unpacked(content, name, depth)
        else:
            yield Table(name, content)

    def _workbook(self, content: bytes, name: str) -> list[Table]:
        """A binary workbook, or an XLSX in the shell that a password puts around it."""
        if _ENCRYPTED_WORKBOOK not in content:
            try:
                return _sheets(content, name)
            except BadWorkbook:
                if _decrypted(content, name, "") is None:
                    raise
        if not self._password:
            raise Locked(file=name)
        plain = _decrypted(content, name, self._password)
        if plain is None:
            raise BadWorkbook(file=name)
        return _sheets(plain, name)

    def _unpacked(self, content: bytes, name: str, depth: int) -> list[Table]:
        try:
            with pyzipper.AESZipFile(io.BytesIO(content)) as archive:
                members = [each for each in archive.infolist() if not each.is_dir()]
                self._left -= sum(each.file_size for each in members)
                if len(members) > MOST_MEMBERS or self._left < 0 or depth >= DEEPEST:
                    raise BadArchive(file=name)
                if any(each.filename == "[Content_Types].xml" for each in members):
                    return _sheets(content, name)
                if any(each.flag_bits & _ENCRYPTED for each in members):
                    self._unlock(archive, name)
                # Members are read in memory and never written: their path leads nowhere.
                return [
                    table
                    for each in members
                    for table in self.tables(
                        self._member(archive, each, name),
                        f"{name}/{_member_name(each)}",
                        depth=depth + 1,
                    )
                ]
        except (
            pyzipper.BadZipFile,
            NotImplementedError,
            EOFError,
            OSError,
            ValueError,
            zlib.error,
        ) as error:
            raise BadArchive(file=name) from error

    def _unlock(self, archive: Any, name: str) -> None:
        if not self._password:
            raise Locked(file=name)
        archive.setpassword(self._password.encode())

    def _member(self, archive: Any, member: Any, name: str) -> bytes:
        try:
            content: bytes = archive.read(member)
        except (RuntimeError, zlib.error, pyzipper.BadZipFile) as error:
            # An old cipher finds out only by what comes out; AES says it is the password.
            if member.flag_bits & _ENCRYPTED:
                raise WrongPassword(file=name) from error
            raise BadArchive(file=name) from error
        return content


def _member_name(member: zipfile.ZipInfo) -> str:
    """Names without the UTF-8 mark come from Windows and are GB18030."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _decrypted(content: bytes, name: str, password: str) -> bytes | None:
    """A workbook without its password; None if it is under none, or damaged."""
    import msoffcrypto  # type: ignore[import-untyped]  # ships no types
    from msoffcrypto import exceptions

    plain = io.BytesIO()
    try:
        book = msoffcrypto.OfficeFile(io.BytesIO(content))
        if not book.is_encrypted():
            return None
        book.load_key(password=password)
        book.decrypt(plain)
    except exceptions.InvalidKeyError as error:
        raise (WrongPassword if password else Locked)(file=name) from error
    except Exception:  # noqa: BLE001 - it promises no set of errors for damaged bytes
        return None
    return plain.getvalue()


def _sheets(content: bytes, name: str) -> list[Table]:
    if content.startswith(b"PK") and (text := _plain(content)) is not None:
        return [Table(name, text)]
    if not content.startswith(b"PK") or _is_bounded(content):
        try:
            book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
            sheets = [(each, book.get_sheet_by_name(each)) for each in book.sheet_names]
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise BadWorkbook(file=name) from error
    else:
        raise BadArchive(file=name)
    filled = [(each, sheet) for each, sheet in sheets if sheet.start]
    if len(filled) <= 1:
        return [Table(name, _csv(_rows(sheet))) for _, sheet in filled] or [Table(name, b"")]
    return [Table(f"{name}/{each}", _csv(_rows(sheet))) for each, sheet in filled]


def _plain(content: bytes) -> bytes | None:
    """The text of a large workbook of one plain sheet."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(each.file_size for each in archive.infolist()) < LARGE:
            return None
        # Loads compiled loops, which a small file does not need.
        from fanzha.movements.columnar.sheet import csv_of

        return csv_of(archive)


def _rows(sheet: Any) -> Iterator[list[Any]]:
    """Every row from the first of the sheet, every cell from the first column."""
    left = [""] * sheet.start[1]
    return ([*left, *row] for row in sheet.iter_rows()) if left else sheet.iter_rows()


def _is_bounded(content: bytes) -> bool:
    """Whether no sheet has a lone cell so far out that laying it out would take the machine."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = [each for each in archive.namelist() if each.startswith("xl/worksheets/")]
        return all(_is_usual(archive, each) or not _is_vast(archive.read(each)) for each in names)


def _is_usual(archive: zipfile.ZipFile, name: str) -> bool:
    """Whether one pass tells: no cell so far right that even the most rows were not too many."""
    far = _beyond(MOST_CELLS // MOST_ROWS)
    seen = b""
    with archive.open(name) as file:
        while piece := file.read(PIECE):
            seen = seen[-TAIL:] + piece
            if far.search(seen):
                return False
    last = _last_row(seen)
    return last is not None and last <= MOST_ROWS


def _is_vast(xml: bytes) -> bool:
    rows = _last_row(xml)
    columns = MOST_CELLS // max(xml.count(b"<row") if rows is None else rows, 1)
    return columns < WIDEST and bool(_beyond(columns).search(xml))


def _last_row(xml: bytes) -> int | None:
    last = _LAST_ROW.match(xml, max(xml.rfind(b"<row "), 0))
    return int(last[1]) if last else None


def _beyond(columns: int) -> re.Pattern[bytes]:
    """Finds a cell right of about so many columns (rounded up to whole letters)."""
    first = min(columns // LETTERS, LETTERS)
    two = b"|[%c-Z][A-Z]" % (ord("A") + first) if first < LETTERS else b""
    return re.compile(rb' r="(?:[A-Z]{3}' + two + rb")[0-9]")


def _csv(rows: Iterable[list[Any]]) -> bytes:
    lines = []
    for row in rows:
        cells = row
        try:
            line = ",".join(cells)
        except TypeError:
            cells = [as_text(cell) for cell in row]
            line = ",".join(cells)
        # Nearly all rows are plain text, which needs no look at every cell.
        if not (line.count(",") == len(cells) - 1 > 0 and '"' not in line and line.isprintable()):
            line = quoted([" ".join(cell.splitlines()) for cell in cells])
        lines.append(line)
    return "\n".join([*lines, ""]).encode("utf-8", "replace")


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
