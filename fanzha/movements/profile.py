"""Layouts as data: which names a column goes by, and what the words in its cells mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.entities.rules import half_width

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"
BANK_34 = "bank_34"

_YUAN = re.compile(r"\((?:元|人民币|人民币元|RMB|CNY|单位:元)\)", re.IGNORECASE)
_NOISE = re.compile(r"[\s\"'=*:：\ufeff]")


@dataclass(frozen=True)
class Profile:
    """One layout: `columns` maps a plain name (`plain_name`) to (canonical column, preference)."""

    name: str
    version: int
    needs: tuple[frozenset[str], ...]
    names: Mapping[str, str]
    columns: Mapping[str, tuple[str, int]]
    directions: Mapping[str, str]
    success: Mapping[str, str]
    currencies: Mapping[str, str]
    empty: frozenset[str]
    totals: tuple[str, ...]
    row_caps: frozenset[int]

    @property
    def label(self) -> str:
        """`bank_34@1`, as stored with every import."""
        return f"{self.name}@{self.version}"


def plain_name(cell: str) -> str:
    """A column name without what differs between files: width, spaces, brackets round 元, 帐/账.

    A unit other than yuan stays in the name, so that a column of fen is not taken for yuan.
    """
    return _YUAN.sub("", _NOISE.sub("", half_width(cell)).replace("帐", "账")).upper()


@cache
def load(name: str = BANK_34) -> Profile:
    """Read `data/profiles/<name>.yaml`; once per process. Raises FileNotFoundError."""
    text = (DATA / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    columns = {
        plain_name(spelling): (canonical, place)
        for canonical, spellings in data["columns"].items()
        for place, spelling in enumerate(spellings)
    }
    return Profile(
        name=data["name"],
        version=data["version"],
        needs=tuple(frozenset(each.split("|")) for each in data["needs"]),
        names={canonical: spellings[0] for canonical, spellings in data["columns"].items()},
        columns=columns,
        directions=_words(data["directions"]),
        success=_words(data["success"]),
        currencies=_words(data["currencies"]),
        empty=frozenset(data["empty"]),
        totals=tuple(data["totals"]),
        row_caps=frozenset(data["row_caps"]),
    )


def _words(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {word.casefold(): meaning for meaning, words in table.items() for word in words}


@cache
def evidence() -> dict[str, Any]:
    """The keyword lists of `data/counterparties.yaml`."""
    text = (DATA / "counterparties.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
