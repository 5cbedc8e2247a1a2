"""A profile of the bank interface: its code tables, field lists and limits, read from CSV files.

A second profile is a second folder beside `data/2016`. Marks in the tables: PC public code,
A assumed, P our decision.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DATA = Path(__file__).parent / "data"
DEFAULT = "2016"


@dataclass(frozen=True)
class TxCode:
    """One transaction code; `twin` is the police-side series, `attachments` the papers it needs."""

    code: str
    feedback: str
    twin: str
    name: str
    direction: str
    attachments: tuple[str, ...]
    zh: str
    en: str
    mark: str


@dataclass(frozen=True)
class Field:
    """One element of a message: `required` is empty, `R`, or `Other=value|value`.

    `kind` is text, code, amount, time, record (one nested) or records (repeated).
    """

    name: str
    required: str
    width: int | None
    kind: str
    mark: str


@dataclass(frozen=True)
class ResultCode:
    """One business result with its labels; `outcome` names a value of `rules.Outcome`."""

    code: str
    group: str
    outcome: str
    zh: str
    en: str
    mark: str


@dataclass(frozen=True)
class GatewayCode:
    """One code of the synchronous answer; `action` is delivered, refused, resend or later."""

    code: str
    action: str
    zh: str
    en: str
    mark: str


@dataclass(frozen=True)
class Column:
    """How one canonical statement column is filled: level card, account, row or reply."""

    canonical: str
    level: str
    element: str
    kind: str


@dataclass(frozen=True)
class Profile:
    """All tables of one edition of the interface."""

    name: str
    tx_codes: Mapping[str, TxCode]
    twins: Mapping[str, str]
    fields: Mapping[str, tuple[Field, ...]]
    repeated: frozenset[str]
    enums: Mapping[str, Mapping[str, tuple[str, str]]]
    results: Mapping[tuple[str, str], ResultCode]
    gateway: Mapping[str, GatewayCode]
    columns: tuple[Column, ...]

    def base_code(self, tx_code: str) -> str:
        """Return the 100xxx code of a code of either series; unknown codes unchanged."""
        return self.twins.get(tx_code, tx_code)

    def fields_of(self, name: str) -> tuple[Field, ...]:
        """List the elements of a message (either series) or record; empty when unknown."""
        return self.fields.get(self.base_code(name), ())

    def inner(self, outer: str, name: str) -> str:
        """Say under which name the elements of `name` within `outer` are listed.

        A record that means something else in one place has a list of its own, `Outer.Name`.
        """
        own = f"{outer}.{name}"
        return own if own in self.fields else name

    def result(self, tx_code: str, code: str) -> ResultCode | None:
        """Look up a business result in a message; None when the profile has none."""
        special = self.results.get((self.base_code(tx_code), code))
        return special or self.results.get(("", code))

    def allowed(self, tx_code: str, name: str) -> Mapping[str, tuple[str, str]]:
        """Map value → (zh, en) for a coded element; empty when the profile lists none."""
        own = self.enums.get(f"{self.base_code(tx_code)}.{name}")
        return own if own is not None else self.enums.get(name, {})


@cache
def load(name: str = DEFAULT) -> Profile:
    """Read the profile in `data/<name>`; read once per process. Raises FileNotFoundError."""
    folder = DATA / name
    tx_codes = {row["code"]: _tx_code(row) for row in _rows(folder / "tx_codes.csv")}
    fields = _fields(folder / "fields.csv")
    enums: dict[str, dict[str, tuple[str, str]]] = {}
    for row in _rows(folder / "enums.csv"):
        enums.setdefault(row["name"], {})[row["value"]] = (row["zh"], row["en"])
    return Profile(
        name=name,
        tx_codes=tx_codes,
        twins={tx.twin: tx.code for tx in tx_codes.values() if tx.twin},
        fields=fields,
        repeated=frozenset(f.name for each in fields.values() for f in each if f.kind == "records"),
        enums=enums,
        results={
            (row.pop("message"), row["code"]): ResultCode(**row)
            for row in _rows(folder / "result_codes.csv")
        },
        gateway={row["code"]: GatewayCode(**row) for row in _rows(folder / "gateway_codes.csv")},
        columns=tuple(
            Column(row["canonical"], row["level"], row["element"], row["kind"])
            for row in _rows(folder / "statement_columns.csv")
        ),
    )


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _tx_code(row: dict[str, str]) -> TxCode:
    papers = tuple(part for part in row["attachments"].split("|") if part)
    return TxCode(
        row["code"], row["feedback"], row["twin"], row["name"], row["direction"], papers,
        row["zh"], row["en"], row["mark"],
    )  # fmt: skip


def _fields(path: Path) -> dict[str, tuple[Field, ...]]:
    """Field lists per message, blocks (`@APP`) written out in place.

    A block marked `R` makes each of its elements required, one marked with an element's name
    only that element.
    """
    raw: dict[str, list[Field]] = {}
    for row in _rows(path):
        width = int(row["width"]) if row["width"] else None
        field = Field(row["name"], row["required"], width, row["kind"], row["mark"])
        raw.setdefault(row["message"], []).append(field)
    return {
        message: tuple(part for field in fields for part in _spread(field, raw))
        for message, fields in raw.items()
        if not message.startswith("@")
    }


def _spread(field: Field, raw: Mapping[str, list[Field]]) -> Iterator[Field]:
    if field.kind != "block":
        yield field
        return
    for part in raw[field.name]:
        required = "R" if field.required in ("R", part.name) else part.required
        yield Field(part.name, required, part.width, part.kind, part.mark)
