"""What the rounds bring, gathered into the two tables of a result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
import pyarrow.compute as pc

from fanzha.tracing.engine.model import EndKind
from fanzha.tracing.stores.asked import GOING
from fanzha.tracing.stores.base import ENDS, PIECES, TEXT, WHOLE, Found

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECES: Final = (
    PIECES.set(PIECES.get_field_index("claim"), pa.field("claim", WHOLE))
    .append(pa.field("leaves", WHOLE))
    .append(pa.field("left_account", TEXT))
)
_ENDS: Final = ENDS.set(ENDS.get_field_index("claim"), pa.field("claim", WHOLE))


class Gathered:
    """Pieces and ends so far; claims are places in `claims` until the end."""

    def __init__(self, claims: Sequence[str]) -> None:
        self.claims = claims
        self.rounds = 0
        self.pieces: list[pa.Table] = []
        self.ends: list[pa.Table] = []

    def begin(self, payments: pa.Table) -> pa.Table:
        """Take the payments of the victims; returns the pieces that go on."""
        nowhere = pa.nulls(len(payments), WHOLE)
        return self._onward(
            payments.append_column("parent_row", nowhere)
            .append_column("parent_lo", nowhere)
            .append_column("end_account", pa.nulls(len(payments), TEXT))
        )

    def take(self, parts: pa.Table) -> pa.Table:
        """Take what `hop` and `arrived` made of the last pieces; returns those that go on."""
        ended = parts.filter(pc.is_valid(parts["end"]))
        self._end(ended, "end_account", "end", ended["fen"], "parent_row", "parent_lo")
        return self._onward(parts.filter(pc.is_null(parts["end"])))

    def found(self, max_transfers: int | None) -> Found:
        """Give the result, cut after `max_transfers` onward transfers in order of leaving."""
        pieces, ends = pa.concat_tables(self.pieces), pa.concat_tables(self.ends)
        assert _by_claim(ends) == _by_claim(_paid(pieces)), "the ends do not sum to the seeds"
        if max_transfers is not None:
            pieces, ends = _cut(pieces, ends, max_transfers)
        return Found(
            pieces=_named(pieces, self.claims).select(PIECES.names).cast(PIECES),
            ends=_named(ends, self.claims).cast(ENDS),
            rounds=self.rounds,
        )

    def _onward(self, pieces: pa.Table) -> pa.Table:
        self.rounds += 1 if len(pieces) else 0
        names = ["left_account" if name == "end_account" else name for name in pieces.column_names]
        self.pieces.append(pieces.rename_columns(names).select(_PIECES.names).cast(_PIECES))
        stopped = pieces.filter(pc.is_valid(pieces["stop"]))
        fen = pc.subtract(stopped["hi"], stopped["lo"])
        self._end(stopped, "stop_account", "stop", fen, "row", "lo")
        return pieces.filter(pc.is_null(pieces["stop"])).select(GOING.names)

    def _end(
        self, parts: pa.Table, account: str, kind: str, fen: pa.ChunkedArray, row: str, lo: str
    ) -> None:
        columns = [parts[account], parts[kind], fen, parts["claim"], parts[row], parts[lo]]
        self.ends.append(pa.table(columns, names=_ENDS.names).cast(_ENDS))


def _cut(pieces: pa.Table, ends: pa.Table, most: int) -> tuple[pa.Table, pa.Table]:
    """Keep the first transfers in order of leaving; what they would have handed on ends before.

    What a transfer carries depends only on transfers that leave before it, so the first `most` are
    the same whether the later ones are followed or not.
    """
    onward = pieces.filter(pc.greater(pieces["hop"], 0))
    transfers = onward.group_by(["leaves", "row"]).aggregate([])
    transfers = transfers.sort_by([("leaves", "ascending"), ("row", "ascending")])
    payments = pieces.filter(pc.equal(pieces["hop"], 0))["row"]
    followed = pa.concat_arrays(
        [*transfers["row"].slice(0, most).chunks, *payments.chunks, pa.array([], WHOLE)]
    )
    is_followed = pc.is_in(pieces["row"], followed)
    first_cut = pieces.filter(
        pc.and_(pc.invert(is_followed), pc.is_in(pieces["parent_row"], followed))
    )
    beyond = pa.table(
        [
            first_cut["left_account"],
            pa.repeat(EndKind.BEYOND_LIMITS.value, len(first_cut)).cast(TEXT),
            pc.subtract(first_cut["hi"], first_cut["lo"]),
            first_cut["claim"],
            first_cut["parent_row"],
            first_cut["parent_lo"],
        ],
        names=_ENDS.names,
    )
    before = ends.filter(pc.is_in(ends["row"], followed))
    return pieces.filter(is_followed), pa.concat_tables([before, beyond.cast(_ENDS)])


def _paid(pieces: pa.Table) -> pa.Table:
    payments = pieces.filter(pc.equal(pieces["hop"], 0))
    return payments.append_column("fen", pc.subtract(payments["hi"], payments["lo"]))


def _by_claim(table: pa.Table) -> dict[int, int]:
    sums = table.group_by("claim").aggregate([("fen", "sum")])
    return dict(zip(sums["claim"].to_pylist(), sums["fen_sum"].to_pylist(), strict=True))


def _named(table: pa.Table, claims: Sequence[str]) -> pa.Table:
    at = table.column_names.index("claim")
    names = pa.array(claims, TEXT).take(table["claim"].combine_chunks())
    return table.set_column(at, "claim", names)
