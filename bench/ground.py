"""What the tracing benchmarks run on: an invented city in columns, and two plain passes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from fanzha.simulation.networks import Network, network
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.compiled import compiled
from fanzha.tracing.engine.index import Index, build_with

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20160318
MOST_ROWS_FOR_PEERS = 20_000_000


class AnswersDiffer(AssertionError):
    """Two ways of answering disagree: nothing may be timed."""


def same(what: str, ours: NDArray[Any], theirs: NDArray[Any]) -> None:
    """Refuse to time what does not agree."""
    if not np.array_equal(ours, theirs):
        raise AnswersDiffer(what)


@dataclass(frozen=True)
class Ground:
    """A city, its columns and its index."""

    city: Network
    columns: Columns

    @classmethod
    def of(cls, rows: int) -> Ground:
        """Invent a city of so many rows."""
        city = network(rows, SEED)
        columns = Columns.of(city.time, city.payer, city.payee, city.fen, accounts=city.accounts)
        return cls(city, columns)

    @cached_property
    def index(self) -> Index:
        """The lines of all accounts."""
        return build_with(self.columns, self.city.opening_fen)

    @property
    def huge(self) -> bool:
        """Whether nobody waits for peers that look at every row."""
        return len(self.columns) > MOST_ROWS_FOR_PEERS

    @property
    def cases(self) -> list[tuple[int, ...]]:
        """The payments of every scheme."""
        return [scheme.payments for scheme in self.city.schemes]

    @property
    def payments(self) -> list[int]:
        """All payments, ascending."""
        return sorted(row for case in self.cases for row in case)

    @property
    def first_mixed_payment(self) -> int:
        """The earliest payment of a scheme whose accounts others use too: its money gets far."""
        return min(row for each in self.city.schemes if each.mixed for row in each.payments)

    def scan(self) -> int:
        """Read time, both accounts and amount of every row: the limit of all that follows."""
        rows = self.columns
        return scan_rows(rows.time, rows.from_account, rows.to_account, rows.amount_fen)

    def ledger(self, balance: NDArray[np.int64]) -> None:
        """Keep every balance: the limit of every sweep that plays all rows."""
        rows = self.columns
        post_rows(rows.from_account, rows.to_account, rows.amount_fen, balance)


@compiled
def scan_rows(
    time: NDArray[np.int64],
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
) -> int:
    """Sum up the columns, so that none of them need not be read."""
    total = 0
    for row in range(len(fen)):
        total += (payer[row] ^ payee[row]) + (fen[row] ^ time[row])
    return int(total)


@compiled
def post_rows(
    payer: NDArray[np.int32],
    payee: NDArray[np.int32],
    fen: NDArray[np.int64],
    balance: NDArray[np.int64],
) -> None:
    """Two updates per row and nothing else."""
    for row in range(len(fen)):
        if payer[row] >= 0:
            balance[np.uint32(payer[row])] -= fen[row]
        if payee[row] >= 0:
            balance[np.uint32(payee[row])] += fen[row]
