"""Cells of tables that leave the house: none of them runs as a formula where it is opened."""

from __future__ import annotations

from typing import Final

_BLANKS: Final = ("\t", "\r", "\n")
_SIGNS: Final = ("=", "+", "-", "@")


def safe(cell: object) -> object:
    """A text that a spreadsheet would run as a formula, made plain; a figure stays one."""
    if isinstance(cell, str) and _runs(cell) and not _is_figure(cell):
        return f"'{cell}"
    return cell


def _runs(text: str) -> bool:
    return text.startswith(_BLANKS) or text.lstrip().startswith(_SIGNS)


def _is_figure(text: str) -> bool:
    return text.removeprefix("-").replace(",", "").replace(".", "", 1).isdecimal()
