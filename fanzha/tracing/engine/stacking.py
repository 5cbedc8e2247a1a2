"""Match all inflows with outflows, the newest first (machine code): LIFO for every account at once.

Each account is a stack of its inflows; an outflow takes from the top. The matches of an inflow are
linked in order of its fen, as a walk reads them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.laying import NO_BALANCE
from fanzha.tracing.engine.lines import DEBT, IN_HI, IN_LO, NEXT, OUT_LO, OUT_ROW

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

EMPTY: Final = -1


class Stacks(NamedTuple):
    """Room to work in. An inflow is known by its row, an opening by rows + account.

    By account `top` and `held` (negative: a debt); by inflow the fen `lo..hi` that still lie there,
    and what lies `below`.
    """

    top: NDArray[np.int64]
    held: NDArray[np.int64]
    lo: NDArray[np.int64]
    hi: NDArray[np.int64]
    below: NDArray[np.int64]


@compiled
def link(
    head: NDArray[np.int64],
    table: NDArray[np.int64],
    at: int,
    row: int,
    lo: int,
    hi: int,
    outflow: int,
    out_lo: int,
) -> int:
    """Put a match in front of those of inflow `row`; the next free place of the table."""
    table[at, IN_LO] = lo
    table[at, IN_HI] = hi
    table[at, OUT_ROW] = outflow
    table[at, OUT_LO] = out_lo
    table[at, NEXT] = head[row]
    head[row] = at
    return at + 1


@compiled
def take(
    stacks: Stacks,
    account: int,
    row: int,
    rest: int,
    into: int,
    head: NDArray[np.int64],
    table: NDArray[np.int64],
    at: int,
) -> int:
    """Let outflow `row` take `rest` fen off the stack, as its fen from `into` on."""
    rows = len(head)
    while rest > 0 and stacks.top[account] != EMPTY:
        lot = stacks.top[account]
        fen = min(rest, stacks.hi[lot] - stacks.lo[lot])
        stacks.hi[lot] -= fen
        if lot < rows:
            at = link(head, table, at, lot, stacks.hi[lot], stacks.hi[lot] + fen, row, into)
        if stacks.hi[lot] == stacks.lo[lot]:
            stacks.top[account] = stacks.below[lot]
        rest -= fen
        into += fen
    return at


@compiled
def lay_newest_first(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    balance: NDArray[np.int64],
    stacks: Stacks,
    head: NDArray[np.int64],
    table: NDArray[np.int64],
) -> int:
    """Write the matches of all inflows; how many there are."""
    at = 0
    for row in range(len(fen)):
        if payer[row] == payee[row] or fen[row] == 0:
            continue
        account = payer[row]
        if account >= 0:
            short, missing = fen[row] - stacks.held[account], 0
            if len(balance) and short > 0 and balance[row] != NO_BALANCE:
                missing = max(min(short, short + balance[row]), 0)
            stacks.held[account] += missing - fen[row]
            at = take(stacks, account, row, fen[row] - missing, missing, head, table, at)
        account = payee[row]
        if account >= 0:
            filled = min(max(-stacks.held[account], 0), fen[row])
            stacks.held[account] += fen[row]
            stacks.lo[row] = filled
            stacks.hi[row] = fen[row]
            if filled < fen[row]:
                stacks.below[row] = stacks.top[account]
                stacks.top[account] = row
    for row in range(len(fen)):
        if payer[row] != payee[row] and payee[row] >= 0 and stacks.lo[row] > 0:
            at = link(head, table, at, row, 0, stacks.lo[row], DEBT, 0)
    return at
