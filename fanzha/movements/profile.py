"""Layouts as data: which names a column goes by, and what the words in its cells mean."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.entities.rules import half_width

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA = Path(__file__).parent / "data"
BANK_34 = "bank_34"

_YUAN = re.compile(r"\((?:元|人民币|人民币元|RMB|CNY|单位元)\)", re.IGNORECASE)
_NOISE = re.compile(r"[\s\"'=*:：\ufeff]")


@dataclass(frozen=True)
class Profile:
    """One layout: `columns` maps a plain name (`plain_name`) to (canonical column, preference).

    `marks`: plain names that tell this layout from others. `sign`: the direction of a plus where
    the sign decides. `fen`: amounts are minor units. `own`: finds the account above the header.
    `neutral`: direction words for money that neither comes nor goes. `prefixes`: how a summary
    begins -> direction, where no column says it. `amount_note`: what is told behind an amount.
    `month`: finds year and month of the bill, where days come without a year. `beyond`: canonical
    column -> plain names that come twice; a lone one right of that column is the second.
    `unclear`: direction word -> the word beside which it tells nothing, but for a third word.
    """

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
    carried: frozenset[str]
    row_caps: frozenset[int]
    marks: frozenset[str] = frozenset()
    general: bool = False
    sign: str = ""
    fen: bool = False
    currency: str = ""
    own: re.Pattern[str] | None = None
    neutral: frozenset[str] = frozenset()
    prefixes: Mapping[str, str] = field(default_factory=dict)
    amount_note: re.Pattern[str] | None = None
    month: re.Pattern[str] | None = None
    beyond: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unclear: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """`bank_34@1`, as stored with every import."""
        return f"{self.name}@{self.version}"


@lru_cache(maxsize=16_384)
def plain_name(cell: str) -> str:
    """A column name without what differs between files: width, spaces, brackets round 元, 帐/账.

    A unit other than yuan stays in the name, so that a column of fen is not taken for yuan.
    """
    return _YUAN.sub("", _NOISE.sub("", half_width(cell)).replace("帐", "账")).upper()


@cache
def load(name: str = BANK_34) -> Profile:
    """Read `data/profiles/<name>.yaml`; once per process. Raises FileNotFoundError.

    What a profile leaves out it has from the bank layout: names of columns, words, caps.
    """
    return parsed(_file(name))


def parsed(data: Mapping[str, Any]) -> Profile:
    """The profile that data in the form of the YAML files describe."""
    base = _file(BANK_34)
    columns: dict[str, tuple[str, int]] = {}
    for table in (data,) if data.get("only") else (base, data):
        for canonical, spellings in (table.get("columns") or {}).items():
            for place, spelling in enumerate(spellings):
                columns[plain_name(spelling)] = (canonical, place)
    named = base["columns"] | (data.get("columns") or {})
    words = {
        each: _words(base[each]) | _words(data.get(each) or {})
        for each in ("directions", "success", "currencies")
    }
    return Profile(
        name=data["name"],
        version=data["version"],
        needs=tuple(frozenset(each.split("|")) for each in data["needs"]),
        names={canonical: spellings[0] for canonical, spellings in named.items()},
        columns=columns,
        directions=words["directions"],
        success=words["success"],
        currencies=words["currencies"],
        empty=frozenset(base["empty"]),
        totals=(*base["totals"], *data.get("totals", [])),
        carried=frozenset(base["carried"]),
        row_caps=frozenset(base["row_caps"]),
        marks=frozenset(map(plain_name, data.get("marks", []))),
        general=data.get("general", False),
        sign=data.get("sign", ""),
        fen=data.get("unit") == "fen",
        currency=data.get("currency", ""),
        own=re.compile(data["own"]) if "own" in data else None,
        neutral=frozenset(data.get("neutral", [])),
        prefixes={word: way for way, each in data.get("prefixes", {}).items() for word in each},
        amount_note=re.compile(data["amount_note"]) if "amount_note" in data else None,
        month=re.compile(data["month"]) if "month" in data else None,
        beyond={
            column: frozenset(map(plain_name, names))
            for column, names in data.get("beyond", {}).items()
        },
        unclear={
            word: (each["beside"], each["unless"])
            for word, each in (base["unclear"] | data.get("unclear", {})).items()
        },
    )


@cache
def marked() -> tuple[Profile, ...]:
    """Every profile that its marks tell from others: all but the bank layout."""
    names = sorted(path.stem for path in (DATA / "profiles").glob("*.yaml"))
    return tuple(load(name) for name in names if name != BANK_34)


@cache
def known_names() -> dict[str, str]:
    """Plain name -> canonical column, over all profiles; the bank layout's word counts first."""
    found: dict[str, str] = {}
    for each in (load(), *marked()):
        for name, (canonical, _) in each.columns.items():
            found.setdefault(name, canonical)
    return found


@cache
def _file(name: str) -> dict[str, Any]:
    text = (DATA / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def _words(table: Mapping[str, list[str]]) -> dict[str, str]:
    return {word.casefold(): meaning for meaning, words in table.items() for word in words}


@cache
def guesses() -> dict[str, Any]:
    """The words of `data/guesses.yaml`, by which an unknown layout is proposed."""
    text = (DATA / "guesses.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


@cache
def evidence() -> dict[str, Any]:
    """The keyword lists of `data/counterparties.yaml`."""
    text = (DATA / "counterparties.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded
