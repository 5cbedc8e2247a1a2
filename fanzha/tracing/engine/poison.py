"""`poison`: whom the money can have reached. Its sums say nothing about amounts.

Once claim money has come to an account, everything that leaves it afterwards counts in full, for
every claim that came before.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine.line import Book
from fanzha.tracing.engine.model import OUTSIDE, EndKind
from fanzha.tracing.engine.result import NO_PIECE, End, Piece, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fanzha.tracing.engine.given import Given


class Touch(NamedTuple):
    """Money of a claim came to an account: at this place among the events, by this many hops."""

    place: int
    account: int
    row: int
    claim: str
    hop: int


class Reach:
    """Spreads claim after claim; what it has to do is the rows of the touched accounts."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.movements = given.movements
        self.hops: dict[tuple[int, str], int] = {}
        """(row, claim) -> fewest hops."""

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Play the touches in order of time, all of them: their number is that of the rows."""
        waiting = [
            self._touch(row, claim, 0)
            for row, claim in self.given.claim_of.items()
            if self.movements.amount_fen[row]
        ]
        heapq.heapify(waiting)
        while waiting:
            for touch in self._spread(heapq.heappop(waiting)):
                heapq.heappush(waiting, touch)
        pieces = tuple(
            Piece(row, 0, int(self.movements.amount_fen[row]), claim, NO_PIECE, hop)
            for (row, claim), hop in sorted(self.hops.items())
        )
        return Trace(given=self.given, pieces=pieces, ends=tuple(self._ends()), notes=())

    def _touch(self, row: int, claim: str, hop: int) -> Touch:
        self.hops[row, claim] = min(hop, self.hops.get((row, claim), hop))
        place = int(self.movements.arrived_at[row])
        return Touch(place, int(self.movements.to_account[row]), row, claim, hop)

    def _spread(self, touch: Touch) -> Iterator[Touch]:
        """Taint what leaves the touched account later and has not been reached by fewer hops."""
        if self._resting(touch.row) is None:
            rows = self.movements.rows_touching(touch.account)
            onward = [row for row in rows if self.movements.from_account[row] == touch.account]
        elif touch.account == OUTSIDE:
            onward = self.movements.reversals_of.get(touch.row, [])
        else:
            return
        hop = touch.hop + 1
        arrived = int(max(self.movements.time[touch.row], self.movements.time_to[touch.row]))
        for row in onward:
            if row in self.given.claim_of or self.movements.left_at[row] < touch.place:
                continue
            if self.hops.get((row, touch.claim), hop + 1) <= hop:
                continue
            if self.given.limits.follow(self.movements, row, hop=hop, arrived=arrived):
                yield self._touch(row, touch.claim, hop)

    def _resting(self, row: int) -> EndKind | None:
        """As what money on the row ends; None if it comes to an account that is followed."""
        if self.movements.currency[row] != self.given.currency:
            return EndKind.CURRENCY_EXCHANGE
        payee = int(self.movements.to_account[row])
        return self.movements.channel[row] if payee == OUTSIDE else self.given.gap(payee)

    def _ends(self) -> Iterator[End]:
        """Touched accounts hold all that is in them; exits and gaps got every tainted row."""
        touched: dict[tuple[int, str], None] = {}
        for at, (row, claim) in enumerate(sorted(self.hops)):
            kind = self._resting(row)
            payer, payee = (
                int(self.movements.from_account[row]),
                int(self.movements.to_account[row]),
            )
            if kind is None:
                touched[payee, claim] = None
                continue
            leaves = payee == OUTSIDE or kind is EndKind.CURRENCY_EXCHANGE
            name = self.movements.name(payer if leaves else payee)
            yield End(name, kind, int(self.movements.amount_fen[row]), claim, at)
        balances = {code: self._balance(code) for code, _ in touched}
        for code, claim in touched:
            if balances[code]:
                name = self.movements.name(code)
                yield End(name, EndKind.HELD, balances[code], claim, NO_PIECE)

    def _balance(self, code: int) -> int:
        book = Book(self.movements, code, self.given.currency)
        book.receive(self.given.opening(code))
        for row in self.movements.rows_touching(code):
            book.enter(row)
        return max(book.balance, 0)
