"""Movements as bare columns: a hundred million rows without one Python object per row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fanzha.tracing.engine.model import (
    EXIT_KINDS,
    HOME_CURRENCY,
    NO_BALANCE,
    NO_ROW,
    OUTSIDE,
    EndKind,
    InputError,
    Movement,
    Movements,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

KINDS: Final = tuple(EndKind)
"""A kind of end is its place in here wherever it stands in a column."""
CODE_OF: Final = {kind: code for code, kind in enumerate(KINDS)}
MOST_TIME: Final = 2**60
MOST_FEN: Final = 2**62
MOST_ROWS: Final = 2**31 - 1
COLUMNS: Final = {
    "time": 0,
    "from_account": OUTSIDE,
    "to_account": OUTSIDE,
    "amount_fen": 0,
    "channel": CODE_OF[EndKind.UNKNOWN],
    "balance_from_fen": NO_BALANCE,
    "reverses": NO_ROW,
    "foreign": 0,
    "time_to": NO_BALANCE,
}
"""All columns with what stands where a row says nothing."""


@dataclass(frozen=True, eq=False)
class Columns:
    """Rows in `seq` order: time, then as handed in. Accounts are codes below `accounts`.

    `time` in seconds, `amount_fen` in fen. An optional column of length 0 was given nowhere.
    `channel` is a place in KINDS and counts only where `to_account` is OUTSIDE. `balance_from_fen`
    holds NO_BALANCE where the bank states none, `reverses` the row of the original or NO_ROW,
    `foreign` is nonzero where the currency is not that of the trace; `time_to` is the arrival.
    """

    time: NDArray[np.int64]
    from_account: NDArray[np.int32]
    to_account: NDArray[np.int32]
    amount_fen: NDArray[np.int64]
    accounts: int
    channel: NDArray[np.uint8]
    balance_from_fen: NDArray[np.int64]
    reverses: NDArray[np.int64]
    foreign: NDArray[np.uint8]
    time_to: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        time: NDArray[np.int64],
        from_account: NDArray[np.int32],
        to_account: NDArray[np.int32],
        amount_fen: NDArray[np.int64],
        *,
        accounts: int,
        channel: NDArray[np.uint8] | None = None,
        balance_from_fen: NDArray[np.int64] | None = None,
    ) -> Columns:
        """Take columns that are already in order; raises InputError where they cannot be traced."""
        none = np.empty(0, np.int64)
        columns = cls(
            time=np.ascontiguousarray(time, np.int64),
            from_account=np.ascontiguousarray(from_account, np.int32),
            to_account=np.ascontiguousarray(to_account, np.int32),
            amount_fen=np.ascontiguousarray(amount_fen, np.int64),
            accounts=accounts,
            channel=np.empty(0, np.uint8) if channel is None else channel,
            balance_from_fen=none if balance_from_fen is None else balance_from_fen,
            reverses=none,
            foreign=np.empty(0, np.uint8),
            time_to=none,
        )
        columns.check()
        return columns

    @classmethod
    def empty(cls) -> Columns:
        """No rows, no accounts."""
        none = np.empty(0, np.int64)
        return cls.of(none, none.astype(np.int32), none.astype(np.int32), none, accounts=0)

    @classmethod
    def of_movements(cls, movements: Movements, currency: str = HOME_CURRENCY) -> Columns:
        """Take the columns of `movements` as a trace in `currency` sees them."""
        foreign = np.array([name != currency for name in movements.currency], np.uint8)
        stated = bool((movements.balance_from_fen != NO_BALANCE).any())
        two_times = bool((movements.time_to > movements.time).any())
        reverses = movements.reverses
        columns = cls(
            time=movements.time,
            from_account=movements.from_account,
            to_account=movements.to_account,
            amount_fen=movements.amount_fen,
            accounts=len(movements.accounts),
            channel=np.array([CODE_OF[kind] for kind in movements.channel], np.uint8),
            balance_from_fen=movements.balance_from_fen if stated else np.empty(0, np.int64),
            reverses=reverses if (reverses != NO_ROW).any() else np.empty(0, np.int64),
            foreign=foreign if foreign.any() else np.empty(0, np.uint8),
            time_to=movements.time_to if two_times else np.empty(0, np.int64),
        )
        columns.check()
        return columns

    def __len__(self) -> int:
        return len(self.time)

    @cached_property
    def has_empty_rows(self) -> bool:
        """Whether any row moves nothing."""
        return bool(len(self)) and bool(self.amount_fen.min() == 0)

    @property
    def special(self) -> bool:
        """Whether any row reverses another, stands in another currency or has two times."""
        return bool(len(self.reverses) or len(self.foreign) or len(self.time_to))

    def check(self) -> None:
        """Refuse what cannot be traced, naming the first bad row."""
        if len(self) > MOST_ROWS:
            raise InputError(f"{len(self)} rows are more than one index holds ({MOST_ROWS})")
        for name in ("from_account", "to_account", "amount_fen"):
            if len(getattr(self, name)) != len(self):
                raise InputError("the columns are not of one length", field=name)
        times = self.time
        self._refuse("amount_fen", self.amount_fen < 0, "the amount is negative")
        self._refuse("time", np.abs(times) > MOST_TIME, "the time is out of range")
        self._refuse("time", times[1:] < times[:-1], "the next row is earlier: not in order")
        for name in ("from_account", "to_account"):
            codes = getattr(self, name)
            self._refuse(name, (codes < OUTSIDE) | (codes >= self.accounts), "no such account")
        nowhere = (self.from_account == OUTSIDE) & (self.to_account == OUTSIDE)
        self._refuse("to_account", nowhere, "both accounts are empty")
        self._check_sums()

    def taken(self, rows: NDArray[np.int64]) -> Columns:
        """Take some rows, in the order given; `reverses` still counts all rows."""
        parts: dict[str, Any] = {name: _part(getattr(self, name), rows) for name in COLUMNS}
        return replace(self, **parts)

    def joined(self, more: Columns) -> Columns:
        """Put more rows behind these, whatever their times."""
        whole: dict[str, Any] = {}
        for name, filler in COLUMNS.items():
            parts = [getattr(self, name), getattr(more, name)]
            if len(parts[0]) or len(parts[1]):
                whole[name] = np.concatenate([_filled(rows, name, filler) for rows in (self, more)])
            else:
                whole[name] = parts[0]
        return replace(self, accounts=max(self.accounts, more.accounts), **whole)

    def movements(self, rows: NDArray[np.int64] | None = None) -> Movements:
        """Bring the rows (None: all) back as movements; ids and names are row numbers and codes.

        The account codes of the result are its own; `name` gives the number of ours.
        """
        wanted = np.arange(len(self)) if rows is None else rows
        return Movements.build(self._movement(row) for row in wanted.tolist())

    def rows_of(self, accounts: NDArray[np.int64]) -> NDArray[np.int64]:
        """Find every row into or out of the accounts, ascending."""
        wanted = np.zeros(self.accounts + 1, np.bool_)
        wanted[accounts] = True
        # OUTSIDE is -1: the last place, which no account has.
        wanted[OUTSIDE] = False
        return np.flatnonzero(wanted[self.from_account] | wanted[self.to_account])

    def _movement(self, row: int) -> Movement:
        payer, payee = int(self.from_account[row]), int(self.to_account[row])
        stated = int(self.balance_from_fen[row]) if len(self.balance_from_fen) else NO_BALANCE
        original = int(self.reverses[row]) if len(self.reverses) else NO_ROW
        arrived = int(self.time_to[row]) if len(self.time_to) else NO_BALANCE
        kind = KINDS[self.channel[row]] if len(self.channel) else EndKind.UNKNOWN
        return Movement(
            id=str(row),
            time=int(self.time[row]),
            from_account="" if payer == OUTSIDE else str(payer),
            to_account="" if payee == OUTSIDE else str(payee),
            amount_fen=int(self.amount_fen[row]),
            balance_from_fen=None if stated == NO_BALANCE else stated,
            channel=kind if kind in EXIT_KINDS else "",
            currency="XXX" if len(self.foreign) and self.foreign[row] else HOME_CURRENCY,
            reverses="" if original == NO_ROW else str(original),
            time_to=None if arrived == NO_BALANCE else arrived,
        )

    def _refuse(self, field: str, bad: NDArray[np.bool_], why: str) -> None:
        if bad.any():
            row = int(np.argmax(bad))
            raise InputError(f"row {row}: {why}", row_id=str(row), field=field)

    def _check_sums(self) -> None:
        """No account may move more than a whole number of 64 bits counts."""
        if float(self.amount_fen.sum(dtype=np.float64)) < MOST_FEN:
            return
        for account, fen in _moved(self):
            if fen >= MOST_FEN:
                where = int(self.rows_of(np.array([account]))[-1])
                problem = f"account {account} moves {fen:.3g} fen, more than can be counted"
                raise InputError(problem, row_id=str(where), field="amount_fen")


def _moved(columns: Columns) -> Iterator[tuple[int, float]]:
    """Each account's sum in and out, in fen; approximate."""
    for codes in (columns.from_account, columns.to_account):
        sums = np.bincount(codes + 1, columns.amount_fen, minlength=columns.accounts + 1)
        yield from enumerate(sums[1:].tolist())


def _part(column: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    return column[rows] if len(column) else column


def _filled(columns: Columns, name: str, filler: int) -> NDArray[Any]:
    """The column, or as many fillers where it was given nowhere."""
    column: NDArray[Any] = getattr(columns, name)
    return column if len(column) else np.full(len(columns), filler, column.dtype)
