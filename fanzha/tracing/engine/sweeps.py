"""Whole-data sweeps (整体扫描): all payments in one pass over the rows, without an index.

All payments are one trace here, each its own claim under `fifo`, one claim together under
`rolling_pro_rata`. A sweep gives sums; which way the money went is told by a walk. Rows that
reverse others, stand in other currencies or arrive later are refused: they need lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.model import InputError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from fanzha.tracing.engine.columns import Columns
    from fanzha.tracing.engine.sharing import Balances, Shares
    from fanzha.tracing.engine.sweeping import Queues, Rows

FIRST_LOTS: Final = 65_536
KINDS: Final = 3
WORD_BITS: Final = 32


@dataclass(frozen=True, eq=False)
class SweptLots:
    """What a FIFO sweep found: `lots` (account, payment, fen) that are held; `ended` by payment.

    `ended` (payments x 3) is the fen that left by exits, returned to victims, filled overdrafts.
    """

    lots: NDArray[np.int64]
    ended: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SweptShares:
    """What a pro-rata sweep found, in traced fen (floating): `held` by account, `ended` by kind.

    `ended` is what left by exits, returned to victims, filled overdrafts, fell below the cut-off.
    """

    held: NDArray[np.float64]
    ended: NDArray[np.float64]


def sweep_fifo(columns: Columns, payments: Sequence[int], opening: NDArray[np.int64]) -> SweptLots:
    """Trace all payments (rows) by FIFO; `opening` is fen by account, negative for a debt."""
    from fanzha.tracing.engine import sweeping

    rows = _rows(columns, payments, whole=True)
    sums = np.empty((columns.accounts, 2), np.int64)
    sums[:, sweeping.LAID], sums[:, sweeping.PAID] = np.maximum(opening, 0), np.maximum(-opening, 0)
    queues = sweeping.Queues(
        sums=sums,
        ends=np.empty((columns.accounts, 2), np.int32),
        touched=np.zeros(columns.accounts // WORD_BITS + 1, np.uint32),
        lots=np.empty((FIRST_LOTS, 4), np.int64),
        ended=np.zeros((len(rows.seeds), KINDS), np.int64),
        state=np.array([0, sweeping.NO_LOT, 0, 0], np.int64),
    )
    while not sweeping.sweep_lots(rows, queues):
        queues = queues._replace(lots=np.resize(queues.lots, (2 * len(queues.lots), 4)))
    return SweptLots(_held(queues), queues.ended)


def sweep_pro_rata(
    columns: Columns, payments: Sequence[int], opening: NDArray[np.int64], *, least_fen: float = 0
) -> SweptShares:
    """Trace all payments (rows) by rolling pro rata, keeping the balances on the way.

    A row that would carry less than `least_fen` is not followed: most rows carry far less than a
    fen of what was stolen somewhere. What that cuts off is told as crumbs.
    """
    from fanzha.tracing.engine import sharing

    rows, shares = _sharing(columns, payments, least_fen)
    sharing.sweep_shares(rows, opening.copy(), shares)
    return SweptShares(shares.taint, shares.ended)


def sweep_pro_rata_with(
    columns: Columns, payments: Sequence[int], balances: Balances, *, least_fen: float = 0
) -> SweptShares:
    """Do the same with the balances given, as `Index.balances` has them."""
    from fanzha.tracing.engine import sharing

    rows, shares = _sharing(columns, payments, least_fen)
    sharing.sweep_shares_with(rows, balances, shares)
    return SweptShares(shares.taint, shares.ended)


def _sharing(columns: Columns, payments: Sequence[int], least_fen: float) -> tuple[Rows, Shares]:
    """Take what a pro-rata sweep reads and writes; payments of nothing have no shares."""
    from fanzha.tracing.engine.sharing import CRUMBS, Shares

    rows = _rows(columns, payments, whole=True)
    rows = rows._replace(seeds=rows.seeds[rows.fen[rows.seeds] > 0])
    touched = np.zeros((columns.accounts + 1) // WORD_BITS + 1, np.uint32)
    ended = np.zeros(CRUMBS + 1)
    return rows, Shares(np.zeros(columns.accounts), touched, ended, float(least_fen))


def reach(
    columns: Columns, payments: Sequence[int], *, unfollowed: Collection[int] = ()
) -> NDArray[np.bool_]:
    """Find the accounts that the payments (rows) can have touched, respecting time; by account.

    This is `poison`: for whom to ask, never for how much. An account in `unfollowed` is touched but
    passes nothing on.
    """
    from fanzha.tracing.engine import sharing

    rows = _rows(columns, payments, whole=False)
    payer, payee, seeds = _moving(columns, rows)
    touched = np.zeros(columns.accounts + 1, np.uint8)
    followed = np.ones(columns.accounts + 1, np.uint8)
    followed[[account + 1 for account in unfollowed]] = 0
    begun = 0
    for seed in [*seeds.tolist(), len(payer)]:
        if unfollowed:
            sharing.sweep_reach_known(payer, payee, followed, touched, begun, seed)
        else:
            sharing.sweep_reach(payer, payee, touched, begun, seed)
        if seed < len(payer) and payee[seed] >= 0:
            touched[payee[seed] + 1] = 1
        begun = seed + 1
    return touched[1:].astype(np.bool_)


def _rows(columns: Columns, payments: Sequence[int], *, whole: bool) -> Rows:
    """Take what a sweep reads; `whole` refuses what needs more than running sums."""
    from fanzha.tracing.engine.sweeping import Rows

    if whole and columns.special:
        raise InputError("reversals, other currencies and second times need a walk, not a sweep")
    seeds = np.unique(np.array(payments, np.int64))
    if len(seeds) < len(payments):
        raise InputError("a payment stands twice", field="id")
    if len(seeds) and not 0 <= seeds[0] <= seeds[-1] < len(columns):
        raise InputError("a payment is no row", field="id")
    return Rows(columns.from_account, columns.to_account, columns.amount_fen, seeds)


def _moving(
    columns: Columns, rows: Rows
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Leave out rows of nothing, if there are any: they touch nobody."""
    if not columns.has_empty_rows:
        return rows.payer, rows.payee, rows.seeds
    moving = rows.fen > 0
    place = np.cumsum(moving) - 1
    seeds = rows.seeds[moving[rows.seeds]]
    return rows.payer[moving], rows.payee[moving], place[seeds]


def _held(queues: Queues) -> NDArray[np.int64]:
    """List the lots that still lie in an account: (account, payment, fen)."""
    from fanzha.tracing.engine.sweeping import FEN, FIRST, NEXT, NO_LOT, SEED

    bits = np.unpackbits(queues.touched.view(np.uint8), bitorder="little")[: len(queues.sums)]
    found = []
    for account in np.flatnonzero(bits).tolist():
        lot = int(queues.ends[account, FIRST])
        while lot != NO_LOT:
            found.append((account, queues.lots[lot, SEED], queues.lots[lot, FEN]))
            lot = int(queues.lots[lot, NEXT])
    return np.array(found, np.int64).reshape(-1, 3)
