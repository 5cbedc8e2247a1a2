"""Trace through a Ledger: the plain engine over the rows of the accounts that money reached.

Nothing that a trace says depends on other rows. Which accounts those are is told by a walk on the
index, or by a pass over all rows; whatever the trace reaches beyond them is added until nothing is
missing. So the answer is that of the plain engine over the whole file, to the last note.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from fanzha.tracing.engine import InputError, Limits, Seeds
from fanzha.tracing.engine.given import LINE_RULES
from fanzha.tracing.engine.model import OUTSIDE
from fanzha.tracing.engine.planner import PLAIN_ROWS, walk
from fanzha.tracing.engine.ranges import (
    CERTAIN,
    MOST_BOUNDS,
    MOST_ORDERS,
    MOST_ROWS,
    EndOf,
    Ranges,
    ranges,
)
from fanzha.tracing.engine.result import seeded_by_claim
from fanzha.tracing.ledger import LOWEST

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    from fanzha.tracing.engine import Movements, Trace
    from fanzha.tracing.engine.spreading import Ties
    from fanzha.tracing.ledger import Ledger

    Traced = Callable[[Movements, Seeds], Trace]

NEVER: Final = 2**62


class Way(NamedTuple):
    """What tells where the money goes, besides the rows."""

    rule: str
    limits: Limits
    backward: bool
    openings: Mapping[str, int]
    known: Collection[str] | None


class Narrow:
    """One question about one ledger."""

    def __init__(self, ledger: Ledger, seeds: Seeds, way: Way, traced: Traced) -> None:
        self.ledger = ledger
        self.seeds = seeds
        self.way = way
        self.traced = traced

    def trace(self) -> Trace:
        """Trace through as many rows as it takes."""
        paid = np.array(self.seeds.rows, np.int64)
        # The victims' rows stand beside the others: signs of a test transfer are among them.
        accounts = np.union1d(self._first_guess(), self.ledger.payer[paid])
        accounts = np.union1d(accounts, self.ledger.payee[paid])
        while True:
            rows, movements, seeds = self._taken(accounts)
            result = self.traced(movements, seeds)
            reached = self.ledger.payee[rows[_carrying(result)]]
            wider = np.union1d(accounts, reached)
            if len(wider) == len(accounts) or not self._anything_new(wider, accounts):
                return result
            accounts = wider

    def ranges(self, result: Trace) -> Ranges:
        """How far the ends depend on the order of rows; see `ranges.ranges`."""
        ties = self.ledger.ties()
        if not ties.rows.any():
            return CERTAIN
        touched = self._touched(np.ones(len(self.ledger.names), np.uint8))
        if self._too_far(touched):
            return _of_ends(result)
        _, movements, seeds = self._taken(self._in_any_order(ties, touched))
        return ranges(movements, seeds, self.traced)

    def _too_far(self, touched: NDArray[np.int64]) -> bool:
        """Whether all rows in reach would only tell that there are too many orders and accounts."""
        from fanzha.tracing.engine.spreading import count_tied

        ledger, claims = self.ledger, len(set(self.seeds.claims))
        if np.count_nonzero(touched < NEVER) * (claims + 1) <= MOST_BOUNDS or len(ledger.arrived):
            return False
        most = min(MOST_ORDERS, MOST_ROWS // len(ledger))
        if most and (len(ledger.balance_from) or len(ledger.balance_to) or len(ledger.reverses)):
            return False
        # Rows that are tied have at least one order more than there are later ones among them.
        return count_tied(ledger.whole, np.full(len(touched), LOWEST), touched) > max(most - 1, 0)

    def _in_any_order(self, ties: Ties, touched: NDArray[np.int64]) -> NDArray[np.int64]:
        """The accounts whose rows tell what every order of rows leads to."""
        accounts = np.flatnonzero(touched < NEVER)
        while True:
            rows = self.ledger.rows_of(accounts)
            more = self._ends_of(rows[ties.rows[rows] > 0])
            wider = np.union1d(accounts, more[ties.accounts[more] > 0])
            if len(wider) == len(accounts):
                return accounts
            accounts = wider

    def _taken(self, accounts: NDArray[np.int64]) -> tuple[NDArray[np.int64], Movements, Seeds]:
        """The rows of the accounts, as movements with the payments among them."""
        rows = np.union1d(self.ledger.rows_of(accounts), np.array(self.seeds.rows, np.int64))
        rows = self.ledger.with_originals(rows)
        at = np.searchsorted(rows, self.seeds.rows).tolist()
        return rows, self.ledger.movements(rows), Seeds(tuple(at), self.seeds.claims)

    def _anything_new(self, wider: NDArray[np.int64], accounts: NDArray[np.int64]) -> bool:
        """Whether accounts came that are followed: others have no say, whatever their rows."""
        new = np.setdiff1d(wider, accounts)
        known = self.way.known
        names = (self.ledger.name(int(code)) for code in new[new != OUTSIDE])
        return any(known is None or name in known for name in names)

    def _first_guess(self) -> NDArray[np.int64]:
        """The accounts that the money is likely to reach."""
        asked, ledger = self.way, self.ledger
        if asked.rule in LINE_RULES:
            return self._walked()
        if asked.rule == "timestamp_ladder":
            everyone = self._touched(np.ones(len(ledger.names), np.uint8))
            return self._in_any_order(ledger.ties(), everyone)
        followed = np.ones(len(ledger.names), np.uint8)
        if asked.known is not None:
            followed[:] = 0
            codes = ledger.names.numbers(list(asked.known))
            followed[codes[codes >= 0]] = 1
        return np.flatnonzero(self._touched(followed) < NEVER)

    def _walked(self) -> NDArray[np.int64]:
        """The accounts that a walk on the index comes to; none where the index has no answer."""
        asked, ledger, rows = self.way, self.ledger, self.seeds.rows
        none = np.empty(0, np.int64)
        if not rows or asked.backward:
            return none
        currency = int(ledger.currency[rows[0]]) if len(ledger.currency) else 0
        try:
            columns = ledger.columns(ledger.currencies[currency])
        except InputError:
            # An account moves more than an index counts.
            return none
        # Lines beside the plain ones are laid account by account: rounds are cheaper here.
        if columns.special or len(columns) < PLAIN_ROWS:
            return none
        opening = np.zeros(columns.accounts, np.int64)
        codes = ledger.names.numbers(list(asked.openings))
        opening[codes[codes >= 0]] = np.array(list(asked.openings.values()), np.int64)[codes >= 0]
        walks = walk(columns, [rows], rule=asked.rule, limits=asked.limits, opening=opening)
        return _inside(ledger.payee[walks.walked.pieces[:, 0]])

    def _ends_of(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return _inside(np.concatenate([self.ledger.payer[rows], self.ledger.payee[rows]]))

    def _touched(self, followed: NDArray[np.uint8]) -> NDArray[np.int64]:
        """When claim money can first have come to each account, whatever the order of ties."""
        from fanzha.tracing.engine.spreading import spread

        ledger, whole = self.ledger, self.ledger.whole
        touched = np.full(len(ledger.names), NEVER)
        for row in self.seeds.rows:
            arrives = [(row, int(ledger.time[row]))]
            if ledger.payee[row] == OUTSIDE and len(ledger.reverses):
                backs = np.flatnonzero(ledger.reverses == row).tolist()
                arrives = [(back, int(max(ledger.time[[row, back]]))) for back in backs]
            for to, at in arrives:
                if (payee := int(ledger.payee[to])) != OUTSIDE:
                    touched[payee] = min(int(touched[payee]), at)
        spread(whole, followed, touched)
        return touched


def _inside(codes: NDArray[np.int32]) -> NDArray[np.int64]:
    """The accounts among them, each once."""
    found: NDArray[np.int64] = np.unique(codes[codes != OUTSIDE]).astype(np.int64)
    return found


def _carrying(result: Trace) -> list[int]:
    """The rows that carry traced money, also of a share that is rounded to nothing."""
    flow = result.flow or result
    if flow.mixed is not None:
        return sorted({row for row, _ in flow.mixed.hops()})
    return sorted({piece.row for piece in flow.pieces})


def _of_ends(result: Trace) -> Ranges:
    """Outer bounds of the ends that the trace found: nothing, and what the claim paid."""
    paid = seeded_by_claim(result.movements, result.seeds)
    spans = {
        EndOf(each.claim, each.account, each.kind): (0, paid[each.claim]) for each in result.ends
    }
    return Ranges(spans, 0, outer=True)
