"""A case's transfers, read as a table, as the engine's rows: what `Movements.build` makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine import EXIT_KINDS, EndKind, Movement, Movements
from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW, OUTSIDE
from fanzha.tracing.engine.order import settle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

FIELDS: Final = {
    "id": "movement_id",
    "time": "clock",
    "from_account": "from_account",
    "to_account": "to_account",
    "amount_fen": "amount_fen",
    "balance_from_fen": "balance_from_fen",
    "balance_to_fen": "balance_to_fen",
    "channel": "channel",
    "currency": "currency",
    "reverses": "reverses",
}
"""Field of a Movement -> the column that holds it."""


def movements_of(
    table: pa.Table, told: Sequence[Movement], arrivals: Mapping[str, int] | None = None
) -> Movements:
    """Rows of the table (movements.gathered) and others behind them, sorted as `build` does.

    `told` gives one time and no width; `arrivals` says by id when a row came to its payee, if not
    in the moment in which it left. Raises InputError where `build` would.
    """
    import pyarrow as pa

    rows = table.select(list(FIELDS.values())).rename_columns(list(FIELDS))
    if told:
        more = {name: [getattr(each, name) for each in told] for name in FIELDS}
        rows = pa.concat_tables([rows, pa.table(more, rows.schema)])
    time = rows["time"].to_numpy()
    if (np.diff(time) < 0).any():
        rows = rows.take(np.argsort(time, kind="stable"))
    ids = tuple(rows["id"].to_pylist())
    if len(set(ids)) < len(ids) or _odd(rows):
        found = (Movement(**each) for each in rows.to_pylist())
        return Movements.build(
            row._replace(time_to=(arrivals or {}).get(row.id, row.time_to)) for row in found
        )
    names, payers, payees = _codes(rows)
    time = np.ascontiguousarray(rows["time"].to_numpy(), np.int64)
    time_to = time.copy()
    for name, moment in (arrivals or {}).items():
        time_to[ids.index(name)] = moment
    movements = Movements(
        ids=ids,
        accounts=names,
        time=time,
        from_account=payers,
        to_account=payees,
        amount_fen=np.ascontiguousarray(rows["amount_fen"].to_numpy(), np.int64),
        balance_from_fen=_balances(rows["balance_from_fen"]),
        balance_to_fen=_balances(rows["balance_to_fen"]),
        channel=tuple([_EXITS.get(word, EndKind.UNKNOWN) for word in rows["channel"].to_pylist()]),
        currency=tuple(rows["currency"].to_pylist()),
        reverses=_originals(rows),
        time_to=time_to,
        width=np.ones(len(ids), np.int64),
    )
    for at in np.flatnonzero(movements.reverses != NO_ROW).tolist():
        movements.check_reversal(at)
    return settle(movements)


_EXITS: Final = {str(kind): kind for kind in EXIT_KINDS}


def _odd(rows: pa.Table) -> bool:
    """Whether there may be a row that cannot be: `build` looks at each and says which."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nowhere = pc.and_(pc.equal(rows["from_account"], ""), pc.equal(rows["to_account"], ""))
    leaves = pc.and_(pc.equal(rows["to_account"], ""), pc.not_equal(rows["channel"], ""))
    strange = pc.and_(leaves, pc.invert(pc.is_in(rows["channel"], pa.array(list(_EXITS)))))
    named = rows["reverses"].filter(pc.not_equal(rows["reverses"], ""))
    lost = pc.invert(pc.is_in(named, rows["id"].combine_chunks()))
    negative = pc.less(rows["amount_fen"], 0)
    return any(pc.any(each).as_py() for each in (negative, nowhere, strange, lost))


def _codes(rows: pa.Table) -> tuple[tuple[str, ...], NDArray[np.int32], NDArray[np.int32]]:
    """Names by first appearance, a row's payer before its payee, and the codes of both sides."""
    import pyarrow as pa

    sides = [rows[name].combine_chunks() for name in ("from_account", "to_account")]
    coded = pa.chunked_array(sides).combine_chunks().dictionary_encode()
    both = coded.indices.to_numpy().reshape(2, -1).T.ravel()
    found, first = np.unique(both, return_index=True)
    written = coded.dictionary.to_pylist()
    seen = [code for code in found[np.argsort(first)].tolist() if written[code]]
    code_of = np.full(len(written), OUTSIDE, np.int32)
    code_of[seen] = np.arange(len(seen), dtype=np.int32)
    codes = code_of[both].reshape(-1, 2)
    payers, payees = (np.ascontiguousarray(codes[:, side]) for side in (0, 1))
    return tuple(written[code] for code in seen), payers, payees


def _balances(column: pa.ChunkedArray) -> NDArray[np.int64]:
    import pyarrow.compute as pc

    return np.ascontiguousarray(pc.fill_null(column, NO_BALANCE).to_numpy(), np.int64)


def _originals(rows: pa.Table) -> NDArray[np.int64]:
    """The row of the original; few rows have one."""
    import pyarrow.compute as pc

    found = np.full(rows.num_rows, NO_ROW, np.int64)
    named = np.flatnonzero(np.asarray(pc.not_equal(rows["reverses"], "")))
    if len(named):
        places = pc.index_in(rows["reverses"].take(named), rows["id"].combine_chunks())
        found[named] = places.to_numpy()
    return found
