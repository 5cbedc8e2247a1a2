"""Lines that two running sums cannot lay, as matches that a walk reads.

Accounts with reversals, other currencies or two times are laid by `line.py`, one by one. Under
`lifo` every account has matches: the plain ones are laid together, the others as before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.line import account_line, exit_line
from fanzha.tracing.engine.model import HOME_CURRENCY, NO_ROW, OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fanzha.tracing.engine.columns import Columns
    from fanzha.tracing.engine.line import Line
    from fanzha.tracing.engine.lines import Matches

NONE: Final = np.empty(0, np.int64)
WIDTH: Final = 5
MOST_PER_ROW: Final = 3
"""A match empties an inflow, completes an outflow or fills a debt."""


def special_accounts(columns: Columns) -> NDArray[np.int64]:
    """Find the accounts whose lines need more than two running sums."""
    rows = np.zeros(len(columns), np.bool_)
    if len(columns.reverses):
        rows |= columns.reverses != NO_ROW
    if len(columns.foreign):
        rows |= columns.foreign != 0
    if len(columns.time_to):
        rows |= columns.time_to > columns.time
    touched = np.concatenate([columns.from_account[rows], columns.to_account[rows]])
    return np.unique(touched[touched >= 0]).astype(np.int64)


def no_matches() -> Matches:
    """Every line is plain."""
    from fanzha.tracing.engine.lines import Matches

    empty = np.empty((0, WIDTH), np.int64)
    return Matches(np.empty(0, np.uint8), NONE, NONE, empty, newest_first=False)


def laid_beside(
    columns: Columns, opening: NDArray[np.int64], accounts: NDArray[np.int64]
) -> Matches:
    """Lay these accounts by FIFO; `opening` is fen by account."""
    from fanzha.tracing.engine.lines import Matches

    if not len(accounts):
        return no_matches()
    heads, table = _table(*_lines(columns, accounts, opening, newest_first=False))
    laid = np.zeros(columns.accounts + 1, np.uint8)
    laid[accounts] = 1
    laid[OUTSIDE] = 1
    rows = np.array(sorted(heads), np.int64)
    head = np.array([heads[row] for row in rows.tolist()], np.int64)
    return Matches(laid, rows, head, table, newest_first=False)


def laid_newest_first(columns: Columns, opening: NDArray[np.int64]) -> Matches:
    """Lay all accounts by LIFO; `opening` is fen by account, negative for a debt."""
    from fanzha.tracing.engine.lines import Matches
    from fanzha.tracing.engine.stacking import EMPTY, Stacks, lay_newest_first

    rows, accounts = len(columns), columns.accounts
    stacks = Stacks(
        top=np.where(opening > 0, rows + np.arange(accounts), EMPTY),
        held=opening.copy(),
        lo=np.zeros(rows + accounts, np.int64),
        hi=np.concatenate([np.zeros(rows, np.int64), np.maximum(opening, 0)]),
        below=np.full(rows + accounts, EMPTY),
    )
    head = np.full(rows, EMPTY)
    # Memory that is never written to is never taken.
    table = np.empty((MOST_PER_ROW * rows, WIDTH), np.int64)
    matches = lay_newest_first(
        columns.from_account, columns.to_account, columns.amount_fen, columns.balance_from_fen,
        stacks, head, table,
    )  # fmt: skip
    table = table[:matches]
    special = special_accounts(columns)
    if len(special):
        heads, more = _table(*_lines(columns, special, opening, newest_first=True), first=matches)
        head[list(heads)] = list(heads.values())
        table = np.concatenate([table, more])
    return Matches(np.ones(accounts + 1, np.uint8), NONE, head, table, newest_first=True)


def _lines(
    columns: Columns,
    accounts: NDArray[np.int64],
    opening: NDArray[np.int64],
    *,
    newest_first: bool,
) -> tuple[list[Line], NDArray[np.int64]]:
    """Lay the accounts and the exits that were reversed; their rows' numbers among all."""
    rows = columns.rows_of(accounts)
    movements = columns.movements(rows)
    lines = [
        account_line(
            movements, movements.code_of[str(account)], opening_fen=int(opening[account]),
            currency=HOME_CURRENCY, newest_first=newest_first,
        )
        for account in accounts.tolist()
    ]  # fmt: skip
    lines += [
        exit_line(movements, row, newest_first=newest_first)
        for row in np.unique(movements.reverses[movements.reverses != NO_ROW]).tolist()
        if movements.to_account[row] == OUTSIDE
    ]
    return lines, rows


def _table(
    lines: Iterable[Line], rows: NDArray[np.int64], *, first: int = 0
) -> tuple[dict[int, int], NDArray[np.int64]]:
    """Turn lines into linked matches, placed from `first` on; the head of each inflow's."""
    from fanzha.tracing.engine.lines import DEBT

    heads: dict[int, int] = {}
    table: list[tuple[int, int, int, int, int]] = []
    for row, matches in (item for line in lines for item in line.matches.items()):
        link = -1
        for match in reversed(matches):
            if match.outflow is not None:
                outflow = DEBT if match.late else int(rows[match.outflow])
                table.append((match.lo, match.hi, outflow, match.at, link))
                link = first + len(table) - 1
        heads[int(rows[row])] = link
    return heads, np.array(table, np.int64).reshape(-1, WIDTH)
