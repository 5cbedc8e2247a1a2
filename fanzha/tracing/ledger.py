"""All rows of a large file as columns (大账本): what a trace needs of it is taken out as Movements.

Names and ids stay bytes; a row costs some 60 bytes instead of a kilobyte. Made by `wide.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fanzha.tracing.engine.columns import CODE_OF, KINDS, Columns
from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW, OUTSIDE, EndKind, Movements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from fanzha.tracing.engine.spreading import Ties, Whole
    from fanzha.tracing.naming import Names, Texts

DAY: Final = 86_400
LOWEST: Final = -(2**62)
NOTHING: Final = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Ledger:
    """Rows in `seq` order. An optional column of length 0 was given nowhere.

    `time` and `arrived` in seconds; `dated` is 1 where only the date is known; accounts are numbers
    of `names`; `channel` is a place in KINDS, `currency` one in `currencies`; `reverses` is the row
    of the original. `place` is where each row's id stands among `ids` (length 0: at its row).
    `settled` are the first rows of groups that stand in the order of their balances.
    """

    time: NDArray[np.int64]
    arrived: NDArray[np.int64]
    dated: NDArray[np.uint8]
    payer: NDArray[np.int32]
    payee: NDArray[np.int32]
    fen: NDArray[np.int64]
    balance_from: NDArray[np.int64]
    balance_to: NDArray[np.int64]
    channel: NDArray[np.uint8]
    currency: NDArray[np.uint8]
    reverses: NDArray[np.int64]
    place: NDArray[np.int64]
    ids: Texts
    names: Names
    currencies: tuple[str, ...]
    settled: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.fen)

    @property
    def whole(self) -> Whole:
        """What a pass over all rows reads."""
        from fanzha.tracing.engine.spreading import Whole

        return Whole(
            self.payer, self.payee, self.fen, self.time, self.dated, self.arrived, self.reverses,
            DAY,
        )  # fmt: skip

    def name(self, account: int) -> str:
        """Name the account; empty for the world outside."""
        return "" if account == OUTSIDE else self.names.texts.text(account)

    def id_of(self, row: int) -> str:
        """The id of a row."""
        return self.ids.text(int(self.place[row]) if len(self.place) else row)

    def rows_called(self, ids: Iterable[str]) -> NDArray[np.int64]:
        """The rows that have one of the ids, ascending; ids that no row has are passed over."""
        from fanzha.tracing.naming import Texts

        wanted = set(ids)
        marks = np.sort(Texts.of(wanted).marks())
        found = np.flatnonzero(_among(self.ids.marks(), marks))
        found = found[[self.ids.text(at) in wanted for at in found.tolist()]]
        if len(self.place):
            row_at = np.empty(len(self), np.int64)
            row_at[self.place] = np.arange(len(self))
            found = row_at[found]
        return np.sort(found)

    def rows_of(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find every row into or out of the accounts, ascending."""
        wanted = np.zeros(len(self.names) + 1, np.bool_)
        wanted[accounts] = True
        # OUTSIDE is -1: the last place, which no account has.
        wanted[OUTSIDE] = False
        return np.flatnonzero(wanted[self.payer] | wanted[self.payee])

    def ties(self) -> Ties:
        """The rows that may have no certain order, and their accounts."""
        from fanzha.tracing.engine.spreading import Ties, mark_tied

        ties = Ties(np.zeros(len(self.names), np.uint8), np.zeros(len(self), np.uint8))
        mark_tied(self.whole, np.full((len(self.names), 2), LOWEST), ties)
        return ties

    def columns(self, currency: str) -> Columns:
        """What an index is built over, as a trace in `currency` sees it; raises InputError."""
        ours = self.currencies.index(currency) if currency in self.currencies else -1
        foreign = (self.currency != ours).astype(np.uint8)
        columns = Columns(
            time=self.time,
            from_account=self.payer,
            to_account=self.payee,
            amount_fen=self.fen,
            accounts=len(self.names),
            channel=self.channel,
            balance_from_fen=self.balance_from,
            reverses=self.reverses,
            foreign=foreign if foreign.any() else foreign[:0],
            time_to=self.arrived
            if (self.arrived > self.time[: len(self.arrived)]).any()
            else NOTHING,
        )
        columns.check()
        return columns

    def movements(self, rows: NDArray[np.int64]) -> Movements:
        """Take these rows (ascending) and the originals of reversals among them as movements."""
        rows = self.with_originals(rows)
        both = np.stack([self.payer[rows], self.payee[rows]], axis=1)
        known, first, number = np.unique(both, return_index=True, return_inverse=True)
        order = np.argsort(np.where(known == OUTSIDE, -1, first))
        outside = int(OUTSIDE in known)
        code = np.empty(len(known), np.int32)
        code[order] = np.arange(len(known)) - outside
        ends = code[number].reshape(-1, 2)
        names = self.names.texts
        return Movements(
            ids=tuple(self.id_of(row) for row in rows.tolist()),
            accounts=tuple(names.text(at) for at in known[order].tolist()[outside:]),
            time=self.time[rows],
            from_account=np.ascontiguousarray(ends[:, 0]),
            to_account=np.ascontiguousarray(ends[:, 1]),
            amount_fen=self.fen[rows],
            balance_from_fen=_taken(self.balance_from, rows, NO_BALANCE),
            balance_to_fen=_taken(self.balance_to, rows, NO_BALANCE),
            channel=tuple(KINDS[k] for k in _taken(self.channel, rows, UNKNOWN).tolist()),
            currency=tuple(self.currencies[k] for k in _taken(self.currency, rows, 0).tolist()),
            reverses=self._reverses(rows),
            time_to=self.arrived[rows] if len(self.arrived) else self.time[rows],
            width=np.where(_taken(self.dated, rows, 0), DAY, 1).astype(np.int64),
            settled=tuple(np.searchsorted(rows, self.settled).tolist()),
            part_of=len(self),
        )

    def in_order(self, place: NDArray[np.int64]) -> Ledger:
        """Put the rows into another order."""
        row_at = np.empty(len(self), np.int64)
        row_at[place] = np.arange(len(self))
        parts: dict[str, Any] = {name: _part(getattr(self, name), place) for name in _COLUMNS}
        reverses = _part(self.reverses, place)
        moved = np.where(reverses == NO_ROW, NO_ROW, row_at[reverses])
        return replace(
            self,
            **parts,
            reverses=moved if len(reverses) else reverses,
            place=self.place[place] if len(self.place) else place,
        )

    def with_originals(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Add what the rows reverse, and rows that a note on the whole file speaks of."""
        rows = np.union1d(rows, np.array(self.settled, np.int64))
        while len(self.reverses):
            originals = self.reverses[rows]
            wider = np.union1d(rows, originals[originals != NO_ROW])
            if len(wider) == len(rows):
                break
            rows = wider
        return rows

    def _reverses(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        originals = _taken(self.reverses, rows, NO_ROW)
        return np.where(originals == NO_ROW, NO_ROW, np.searchsorted(rows, originals))


_COLUMNS: Final = (
    "time", "arrived", "dated", "payer", "payee", "fen", "balance_from", "balance_to", "channel",
    "currency",
)  # fmt: skip
UNKNOWN: Final = CODE_OF[EndKind.UNKNOWN]


def _among(marks: NDArray[np.uint64], wanted: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each mark is one of the wanted, which are sorted."""
    if not len(wanted):
        return np.zeros(len(marks), np.bool_)
    at = np.minimum(np.searchsorted(wanted, marks), len(wanted) - 1)
    found: NDArray[np.bool_] = wanted[at] == marks
    return found


def _part(column: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    return column[rows] if len(column) else column


def _taken(column: NDArray[Any], rows: NDArray[np.int64], nothing: int) -> NDArray[np.int64]:
    """The column's figures of these rows, or `nothing` where it was given nowhere."""
    if not len(column):
        return np.full(len(rows), nothing, np.int64)
    return column[rows].astype(np.int64)
