"""A file of any size as blocks of its text in UTF-8; its hash and its encoding."""

from __future__ import annotations

import codecs
import hashlib
import io
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from fanzha.movements.source import hides_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

    Source = bytes | Path

BLOCK = 1 << 23
"""Bytes of a block: enough for fast loops, little beside what the lake's writer holds."""
ENCODINGS = ("utf-8", "gb18030")


class NotEncoded(Exception):
    """The file is not, or not all of it, in the encoding that its first lines have."""


class Block(NamedTuple):
    """Lines of a file in UTF-8, without its mark; they begin `at` so many bytes of the source."""

    text: bytes
    at: int


def opened(source: Source) -> io.BufferedReader | io.BytesIO:
    """The bytes of a file, from its beginning."""
    return source.open("rb") if isinstance(source, Path) else io.BytesIO(source)


def size_of(source: Source) -> int:
    """How many bytes."""
    return source.stat().st_size if isinstance(source, Path) else len(source)


def sha256_of(source: Source) -> str:
    """The file's SHA-256."""
    with opened(source) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def guess_of(source: Source) -> str:
    """What `encoding_of` says as far as the first lines tell."""
    with opened(source) as file:
        read = file.read(BLOCK)
    if read.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ""
    return ENCODINGS[0] if is_utf8(read[: _end(read) or len(read)]) else ENCODINGS[1]


def encoding_of(source: Source) -> str:
    """UTF-8 or GB18030 if all of the file is that; empty for a mixed one and for UTF-16."""
    with opened(source) as file:
        if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            return ""
    if _is_utf8(source):
        return ENCODINGS[0]
    return ENCODINGS[1] if _is_all(source, ENCODINGS[1]) else ""


def _is_utf8(source: Source) -> bool:
    rest = b""
    with opened(source) as file:
        while block := file.read(BLOCK):
            data = rest + block
            # What follows the last sign of ASCII may go on in the next block.
            end = max(data.rfind(b"\n"), data.rfind(b"\r"), data.rfind(b",")) + 1
            if not is_utf8(data[:end]):
                return False
            rest = data[end:]
    return is_utf8(rest)


def is_utf8(data: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    text = pa.LargeStringArray.from_buffers(
        1, pa.py_buffer(array("q", (0, len(data)))), pa.py_buffer(data)
    )
    try:
        text.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _is_all(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with opened(source) as file:
            while block := b"".join(file.readlines(BLOCK)):
                decoder.decode(block)
                if hides_utf8(block):
                    return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def blocks(source: Source, encoding: str, at: int = 0) -> Iterator[Block]:
    """Whole lines of the text, from the line on that begins `at` so many bytes; the last one too.

    Neither encoding uses a line's end within another sign. Raises NotEncoded at the first line that
    is written otherwise.
    """
    rest = b""
    with opened(source) as file:
        file.seek(at)
        while read := file.read(BLOCK):
            data = rest + read
            end = _end(data)
            if end:
                yield Block(_text(data[:end], encoding, at), at)
            at, rest = at + end, data[end:]
    if rest:
        yield Block(_text(rest, encoding, at), at)


def _end(data: bytes) -> int:
    """Where the last whole line ends; 0: there is none."""
    return data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1


def _text(data: bytes, encoding: str, at: int) -> bytes:
    if encoding == ENCODINGS[0]:
        if not is_utf8(data):
            raise NotEncoded
        return data if at else data.removeprefix(codecs.BOM_UTF8)
    if hides_utf8(data):
        raise NotEncoded
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError:
        raise NotEncoded from None
