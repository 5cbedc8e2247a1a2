"""Which program made something: what is kept of one must not be read by another."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path


@cache
def program_of(file: str) -> str:
    """A hash of the code and the data of the package that the file is part of."""
    digest = hashlib.sha256()
    for path in sorted(Path(file).parent.rglob("*")):
        if path.suffix in {".py", ".yaml"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()
