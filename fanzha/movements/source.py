"""From the bytes of a delimited file to its lines of cells, numbered as in the source."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.profile import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fanzha.movements.profile import Profile

HEADER_WITHIN = 60
"""The header stands in one of so many first lines (statements, section 6)."""
MOST_COLUMNS = 1_000
FEWEST_NAMES = 2
"""One column name alone may stand anywhere by chance."""
LONGEST_CELL_LINES = 20
"""A quoted cell may run over so many lines; a quote that stays open longer is a stray one."""
UNDECODABLE = "\ufffd"

_UTF8_SIGN = re.compile(rb"[\xe3-\xe9][\x80-\xbf]{2}")
_DELIMITERS = (",", "\t", ";", "|", "^", "\x01")
_MAGIC = {
    b"PK\x03\x04": "xlsx/zip",
    b"\xd0\xcf\x11\xe0": "xls",
    b"%PDF": "pdf",
    b"\x89PNG": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF8": "gif",
    b"Rar!": "rar",
    b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip",
}


@dataclass(frozen=True)
class Line:
    """One record: the number of its first line in the file (from 1) and its cells as written."""

    number: int
    cells: list[str]


class Decoded(NamedTuple):
    """Lines of text; `odd` are the numbers of those in the rarer of two encodings."""

    lines: list[str]
    odd: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """Where the header stands and which cell holds which canonical column.

    `names` are the column names as written, made unique; `extra` the cells without a canonical
    column; `missing` the needed columns that no cell names (then it is no header yet).
    """

    number: int
    delimiter: str
    names: tuple[str, ...]
    place: Mapping[str, int]
    extra: tuple[int, ...]
    missing: tuple[str, ...]


def kind_of(content: bytes) -> str:
    """What the first bytes say the file is, if it is no text: `xlsx/zip`, `pdf`, …; else empty."""
    for magic, kind in _MAGIC.items():
        if content.startswith(magic):
            return kind
    return "html" if re.match(rb"\s*<(?:!doctype|html|table)", content[:200], re.IGNORECASE) else ""


def lines_of(content: bytes) -> list[str]:
    """Physical lines, decoded: UTF-8 or GB18030, UTF-16 by its mark; a mixed file line by line."""
    return decoded(content).lines


def decoded(content: bytes) -> Decoded:
    """The lines of a file, and which of a mixed one are written unlike the most."""
    odd: tuple[int, ...] = ()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        text, odd = _decode(content)
    # A NUL is damage that no database text can hold; its line is rejected like other damage.
    lines = re.split(r"\r\n|\n|\r", text.replace("\0", UNDECODABLE))
    return Decoded(lines[:-1] if not lines[-1] else lines, odd)


def hides_utf8(content: bytes) -> bool:
    """Whether a line is UTF-8 in what GB18030 can decode as a whole, if only to nonsense."""
    import numpy as np

    signs = np.frombuffer(content, np.uint8)
    first = (signs >= 0xE3) & (signs <= 0xE9)  # noqa: PLR2004 - what Chinese in UTF-8 begins with
    after = (signs & 0xC0) == 0x80  # noqa: PLR2004 - and goes on with
    sign = first[:-2] & after[1:-1] & after[2:]
    end = 0
    # Three signs of GB18030 that look like two of UTF-8 are rare; a whole line of them is rarer.
    for found in np.flatnonzero(sign[:-3] & sign[3:]).tolist():
        if found >= end:
            begin = content.rfind(b"\n", 0, found) + 1
            end = content.find(b"\n", found)
            end = end if end >= 0 else len(content)
            if _is(content[begin:end], "utf-8"):
                return True
    return False


def _decode(content: bytes) -> tuple[str, tuple[int, ...]]:
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    if not hides_utf8(content):
        try:
            return content.decode("gb18030"), ()
        except UnicodeDecodeError:
            pass
    written: dict[str, list[int]] = {"utf-8-sig": [], "gb18030": [], "": []}
    lines = []
    for number, line in enumerate(content.split(b"\n"), start=1):
        encoding = _encoding(line)
        lines.append(line.decode(encoding or "utf-8", errors="replace"))
        if not line.isascii():
            written[encoding].append(number)
    del written[""]
    rarer = min(written.values(), key=len)
    return "\n".join(lines), tuple(rarer)


def _encoding(line: bytes) -> str:
    """UTF-8 or GB18030, the likelier first; empty if it is neither."""
    likely = ("utf-8-sig", "gb18030")
    for each in likely if _UTF8_SIGN.search(line) else likely[::-1]:
        if _is(line, each):
            return each
    return ""


def _is(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def find_header(lines: Sequence[str], profile: Profile) -> Header | None:
    """The line among the first 60 that names most columns; None if none names even two.

    Where no line names all that is needed, two lines may: a name merged over two rows of cells
    stands in the upper one, what it is divided into in the lower.
    """
    best: Header | None = None
    for number, line in enumerate(lines[:HEADER_WITHIN], start=1):
        for delimiter in _DELIMITERS:
            if delimiter not in line:
                continue
            found = _header(number, delimiter, _names(line, delimiter), profile)
            if found and (best is None or _rank(found) > _rank(best)):
                best = found
    if best and best.missing:
        best = _of_two_lines(lines[:HEADER_WITHIN], best, profile) or best
    return best


def _of_two_lines(lines: Sequence[str], best: Header, profile: Profile) -> Header | None:
    """The line that names most together with the one above or below it, if that is enough."""
    for number in (best.number, best.number + 1):
        pair = lines[max(number - 2, 0) : number]
        if len(pair) == 2 and all(best.delimiter in line for line in pair):  # noqa: PLR2004 - two
            upper, lower = (_cells(line, best.delimiter) for line in pair)
            names = _unique(_merged(upper, lower, profile))
            header = _header(number, best.delimiter, names, profile)
            if header and not header.missing:
                return header
    return None


def _merged(upper: list[str], lower: list[str], profile: Profile) -> list[str]:
    """The names of two header lines; one of the lower line may need the one it belongs to."""
    names, above = [], ""
    for one, other in zip_longest(upper, lower, fillvalue=""):
        above = one.strip() or above
        whole = above + other.strip()
        known = plain_name(whole) in profile.columns or plain_name(other) not in profile.columns
        names.append((whole if known else other) if other.strip() else one)
    return names


def candidates(
    lines: Sequence[str],
) -> Iterator[tuple[int, str, tuple[str, ...], list[list[str]]]]:
    """Each line that could be a header: its number, delimiter, names, and the rows of its width.

    Rows are below it, as many as there are; a last empty cell does not count.
    """
    for number, line in enumerate(lines[:HEADER_WITHIN], start=1):
        for delimiter in _DELIMITERS:
            cells = _cells(line, delimiter) if delimiter in line else []
            names = _unique(cells)
            if not FEWEST_NAMES < len(names) <= MOST_COLUMNS:
                continue
            below = (_cells(each, delimiter) for each in lines[number:] if delimiter in each)
            yield number, delimiter, names, [
                each for each in below if abs(len(each) - len(names)) <= 1
            ]  # fmt: skip


def fitting(lines: Sequence[str], bank: Profile, others: Sequence[Profile]) -> Profile:
    """The profile whose marks a header bears, the most marks first; else the bank layout.

    Where that one misses something, a general layout that misses nothing.
    """
    found = [
        (len(each.marks), len(header.place), each)
        for each in others
        if (header := find_header(lines, each)) and not header.missing
        and each.marks <= {plain_name(name) for name in header.names}
    ]  # fmt: skip
    header = find_header(lines, bank)
    if header and not header.missing:
        found = [each for each in found if not each[2].general]
    return max(found, key=lambda each: each[:2])[2] if found else bank


def _rank(header: Header) -> tuple[int, int]:
    return -len(header.missing), len(header.place)


def _header(number: int, delimiter: str, names: tuple[str, ...], profile: Profile) -> Header | None:
    if len(names) > MOST_COLUMNS:
        return None
    place = _place(names, profile)
    for boundary, divided in profile.beyond.items():
        if boundary in place:
            place = _place(_sided(names, place[boundary], divided), profile)
    if len(place) < FEWEST_NAMES:
        return None
    taken = set(place.values())
    missing = tuple(
        " / ".join(sorted(profile.names[each] for each in need))
        for need in profile.needs
        if not need & place.keys()
    )
    extra = tuple(at for at in range(len(names)) if at not in taken)
    return Header(number, delimiter, names, place, extra, missing)


def _place(names: Sequence[str], profile: Profile) -> dict[str, int]:
    """Canonical column -> the cell that names it best."""
    place: dict[str, int] = {}
    preference: dict[str, int] = {}
    for at, name in enumerate(names):
        canonical, rank = profile.columns.get(plain_name(name), ("", 0))
        if canonical and (canonical not in place or rank < preference[canonical]):
            place[canonical], preference[canonical] = at, rank
    return place


def _sided(names: Sequence[str], boundary: int, divided: frozenset[str]) -> list[str]:
    """Names of which one alone right of `boundary` is the second of its name, not the first."""
    plain = [plain_name(name) for name in names]
    alone = {each for each in divided if f"{each}(2)" not in plain}
    return [
        f"{name} (2)" if at > boundary and plain[at] in alone else name
        for at, name in enumerate(names)
    ]


@lru_cache(maxsize=256)
def _names(line: str, delimiter: str) -> tuple[str, ...]:
    """The cells of a line as names of columns; every layout looks at the same few lines."""
    cells = _cells(line, delimiter)
    return _unique(cells) if len(cells) <= MOST_COLUMNS else tuple(cells)


def _unique(cells: list[str]) -> tuple[str, ...]:
    """Names as written; a repeated one gets its place among its namesakes, an empty one its own."""
    seen: dict[str, int] = {}
    names = []
    for at, cell in enumerate(cells, start=1):
        name = cell.strip().strip("\ufeff") or f"column {at}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def records(lines: Sequence[str], header: Header) -> Iterator[Line]:
    """Every record after the header; blank lines come as records without cells.

    A quote that is never closed must not swallow the rest of the file: lines are joined only if
    together they have exactly as many cells as the header.
    """
    at = header.number
    while at < len(lines):
        line, used = lines[at], 1
        if not line.strip():
            cells: list[str] = []
        elif line.count('"') % 2:
            cells, used = _joined(lines, at, header)
        else:
            cells = _cells(line, header.delimiter)
        yield Line(at + 1, cells)
        at += used


def _joined(lines: Sequence[str], at: int, header: Header) -> tuple[list[str], int]:
    text = lines[at]
    for used in range(2, LONGEST_CELL_LINES + 1):
        if at + used > len(lines):
            break
        text = f"{text}\n{lines[at + used - 1]}"
        if text.count('"') % 2 == 0:
            cells = _cells(text, header.delimiter)
            if len(cells) == len(header.names):
                return cells, used
            break
    return lines[at].replace('"', "").split(header.delimiter), 1


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return line.replace('"', "").split(delimiter)
