"""From a table of movements to the engine's columns, and the names of its accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fanzha.tracing.engine.columns import CODE_OF, Columns
from fanzha.tracing.engine.model import (
    EXIT_KINDS,
    HOME_CURRENCY,
    NO_BALANCE,
    NO_ROW,
    OUTSIDE,
    EndKind,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = np.empty(0, np.int64)


def columns_of(table: pa.Table, currency: str = HOME_CURRENCY) -> tuple[Columns, pa.StringArray]:
    """Columns of a table (base.MOVEMENTS, by `seq`), and the name of each account by its code.

    Raises InputError where the rows cannot be traced.
    """
    payers, payees, names = _codes(table["from_account"], table["to_account"])
    balances = _whole(table["balance_from_fen"], NO_BALANCE)
    foreign = np.asarray(pc.not_equal(table["currency"], currency)).astype(np.uint8)
    columns = Columns(
        time=_whole(table["time"]),
        from_account=payers,
        to_account=payees,
        amount_fen=_whole(table["amount_fen"]),
        accounts=len(names),
        channel=_exits(table["channel"]),
        balance_from_fen=balances if (balances != NO_BALANCE).any() else NONE,
        reverses=_originals(table),
        foreign=foreign if foreign.any() else np.empty(0, np.uint8),
        time_to=_arrivals(table, payees),
    )
    columns.check()
    return columns, names


def _whole(column: pa.ChunkedArray, nothing: int = 0) -> NDArray[np.int64]:
    filled = pc.fill_null(column, nothing) if column.null_count else column
    return np.ascontiguousarray(filled.to_numpy(), np.int64)


def _codes(
    payers: pa.ChunkedArray, payees: pa.ChunkedArray
) -> tuple[NDArray[np.int32], NDArray[np.int32], pa.StringArray]:
    """Codes of both sides, numbered together; the world outside is no account."""
    both = pa.chunked_array([*payers.chunks, *payees.chunks], pa.string())
    names = pc.unique(both)
    names = names.filter(pc.not_equal(names, ""))
    codes = [pc.fill_null(pc.index_in(side, names), OUTSIDE) for side in (payers, payees)]
    of_payers, of_payees = (np.ascontiguousarray(code.to_numpy(), np.int32) for code in codes)
    return of_payers, of_payees, names


def _exits(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    known = [kind for kind in EndKind if kind in EXIT_KINDS]
    place = pc.index_in(column, pa.array([kind.value for kind in known]))
    codes = np.array([*(CODE_OF[kind] for kind in known), CODE_OF[EndKind.UNKNOWN]], np.uint8)
    return codes[_whole(place, len(known))]


def _originals(table: pa.Table) -> NDArray[np.int64]:
    """The row of the original, found by its `seq`."""
    if table["reverses"].null_count == table.num_rows:
        return NONE
    told: Any = np.asarray(table["reverses"].is_valid())
    rows = np.searchsorted(_whole(table["seq"]), _whole(table["reverses"]))
    return np.where(told, rows, NO_ROW).astype(np.int64)


def _arrivals(table: pa.Table, payees: NDArray[np.int32]) -> NDArray[np.int64]:
    """The payee's own times, where some are later; outside the account world there are none."""
    times = table["time"]
    told = np.asarray(pc.coalesce(table["time_to"], times)).astype(np.int64)
    arrivals: NDArray[np.int64] = np.where(payees == OUTSIDE, times.to_numpy(), told)
    return arrivals if (arrivals > times.to_numpy()).any() else NONE
