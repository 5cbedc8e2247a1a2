"""A leg: one kept row as one side of a transfer, with its accounts resolved to groups."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from fanzha.movements.groups import UNDECIDED, Decided, Groups, Names, groups

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.movements.joined import Where

MATCHES = ("number", "text")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Leg:
    """What joining needs of a row; `place` is the place of its statement in the order of import.

    `account` and `counterparty` are keys of account groups; a number that never matches (masked,
    damaged) stands for itself alone. `at`: UTC seconds. `order`: that of
    import and row, which breaks ties without looking at numbers or names.
    """

    statement: str
    place: int
    file_sha256: str
    at: int
    account: str
    counterparty: str
    order: int
    row_no: int
    txn_time: datetime
    time_precision: str
    amount_fen: int
    direction: str
    success: str
    currency: str
    own_key: str
    own_kind: str
    sub_account: str
    cp_key: str
    cp_kind: str
    balance_fen: int | None
    direction_word: str
    holder_name: str
    cp_name: str
    cash_flag: str
    summary: str
    serial_no: str
    merchant_name: str
    merchant_no: str
    remark: str
    txn_type: str
    own_clearing_no: str
    cp_clearing_no: str

    @property
    def where(self) -> Where:
        """Statement and row: the provenance."""
        return self.statement, self.row_no


_OURS = ("statement", "place", "file_sha256", "at", "account", "counterparty", "order")
LEG_COLUMNS = tuple(each.name for each in fields(Leg) if each.name not in _OURS)
"""Lake columns of a leg."""
ROW = (*LEG_COLUMNS, "card_key", "account_key")
"""What a row has to tell, in this order."""


@dataclass(frozen=True)
class Source:
    """A statement as joining needs it, in the order of import.

    `account` is the one asked for (a reply) or empty; `until` the time up to which it answers,
    `profile` the name of the layout without its version.
    """

    public_id: str
    file_sha256: str
    profile: str = ""
    account: str = ""
    institution_code: str = ""
    until: datetime | None = None
    balance_fen: int | None = None
    truncated: bool = False
    numbers: tuple[Names, ...] = ()


def told_rows(table: Any) -> dict[str, list[tuple[Any, ...]]]:
    """Rows by statement from an Arrow table with `statement` and the columns of ROW."""
    columns = [_plain(table, name) for name in ROW]
    told: dict[str, list[tuple[Any, ...]]] = {}
    for statement, row in zip(
        table.column("statement").to_pylist(), zip(*columns, strict=True), strict=True
    ):
        told.setdefault(statement, []).append(row)
    return told


def _plain(table: Any, name: str) -> list[Any]:
    column = table.column(name)
    if name != "txn_time":
        plain: list[Any] = column.to_pylist()
        return plain
    # Arrow's own way to datetimes looks up the zone for every row.
    whole = column.cast("int64").to_pylist()
    return [EPOCH + timedelta(microseconds=each) for each in whole]


def legs_of(
    sources: Sequence[Source],
    told: Mapping[str, Sequence[tuple[Any, ...]]],
    decided: Decided = UNDECIDED,
) -> tuple[list[Leg], Groups]:
    """Legs of all statements by order of import, and which numbers are one account.

    `told` maps a statement to its kept rows, each with the columns of ROW.
    """
    grouped = groups(_names(sources, told), decided)
    key_of = grouped.key_of
    places = (LEG_COLUMNS.index(each) for each in ("own_key", "own_kind", "cp_key"))
    own_key, own_kind, cp_key = places
    time = LEG_COLUMNS.index("txn_time")
    legs: list[Leg] = []
    for place, source in enumerate(sources):
        statement, sha256 = source.public_id, source.file_sha256
        for row in told.get(statement, ()):
            own, cp = row[own_key], row[cp_key]
            account = (
                key_of.get(own, own)
                if row[own_kind] in MATCHES
                # Masked and damaged numbers hold their own statement together and match no other.
                else f"{own} [{statement}]"
            )
            legs.append(
                Leg(
                    statement, place, sha256, int(row[time].timestamp()), account,
                    key_of.get(cp, cp), len(legs), *row[:-2],
                )
            )  # fmt: skip
    return legs, grouped


def _names(sources: Sequence[Source], told: Mapping[str, Sequence[tuple[Any, ...]]]) -> set[Names]:
    holder = LEG_COLUMNS.index("holder_name")
    found: set[Names] = set()
    for source in sources:
        found.update(source.numbers)
        if source.account:
            found.add(Names("", source.account))
        found.update(
            Names(card, account, name)
            for card, account, name in {
                (row[-2], row[-1], row[holder]) for row in told.get(source.public_id, ())
            }
        )
    return found
