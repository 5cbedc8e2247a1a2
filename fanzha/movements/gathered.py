"""The transfers of a case as one table: what a trace and its picture read, without an object a row.

The table is kept in this process under all that it was made of, and a long one beside its rows
for other processes (keeping.py), so that the next page of the same case joins nothing again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.program import program_of
from fanzha.core.recent import Store
from fanzha.movements.joined import Transfer

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import pyarrow as pa

    from fanzha.movements.groups import Decided
    from fanzha.movements.joined import CaseTransfers, Known, Where
    from fanzha.movements.leg import Source
    from fanzha.movements.pairing import Judged

WHOLE = ("clock", "amount_fen", "balance_from_fen", "balance_to_fen")
TEXT = (
    "movement_id", "from_account", "to_account", "channel", "currency", "reverses",
    "from_name", "to_name", "summary",
)  # fmt: skip
COLUMNS = (*WHOLE, *TEXT)
"""Fields of a Transfer that stand in the table under their names, beside its witnesses."""

recent = Store(most=6)
"""A hundred thousand transfers take some 25 MB."""


class Version(NamedTuple):
    """What a case's transfers are made of: equal versions, equal transfers.

    The rows of a statement never change, so naming it names them.
    """

    sources: tuple[Source, ...]
    judged: Judged
    decided: Decided

    @property
    def name(self) -> str:
        """A hash of it and of the program that joins rows: equal in every process."""
        told = [*map(sorted, self.judged), *map(sorted, self.decided)]
        asked = f"{program_of(__file__)} {self.sources!r} {told!r}"
        return hashlib.sha256(asked.encode()).hexdigest()


class Witnessed(NamedTuple):
    """What statements say of one transfer beside its figures, and the rows that say it."""

    summary: str
    witnesses: tuple[Where, ...]


@dataclass(frozen=True, eq=False)
class Gathered:
    """A case's transfers as columns in their order, and what is known of its accounts.

    `table` has COLUMNS, and `statements` with `row_nos`, which name the witnesses of each row.
    """

    version: Version
    table: pa.Table
    openings: Mapping[str, int]
    known: Mapping[str, Known]
    key_of: Mapping[str, str]

    def told(self, movement_ids: Collection[str]) -> dict[str, Witnessed]:
        """What statements say of these transfers; nothing of those that are not among them."""
        import pyarrow as pa
        import pyarrow.compute as pc

        asked = pa.array(list(movement_ids), pa.string())
        found = self.table.filter(pc.is_in(self.table["movement_id"], asked))
        names = ("movement_id", "summary", "statements", "row_nos")
        columns = (found[name].to_pylist() for name in names)
        return {
            name: Witnessed(summary, tuple(zip(statements, numbers, strict=True)))
            for name, summary, statements, numbers in zip(*columns, strict=True)
        }

    def of_amount(self, fen: int) -> list[int]:
        """The rows that moved just so many fen, in their order."""
        import numpy as np

        rows: list[int] = np.flatnonzero(self.table["amount_fen"].to_numpy() == fen).tolist()
        return rows

    def sides(self, row: int) -> tuple[str, str, int]:
        """Payer, payee and UTC seconds of a row."""
        names = ("from_account", "to_account", "clock")
        payer, payee, time = (self.table[name][row].as_py() for name in names)
        return payer, payee, time

    @cached_property
    def payees(self) -> frozenset[str]:
        """Every account that money came to."""
        return frozenset(self.table["to_account"].unique().to_pylist()) - {""}

    def paying_many(self, most: int) -> dict[str, int]:
        """The accounts whose rows name more than `most` payees, with how many."""
        import pyarrow.compute as pc

        sides = self.table.select(["from_account", "to_account"])
        rows = sides["from_account"].value_counts()
        busy = rows.filter(pc.greater(rows.field("counts"), most)).field("values")
        among = sides.filter(pc.is_in(sides["from_account"], busy))
        pairs = among.group_by(sides.column_names).aggregate([])
        named = pairs.filter((pc.field("from_account") != "") & (pc.field("to_account") != ""))
        counted = named["from_account"].value_counts().to_pylist()
        return {each["values"]: each["counts"] for each in counted if each["counts"] > most}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Holder by account as other accounts' rows name it: the last one told as payee counts."""
        import pyarrow.compute as pc

        found: dict[str, str] = {}
        for account, name in (("from_account", "from_name"), ("to_account", "to_name")):
            told = self.table.select([account, name]).filter(pc.field(name) != "")
            pairs = told.group_by([account, name]).aggregate([])
            # Only where an account goes by two names does the order of its rows count.
            if len(pairs[account].unique()) == pairs.num_rows:
                told = pairs
            found |= dict(zip(told[account].to_pylist(), told[name].to_pylist(), strict=True))
        return found


def gathered(version: Version, case: CaseTransfers) -> Gathered:
    """Put a case's transfers into a table."""
    table = table_of(case.transfers)
    return Gathered(version, table, case.openings, case.known, case.key_of)


def table_of(transfers: Sequence[Transfer]) -> pa.Table:
    """Transfers as the columns of a Gathered."""
    import pyarrow as pa

    kinds = dict.fromkeys(WHOLE, pa.int64()) | dict.fromkeys(TEXT, pa.string())
    columns = {}
    for name, kind in kinds.items():
        at = Transfer._fields.index(name)
        columns[name] = pa.array([each[at] for each in transfers], kind)
    witnesses = [each.witnesses for each in transfers]
    columns["statements"] = pa.array(
        [[name for name, _ in each] for each in witnesses], pa.list_(pa.string())
    )
    columns["row_nos"] = pa.array(
        [[number for _, number in each] for each in witnesses], pa.list_(pa.int64())
    )
    return pa.table(columns)
