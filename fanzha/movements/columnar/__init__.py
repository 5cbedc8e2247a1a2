"""Statements at speed: blocks of a delimited file become columns of the lake, not rows of Python.

The row-by-row reader is the reference: both give the same rows, rejects and sums (a property test
says so), and every line that needs judgement is handed to it. It reads; it decides no rule anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.movements.columnar.blocks import opened, size_of
from fanzha.movements.source import kind_of

if TYPE_CHECKING:
    from fanzha.movements.columnar.blocks import Source

LARGE = 4 * 1024 * 1024
"""From so many bytes on columns are faster, though their loops must be loaded first."""
_HEAD = 512


def is_large(source: Source) -> bool:
    """Whether a file is worth reading in columns: a text of some size."""
    if size_of(source) < LARGE:
        return False
    with opened(source) as file:
        return not kind_of(file.read(_HEAD))
