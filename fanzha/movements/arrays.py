"""Transfers as columns: what the stores of tracing read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.movements.joined import Transfer

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def transfer_table(transfers: Sequence[Transfer]) -> pa.Table:
    """Columns of a case's transfers (CaseTransfers.transfers) in their order, one currency.

    `seq` counts them, `time` is the joint clock in UTC seconds and never falls, amounts are fen,
    an empty account is the world outside; `reverses` is the `seq` of the original. `time_to` stays
    null: the joint clock has settled what the banks' clocks say. `id` is the movement's.
    """
    import pyarrow as pa

    def column(name: str, kind: pa.DataType) -> pa.Array:
        at = Transfer._fields.index(name)
        return pa.array([each[at] for each in transfers], kind)

    whole, text = pa.int64(), pa.string()
    return pa.table(
        {
            "seq": pa.array(range(len(transfers)), whole),
            "time": column("clock", whole),
            "time_to": pa.nulls(len(transfers), whole),
            "from_account": column("from_account", text),
            "to_account": column("to_account", text),
            "amount_fen": column("amount_fen", whole),
            "balance_from_fen": column("balance_from_fen", whole),
            "channel": column("channel", text),
            "currency": column("currency", text),
            "reverses": pa.array(_originals(transfers), whole),
            "id": column("movement_id", text),
        }
    )


def _originals(transfers: Sequence[Transfer]) -> list[int | None]:
    """Where the original of each transfer stands; few have one."""
    asked = {each.reverses for each in transfers if each.reverses}
    seq_of = {
        each.movement_id: seq for seq, each in enumerate(transfers) if each.movement_id in asked
    }
    return [seq_of[each.reverses] if each.reverses else None for each in transfers]
