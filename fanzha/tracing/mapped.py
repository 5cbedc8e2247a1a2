"""An index on disk (索引文件): one folder of plain arrays, mapped into memory when opened.

A folder is written beside its place and renamed when it is whole, so that there is never half an
index. Opening reads the header only; `check` reads everything and compares the hashes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fanzha.core.refusal import gettext_noop
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.index import Index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

FORMAT: Final = "fanzha-index-1"
HEADER: Final = "index.json"
CHUNK_BYTES: Final = 1 << 24
_LINES: Final = ("opening_fen", "start", "bounds", "out")
_MATCHES: Final = ("laid", "rows", "head", "table")
_COLUMNS: Final = tuple(each.name for each in fields(Columns) if each.name != "accounts")


class BadIndex(ValueError):
    """A folder that is no whole index of this format; the text says why."""


def write(index: Index, folder: Path) -> None:
    """Write the index into a new folder; raises FileExistsError if something is there already."""
    if folder.exists():
        raise FileExistsError(str(folder))
    making = folder.with_name(f".{folder.name}.making-{os.getpid()}")
    making.mkdir(parents=True)
    try:
        hashes = {name: _save(making / f"{name}.npy", array) for name, array in _arrays(index)}
        header = {
            "format": FORMAT,
            "rows": len(index),
            "accounts": index.columns.accounts,
            "sha256": hashes,
        }
        with (making / HEADER).open("w", encoding="utf-8") as file:
            json.dump(header, file, indent=1)
            _settle(file.fileno())
        making.rename(folder)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def read(folder: Path) -> Index:
    """Map the index of a folder; what it changes in memory never reaches the files.

    Raises BadIndex if the folder holds none of this format, or not all of it.
    """
    from fanzha.tracing.engine.lines import Matches

    header = _header(folder)
    found = {name: _map(folder / f"{name}.npy") for name in header["sha256"]}
    try:
        columns = Columns(**{name: found[name] for name in _COLUMNS}, accounts=header["accounts"])
        matches = Matches(
            **{name: found[f"matches_{name}"] for name in _MATCHES}, newest_first=False
        )
        index = Index(columns=columns, matches=matches, **{name: found[name] for name in _LINES})
    except KeyError as missing:
        raise BadIndex(gettext_noop("a file is missing: %s") % missing) from None
    if len(index) != header["rows"] or len(index.start) != header["rows"]:
        raise BadIndex(gettext_noop("the files do not hold as many rows as the header says"))
    return index


def check(folder: Path) -> None:
    """Read everything; raises BadIndex if a file is not what was written."""
    for name, wanted in _header(folder)["sha256"].items():
        if _sha256(folder / f"{name}.npy") != wanted:
            raise BadIndex(gettext_noop("%s.npy is not what was written") % name)


def _header(folder: Path) -> Mapping[str, Any]:
    try:
        header = json.loads((folder / HEADER).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadIndex(gettext_noop("there is no index: %s") % error) from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise BadIndex(gettext_noop("the index is not of the format %s") % FORMAT)
    return header


def _arrays(index: Index) -> list[tuple[str, NDArray[Any]]]:
    return [
        *((name, getattr(index.columns, name)) for name in _COLUMNS),
        *((name, getattr(index, name)) for name in _LINES),
        *((f"matches_{name}", getattr(index.matches, name)) for name in _MATCHES),
    ]


def _save(path: Path, array: NDArray[Any]) -> str:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        _settle(file.fileno())
    return _sha256(path)


def _settle(descriptor: int) -> None:
    """Wait until the file is on the disk: the rename must not overtake it."""
    os.fsync(descriptor)


def _map(path: Path) -> NDArray[Any]:
    try:
        mapped = np.load(path, mmap_mode="c", allow_pickle=False)
    except (OSError, ValueError):
        # An empty array cannot be mapped.
        try:
            mapped = np.load(path, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise BadIndex(gettext_noop("a file cannot be read: %s") % error) from None
    return np.asarray(mapped)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
    except OSError as error:
        raise BadIndex(gettext_noop("a file cannot be read: %s") % error) from None
    return digest.hexdigest()
