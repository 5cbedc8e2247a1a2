"""A leg: one kept row as one side of a transfer, with its accounts resolved to groups."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from fanzha.movements.groups import Names, groups

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

MATCHES = ("number", "text")


@dataclass(slots=True)
class Leg:
    """What joining needs of a row; `place` is the place of its statement in the order of import.

    `account` and `counterparty` are keys of account groups; a number that never matches (masked,
    damaged) stands for itself alone.
    """

    statement: str
    place: int
    file_sha256: str
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
    at: int = 0
    account: str = ""
    counterparty: str = ""

    @property
    def where(self) -> tuple[str, int]:
        """Statement and row: the provenance."""
        return self.statement, self.row_no

    @property
    def order(self) -> tuple[int, int]:
        """Order of import and row: breaks ties without looking at numbers or names."""
        return self.place, self.row_no


_OURS = ("statement", "place", "file_sha256", "at", "account", "counterparty")
LEG_COLUMNS = tuple(each.name for each in fields(Leg) if each.name not in _OURS)
"""Lake columns of a leg."""


@dataclass(frozen=True)
class Source:
    """A statement as joining needs it, in the order of import.

    `account` is the one asked for (a reply) or empty; `until` the time up to which it answers.
    """

    public_id: str
    file_sha256: str
    account: str = ""
    institution_code: str = ""
    until: datetime | None = None
    balance_fen: int | None = None
    truncated: bool = False
    numbers: tuple[Names, ...] = ()


def legs_of(
    sources: Sequence[Source], rows: Mapping[str, Iterable[Mapping[str, Any]]]
) -> tuple[list[Leg], dict[str, str], tuple[str, ...]]:
    """Legs of all statements, number -> account key, and the account numbers left apart.

    `rows` maps a statement to its kept rows, which carry LEG_COLUMNS, card_key and account_key.
    """
    listed = {source.public_id: list(rows.get(source.public_id, ())) for source in sources}
    key_of, apart = groups(_names(sources, listed))
    legs = []
    for place, source in enumerate(sources):
        for row in listed[source.public_id]:
            leg = Leg(
                statement=source.public_id,
                place=place,
                file_sha256=source.file_sha256,
                **{name: row[name] for name in LEG_COLUMNS},
            )
            leg.at = int(leg.txn_time.timestamp())
            leg.account = _own(leg, key_of)
            leg.counterparty = key_of.get(leg.cp_key, leg.cp_key)
            legs.append(leg)
    return legs, key_of, apart


def _own(leg: Leg, key_of: Mapping[str, str]) -> str:
    if leg.own_kind in MATCHES:
        return key_of.get(leg.own_key, leg.own_key)
    # Masked and damaged numbers hold their own statement together and match nothing else.
    return f"{leg.own_key} [{leg.statement}]"


def _names(
    sources: Sequence[Source], listed: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Iterable[Names]:
    for source in sources:
        yield from source.numbers
        if source.account:
            yield Names("", source.account)
        for row in listed[source.public_id]:
            yield Names(row["card_key"], row["account_key"], row["holder_name"])
