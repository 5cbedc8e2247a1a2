"""The transfers of a case reach the engine and the stores as columns, and trace the same."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fanzha.movements.arrays import transfer_table
from fanzha.movements.joined import Transfer
from fanzha.tracing.engine import Movement, Movements, Seeds
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.stores.arrays import columns_of
from fanzha.tracing.stores.base import MOVEMENTS
from fanzha.tracing.stores.duck import DuckStore
from fanzha.tracing.stores.memory import MemoryStore
from tests.cast import NOON

if TYPE_CHECKING:
    from collections.abc import Sequence


def transfer(seq: int, payer: str, payee: str, fen: int, **changes: object) -> Transfer:
    when = NOON + timedelta(seconds=seq)
    plain = Transfer(
        f"m{seq}", payer, payee, fen, when, int(when.timestamp()), "second", None, "", None, None,
        "CNY", "", "single", "", "", "", (),
    )  # fmt: skip
    return plain._replace(**changes)  # type: ignore[arg-type] # fields of a Transfer


CASE = (
    transfer(0, "", "victim", 100_000),
    transfer(1, "victim", "first", 100_000, balance_from_fen=0),
    transfer(2, "first", "second", 60_000, balance_from_fen=40_000),
    transfer(3, "first", "", 10_000, channel="cash"),
    transfer(4, "second", "first", 20_000, reverses="m2"),
    transfer(5, "first", "third", 5_000, channel="a word of the bank"),
    transfer(6, "first", "third", 500, currency="USD"),
)


def movements_of(transfers: Sequence[Transfer]) -> Movements:
    return Movements.build(
        Movement(
            each.movement_id, each.clock, each.from_account, each.to_account, each.amount_fen,
            each.balance_from_fen, each.balance_to_fen, each.channel, each.currency, each.reverses,
        )
        for each in transfers
    )  # fmt: skip


def test_the_table_is_what_a_store_reads() -> None:
    table = transfer_table(CASE)
    assert table.select(MOVEMENTS.names).schema.equals(MOVEMENTS)
    assert table["id"].to_pylist() == [each.movement_id for each in CASE]
    assert table["reverses"].to_pylist() == [None] * 4 + [2, None, None]


@pytest.mark.parametrize("transfers", [CASE, CASE[:2], CASE[2:4], ()])
def test_columns_hold_what_movements_hold(transfers: tuple[Transfer, ...]) -> None:
    columns, names = columns_of(transfer_table(transfers))
    movements = movements_of(transfers)
    plain = Columns.of_movements(movements)
    for name in ("time", "amount_fen", "channel", "balance_from_fen", "reverses", "foreign",
                 "time_to"):  # fmt: skip
        assert np.array_equal(getattr(columns, name), getattr(plain, name)), name
    assert columns.accounts == plain.accounts == len(names)
    for side in ("from_account", "to_account"):
        told = [*names.to_pylist(), ""]
        assert [told[code] for code in getattr(columns, side)] == [
            getattr(each, side) for each in transfers
        ]


def test_an_arrival_after_leaving_is_kept() -> None:
    table = transfer_table(CASE[:3])
    later = table["time"].to_pylist()[1] + 40
    at = table.schema.get_field_index("time_to")
    columns, _ = columns_of(table.set_column(at, "time_to", [[None, later, None]]))
    assert columns.time_to.tolist()[1] == later


def test_a_store_traces_the_table_as_the_engine_traces_the_rows() -> None:
    transfers = CASE[:4]
    seeds = Seeds.of(movements_of(transfers), [("m1", "claim")])
    store = DuckStore(transfer_table(transfers))
    try:
        by_store = store.trace_fifo(seeds).ends.to_pylist()
    finally:
        store.close()
    by_engine = MemoryStore(movements_of(transfers)).trace_fifo(seeds).ends.to_pylist()
    key = [sorted(map(str, ends)) for ends in (by_store, by_engine)]
    assert key[0] == key[1] != []
