"""Rows that came after the index was built (新到流水): searchable at once, merged in later.

The lines of the accounts that new rows touch are laid anew, from the old rows and the new ones
together; all other lines stay. Rows keep their numbers: new ones count on from the old. `compact`
merges everything into a new index when the machine has time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from fanzha.tracing.engine.beside import laid_beside, no_matches, special_accounts
from fanzha.tracing.engine.cases import Walker
from fanzha.tracing.engine.index import Index, build_with, outflows_of, part_of, starts_of
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fanzha.tracing.engine.columns import Columns
    from fanzha.tracing.engine.lines import Lines, Matches

ROW_STEP = 32


@dataclass(frozen=True, eq=False)
class Grown:
    """An index and the rows that came later, in the order in which they were handed in."""

    index: Index
    more: Columns

    @property
    def accounts(self) -> int:
        """How many accounts there are now."""
        return max(self.index.columns.accounts, self.more.accounts)

    def append(self, rows: Columns) -> Grown:
        """Take more rows; their times may lie anywhere, `reverses` counts all rows so far."""
        return Grown(self.index, self.more.joined(rows))

    @cached_property
    def key(self) -> NDArray[np.int64]:
        """The place of each new row in the order of all rows: behind the old ones of its time."""
        base, more = self.index.columns, self.more
        rank = np.empty(len(more), np.int64)
        rank[np.argsort(more.time, kind="stable")] = np.arange(1, len(more) + 1)
        before = np.searchsorted(base.time, more.time, side="right").astype(np.int64)
        key: NDArray[np.int64] = (before << ROW_STEP) + rank
        return key

    @cached_property
    def touched(self) -> NDArray[np.int64]:
        """The accounts whose lines the new rows change, ascending."""
        codes = np.unique(np.concatenate([self.more.from_account, self.more.to_account]))
        found: NDArray[np.int64] = codes[codes != OUTSIDE].astype(np.int64)
        return found

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """The numbers of all rows of the touched accounts, in the order of all rows."""
        base = len(self.index)
        old = self.index.columns.rows_of(self.touched[self.touched < self.index.columns.accounts])
        key = np.concatenate([(old + 1) << ROW_STEP, self.key])
        return np.concatenate([old, base + np.arange(len(self.more))])[np.argsort(key)]

    def _taken(self, rows: NDArray[np.int64]) -> Columns:
        """Take some rows out of both parts; what they reverse is counted among them."""
        base = len(self.index)
        old, new = (
            self.index.columns.taken(rows[rows < base]),
            self.more.taken(rows[rows >= base] - base),
        )
        mixed = old.joined(new)
        order = np.empty(len(rows), np.int64)
        order[rows < base] = np.arange(len(old))
        order[rows >= base] = len(old) + np.arange(len(new))
        mixed = replace(mixed.taken(order), accounts=self.accounts)
        if not len(mixed.reverses):
            return mixed
        place = {row: at for at, row in enumerate(rows.tolist())}
        originals = [place.get(row, NO_ROW) for row in mixed.reverses.tolist()]
        return replace(mixed, reverses=np.array(originals, np.int64))

    @cached_property
    def _opening(self) -> NDArray[np.int64]:
        opening = np.zeros(self.accounts, np.int64)
        opening[: len(self.index.opening_fen)] = self.index.opening_fen
        return opening

    @cached_property
    def lines(self) -> Lines:
        """The old lines with the touched ones laid anew."""
        rows = self._rows
        columns = _narrowed(self._taken(rows), self.touched)
        opening = self._opening[self.touched]
        start = starts_of(columns, opening)
        bounds, out = outflows_of(columns, np.maximum(-opening, 0))
        real = out[:, 1] >= 0
        out[real, 1] = rows[out[real, 1]]
        inflows = np.flatnonzero(columns.to_account != OUTSIDE)
        inflows = inflows[np.argsort(rows[inflows])]
        slot = np.full(self.accounts, -1, np.int32)
        slot[self.touched] = np.arange(len(self.touched))
        return self.index.lines._replace(
            more=part_of(self.more), more_key=self.key, slot=slot, more_rows=rows[inflows],
            more_start=start[inflows], more_bounds=bounds, more_out=out,
        )  # fmt: skip

    @cached_property
    def matches(self) -> Matches:
        """The lines beside the plain ones, laid anew where new rows touch them."""
        rows = self._rows
        columns = self._taken(rows)
        special = np.intersect1d(special_accounts(columns), self.touched)
        new = laid_beside(columns, self._opening, special) if len(special) else no_matches()
        return _merged(self.index.matches, new, rows, self.accounts)

    def walker(self) -> Walker:
        """What walks cases over all rows."""
        return Walker(self.lines, self.matches, self.accounts)

    def compact(self) -> tuple[Index, NDArray[np.int64]]:
        """Build one index of all rows; the old number of each of its rows."""
        base = len(self.index)
        key = np.concatenate([(np.arange(base) + 1) << ROW_STEP, self.key])
        rows = np.argsort(key)
        return build_with(self._taken(rows), self._opening), rows


def grow(index: Index, rows: Columns) -> Grown:
    """Take rows that came after the index was built; see `Grown.append`."""
    return Grown(index, rows)


def _narrowed(columns: Columns, accounts: NDArray[np.int64]) -> Columns:
    """Number the accounts anew; all others are the world outside."""
    code = np.full(columns.accounts + 1, OUTSIDE, np.int32)
    code[accounts] = np.arange(len(accounts))
    return replace(
        columns,
        from_account=code[columns.from_account],
        to_account=code[columns.to_account],
        accounts=len(accounts),
    )


def _merged(old: Matches, new: Matches, rows: NDArray[np.int64], accounts: int) -> Matches:
    """Let the new matches (of row numbers within `rows`) stand before the old ones."""
    if not len(old.laid) and not len(new.laid):
        return old
    links = len(old.table)
    table = new.table.copy()
    outflow, following = table[:, 2], table[:, 4]
    outflow[outflow >= 0] = rows[outflow[outflow >= 0]]
    following[following >= 0] += links
    head = np.where(new.head >= 0, new.head + links, new.head)
    numbers = rows[new.rows]
    kept = ~np.isin(old.rows, numbers)
    all_rows = np.concatenate([old.rows[kept], numbers])
    order = np.argsort(all_rows)
    laid = np.zeros(accounts + 1, np.uint8)
    for part in (old.laid, new.laid):
        laid[: max(len(part) - 1, 0)] |= part[:-1]
    laid[OUTSIDE] = 1
    return old._replace(
        laid=laid,
        rows=all_rows[order],
        head=np.concatenate([old.head[kept], head])[order],
        table=np.concatenate([old.table, table]),
    )
