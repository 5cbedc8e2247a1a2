"""Tables that come beside statements: holders, accounts, sub-accounts, registrations, log-ins.

They move no money. They say which numbers belong together, and each such fact keeps the row that
says it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from fanzha.movements.cells import account_of, clean
from fanzha.movements.groups import Names
from fanzha.movements.profile import DATA, Profile, parsed
from fanzha.movements.reading import Reject
from fanzha.movements.rules import NotAStatement, Reading, read_file
from fanzha.movements.source import HEADER_WITHIN, UNDECODABLE, find_header, lines_of, records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fanzha.movements.source import Header, Line

SAME = ("card_account", "main_sub", "account_sub")
"""Links between numbers of one account; the others only lead from one account to another."""
_SEVERAL = re.compile(r"[,，;；、|\s]+")


class Belonging(NamedTuple):
    """Two numbers that belong together, how (a key of `links`), and the row that says so."""

    link: str
    one: str
    other: str
    holder: str
    file_sha256: str
    row_no: int


@dataclass(frozen=True)
class Fact:
    """One thing that a row says: `kind` is holder, account, sub_account, bound_card, … ."""

    kind: str
    row_no: int
    told: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """As the manifest keeps it."""
        return {"kind": self.kind, "row": self.row_no, "told": dict(self.told)}


@dataclass(frozen=True)
class Layout:
    """A companion's columns, and what its rows give: kind -> columns of which one must be filled.

    `key`: a row that fills none of these says nothing. `carry`: columns that a row leaves empty
    when it continues the row above it. `links`: name -> the two columns that belong together.
    """

    profile: Profile
    key: tuple[str, ...]
    gives: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    carry: tuple[str, ...] = ()


@dataclass
class Companion:
    """A companion table as read: `read = kept + duplicate + rejected`, as for statements."""

    file_name: str
    file_sha256: str
    profile: str
    facts: list[Fact] = field(default_factory=list)
    belongings: list[Belonging] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    kept: int = 0
    duplicates: int = 0
    skipped: int = 0

    @property
    def read(self) -> int:
        """Lines that hold data."""
        return self.kept + self.duplicates + len(self.rejects)

    @property
    def counts(self) -> dict[str, int]:
        """Kind of fact -> how many."""
        return dict(Counter(fact.kind for fact in self.facts))

    @property
    def accounts(self) -> list[str]:
        """The numbers that rows are about."""
        keys = {
            account_of(fact.told.get("card_no") or fact.told.get("account_no") or "")
            for fact in self.facts
        }
        return sorted(key.key for key in keys if key.matches)

    @property
    def names(self) -> tuple[Names, ...]:
        """The pairs that mean one account, as groups() takes them."""
        pairs = {Names(each.one, each.other, each.holder) for each in self.belongings
                 if each.link in SAME}  # fmt: skip
        return tuple(sorted(pairs))

    def as_json(self) -> dict[str, Any]:
        """What the manifest keeps in the place of sums."""
        return {
            "in": {},
            "out": {},
            "unknown": {},
            "accounts": [],
            "about": self.accounts,
            "facts": [fact.as_json() for fact in self.facts],
            "belongings": [list(each) for each in self.belongings],
            "numbers": [list(each) for each in self.names],
        }


@cache
def layouts() -> tuple[Layout, ...]:
    """Every companion in data/companions; once per process."""
    found = []
    for path in sorted((DATA / "companions").glob("*.yaml")):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        found.append(
            Layout(
                parsed(data | {"only": True}),
                tuple(data["key"]),
                {kind: tuple(columns) for kind, columns in data["gives"].items()},
                {name: (one, other) for name, (one, other) in data.get("links", {}).items()},
                tuple(data.get("carry", [])),
            )
        )
    return tuple(found)


def read_table(
    content: bytes, file_name: str, *, saved: Sequence[Profile] = ()
) -> Reading | Companion:
    """Read a statement (rules.read_file), or else a companion of one; raises what that raises."""
    try:
        return read_file(content, file_name, saved=saved)
    except NotAStatement:
        if found := read_companion(content, file_name):
            return found
        raise


def read_companion(content: bytes, file_name: str) -> Companion | None:
    """The companion table in these bytes; None if no header of one is among the first 60 lines."""
    lines = lines_of(content)
    found = [
        (len(header.place), -place, header)
        for place, layout in enumerate(layouts())
        if (header := find_header(lines[:HEADER_WITHIN], layout.profile)) and not header.missing
    ]
    if not found:
        return None
    _, place, header = max(found, key=lambda each: each[:2])
    layout = layouts()[-place]
    read = Companion(file_name, hashlib.sha256(content).hexdigest(), layout.profile.label)
    read.skipped = header.number
    _Reader(read, layout, header).read(lines)
    return read


class _Reader:
    """Reads the rows below the header into a companion."""

    def __init__(self, companion: Companion, layout: Layout, header: Header) -> None:
        self._companion = companion
        self._layout = layout
        self._header = header
        self._seen: set[tuple[str, ...]] = set()
        self._above: dict[str, str] = {}

    def read(self, lines: Sequence[str]) -> None:
        for line in records(lines, self._header):
            cells = [clean(cell) for cell in line.cells]
            again = cells[: len(self._header.names)] == list(self._header.names)
            if not "".join(cells) or again:
                self._companion.skipped += 1
            elif UNDECODABLE in "".join(cells):
                self._reject(line, "row", "undecodable")
            elif any(cells[len(self._header.names) :]):
                self._reject(line, "row", "too_many_cells", str(len(cells)))
            else:
                self._take(line, cells)

    def _take(self, line: Line, cells: list[str]) -> None:
        told = self._told(cells)
        for column in self._layout.carry:
            if told and column not in told and column in self._above:
                told[column] = self._above[column]
        if not any(told.get(column) for column in self._layout.key):
            self._reject(line, self._layout.key[0], "no_key")
            return
        self._above = told
        if tuple(cells) in self._seen:
            self._companion.duplicates += 1
            return
        self._seen.add(tuple(cells))
        self._companion.kept += 1
        for kind, columns in self._layout.gives.items():
            if any(told.get(column) for column in columns):
                self._companion.facts.append(Fact(kind, line.number, told))
        self._companion.belongings += self._belongings(line.number, told)

    def _told(self, cells: Sequence[str]) -> dict[str, str]:
        """Canonical column -> cell; columns without a canonical name under their own."""
        header, empty = self._header, self._layout.profile.empty
        named = {name: at for name, at in header.place.items() if at < len(cells)}
        named |= {header.names[at]: at for at in header.extra if at < len(cells)}
        return {
            name: cells[at]
            for name, at in named.items()
            if cells[at] and cells[at].casefold() not in empty
        }

    def _belongings(self, row_no: int, told: Mapping[str, str]) -> Iterator[Belonging]:
        for link, (one, other) in self._layout.links.items():
            main = account_of(told.get(one, ""))
            for cell in _SEVERAL.split(told.get(other, "")):
                second = account_of(cell)
                if main.matches and second.matches and main.key != second.key:
                    holder = told.get("holder_name", "")
                    yield Belonging(
                        link, main.key, second.key, holder, self._companion.file_sha256, row_no
                    )

    def _reject(self, line: Line, column: str, reason: str, value: str = "") -> None:
        named = {
            name: cell for name, cell in zip(self._header.names, line.cells, strict=False) if cell
        }
        at = self._header.place.get(column)
        name = column if at is None else self._header.names[at]
        raw = json.dumps(named, ensure_ascii=False)
        self._companion.rejects.append(Reject(line.number, name, reason, value, raw))
