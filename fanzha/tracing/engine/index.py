"""The FIFO index (区间索引): the lines of all accounts laid once, so that a case is a walk.

Built over `Columns`, held in arrays that may be mapped from files (`stored.py`). It answers cases;
it knows no names. Accounts with reversals or rows in other currencies are laid by `line.py`, one by
one, and stand beside the plain lines as matches.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.beside import laid_beside, laid_newest_first, special_accounts
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.model import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fanzha.tracing.engine.lines import Lines, Matches, Part
    from fanzha.tracing.engine.sharing import Balances

BLOCKS: Final = 256
"""Outflows are dealt into at most so many blocks of accounts: their places fit the fast memory."""
NO_INT64: Final = np.empty(0, np.int64)
NO_COLUMNS: Final = Columns.empty()


@dataclass(frozen=True, eq=False)
class Index:
    """Columns with every account's line laid by FIFO.

    `start` (rows): where each row lies on its payee's line. `out` (outflows and one sentinel per
    account): begin on the line and row, by account between `bounds`. `opening_fen` (accounts): own
    money before all rows, negative for a debt. `matches` holds the accounts that are not plain.
    """

    columns: Columns
    opening_fen: NDArray[np.int64]
    start: NDArray[np.int64]
    bounds: NDArray[np.int64]
    out: NDArray[np.int64]
    matches: Matches

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def lines(self) -> Lines:
        """What a walk reads."""
        from fanzha.tracing.engine.lines import Lines

        return Lines(
            base=part_of(self.columns),
            start=self.start,
            bounds=self.bounds,
            out=self.out,
            more=part_of(NO_COLUMNS),
            more_key=NO_INT64,
            slot=np.empty(0, np.int32),
            more_rows=NO_INT64,
            more_start=NO_INT64,
            more_bounds=NO_INT64,
            more_out=np.empty((0, 2), np.int64),
        )

    @property
    def bytes_per_movement(self) -> float:
        """Memory of columns and lines over the number of rows."""
        columns = self.columns
        arrays = (
            columns.time, columns.from_account, columns.to_account, columns.amount_fen,
            columns.channel, columns.balance_from_fen, self.start, self.bounds, self.out,
        )  # fmt: skip
        return sum(array.nbytes for array in arrays) / max(len(self), 1)

    @cached_property
    def balances(self) -> Balances:
        """What lay in each row's payer before it and what its payee owed; laid when asked for."""
        from fanzha.tracing.engine.laying import lay_rooms
        from fanzha.tracing.engine.sharing import Balances

        columns = self.columns
        room, owed = np.empty(len(self), np.int64), np.empty(len(self), np.int64)
        lay_rooms(
            columns.from_account, columns.to_account, columns.amount_fen,
            columns.balance_from_fen, self.opening_fen.copy(), room, owed,
        )  # fmt: skip
        return Balances(room, owed)

    @cached_property
    def newest_first(self) -> Matches:
        """The matches of all accounts by LIFO; laid when first asked."""
        return laid_newest_first(self.columns, self.opening_fen)


def part_of(columns: Columns) -> Part:
    """The columns as a walk reads them."""
    from fanzha.tracing.engine.lines import Part

    return Part(
        payer=columns.from_account,
        payee=columns.to_account,
        fen=columns.amount_fen,
        time=columns.time,
        channel=columns.channel,
        foreign=columns.foreign,
        arrived=columns.time_to,
    )


def build(columns: Columns, *, openings: Mapping[int, int] | None = None) -> Index:
    """Lay the lines of all accounts; `openings` is fen by account, negative for a debt.

    Raises InputError for an opening of an account that does not exist.
    """
    opening = np.zeros(columns.accounts, np.int64)
    for account, fen in (openings or {}).items():
        if not 0 <= account < columns.accounts:
            raise InputError(f"there is no account {account}", field="openings")
        opening[account] = fen
    return build_with(columns, opening)


def build_with(columns: Columns, opening: NDArray[np.int64]) -> Index:
    """Lay the lines of all accounts; `opening` is fen by account, negative for a debt."""
    start = starts_of(columns, opening)
    bounds, out = outflows_of(columns, np.maximum(-opening, 0))
    return Index(
        columns,
        opening,
        start,
        bounds,
        out,
        laid_beside(columns, opening, special_accounts(columns)),
    )


def starts_of(columns: Columns, opening: NDArray[np.int64]) -> NDArray[np.int64]:
    """Lay the inflows: where each row begins on its payee's line."""
    from fanzha.tracing.engine.laying import lay_inflows, lay_inflows_with_missing

    start = np.empty(len(columns), np.int64)
    rows = columns.from_account, columns.to_account, columns.amount_fen
    laid = np.maximum(opening, 0)
    if len(columns.balance_from_fen):
        paid = np.maximum(-opening, 0)
        lay_inflows_with_missing(*rows, columns.balance_from_fen, laid, paid, start)
    else:
        lay_inflows(*rows, laid, start)
    return start


def outflows_of(
    columns: Columns, debt: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay the outflows behind each account's `debt`: bounds by account, (begin, row) in order."""
    from fanzha.tracing.engine.laying import count_outflows, deal, sort_blocks

    rows = columns.from_account, columns.to_account, columns.amount_fen
    count = np.zeros(columns.accounts, np.int64)
    count_outflows(*rows, count)
    bounds = np.zeros(columns.accounts + 1, np.int64)
    np.cumsum(count + 1, out=bounds[1:])
    out = np.empty((bounds[-1], 2), np.int64)
    shift = max(-(-columns.accounts // BLOCKS) - 1, 0).bit_length()
    lows = np.append(np.arange(0, columns.accounts, 1 << shift), columns.accounts)
    deal(*rows, shift, bounds[lows].copy(), out)
    largest = int(np.diff(bounds[lows]).max()) if columns.accounts else 0
    place, block = np.empty(1 << shift, np.int64), np.empty((largest, 2), np.int64)
    sort_blocks(bounds, shift, debt, place, block, out)
    return bounds, out
