"""`poison`: whom the money can have reached. Its sums say nothing about amounts.

Once claim money has come to an account, everything that leaves it afterwards counts in full, for
every claim that came before.
"""

from __future__ import annotations

import heapq
from collections import Counter
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from fanzha.tracing.engine.limits import NO_LIMITS
from fanzha.tracing.engine.line import Book
from fanzha.tracing.engine.model import NO_BALANCE, OUTSIDE, EndKind, Note, NoteKind
from fanzha.tracing.engine.result import NO_PIECE, End, Piece, Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from numpy.typing import NDArray

    from fanzha.tracing.engine.given import Given

    Place = tuple[str, EndKind]


class Touch(NamedTuple):
    """Money of a claim came to an account, by so many hops."""

    arrived: int
    hop: int


class Reach:
    """Plays what leaves touched accounts in order of time; can pause and go on."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.movements = given.movements
        self.pieces: list[Piece] = []
        self.ends: Counter[tuple[str, EndKind, str]] = Counter()
        self.once: Counter[Place] = Counter()
        """What came to each end, every row once."""
        self.touched: dict[int, dict[str, list[Touch]]] = {}
        self.tainted: dict[int, dict[str, int]] = {}
        """The claims on a row that is on its way or rests outside, each with its hop."""
        self.outflows: dict[int, list[int]] = {}
        """What a touched account will pay out, the last first."""
        self.following = 0
        left_at, amount = self.movements.left_at, self.movements.amount_fen
        # (place of the event, account or OUTSIDE for payments and exits, row, arrives)
        self.waiting = [
            (int(left_at[row]), OUTSIDE, row, False) for row in given.seeds.rows if amount[row]
        ]
        heapq.heapify(self.waiting)

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Play until nothing waits, or until `stop` says so; this one stays as it is."""
        reach = copy(self)
        reach.pieces, reach.waiting = list(self.pieces), list(self.waiting)
        reach.ends, reach.once = self.ends.copy(), self.once.copy()
        reach.tainted = dict(self.tainted)
        reach.outflows = {code: list(rows) for code, rows in self.outflows.items()}
        reach.touched = {
            code: {claim: list(touches) for claim, touches in claims.items()}
            for code, claims in self.touched.items()
        }
        while reach.waiting:
            reach.step()
            if stop is not None and stop():
                break
        return reach.result()

    def step(self) -> None:
        """Play the next event."""
        _, code, row, arrives = heapq.heappop(self.waiting)
        if arrives:
            self._touch(code, row)
        elif code != OUTSIDE:
            self._leave(row, self.touched[code])
            self._wait(code)
        elif row in self.given.claim_of:
            self._take_back(row)
            self._carry(row, {self.given.claim_of[row]: 0})
        else:
            original = int(self.movements.reverses[row])
            came, arrival = self.tainted[original], self._arrival(original)
            self._leave(row, {claim: [Touch(arrival, hop)] for claim, hop in came.items()})

    def result(self) -> Trace:
        """Make the trace of what has been played; touched accounts hold all that is in them."""
        ends, once = self.ends.copy(), self.once.copy()
        movements = self.given.movements
        foreign = np.array([name != self.given.currency for name in movements.currency], np.bool_)
        odd = foreign | (movements.balance_from_fen != NO_BALANCE)
        for code, claims in self.touched.items():
            fen = _balance(self.given, code, odd)
            if fen:
                name = self.movements.name(code)
                once[name, EndKind.HELD] = fen
                ends.update({(name, EndKind.HELD, claim): fen for claim in claims})
        first = min((row for _, _, row, _ in self.waiting), default=None)
        return Trace(
            given=self.given,
            pieces=tuple(self.pieces),
            ends=tuple(
                End(name, kind, fen, claim, NO_PIECE) for (name, kind, claim), fen in ends.items()
            ),
            notes=() if first is None else (Note(first, NoteKind.UNFINISHED, "", 0),),
            once=once,
            paused=self if self.waiting else None,
        )

    def _leave(self, row: int, touches: dict[str, list[Touch]]) -> None:
        """Taint a row by every claim that limits let it carry on."""
        if row in self.given.claim_of:
            self._end(row, EndKind.RETURNED_TO_VICTIM, touches)
            return
        limits = self.given.limits
        carried = {
            claim: hop for claim, each in touches.items() if (hop := self._fewest(row, each))
        }
        if limits.max_transfers is not None and self.following >= limits.max_transfers:
            carried = {}
        self.following += bool(carried)
        cut = [claim for claim in touches if claim not in carried]
        self._end(row, EndKind.BEYOND_LIMITS, cut)
        if carried:
            self._carry(row, carried)

    def _take_back(self, row: int) -> None:
        """End what a victim's payment takes of what rests outside, as a reversal of an exit."""
        original = int(self.movements.reverses[row])
        if self.movements.from_account[row] == OUTSIDE and original in self.tainted:
            self._end(row, EndKind.RETURNED_TO_VICTIM, self.tainted[original])

    def _fewest(self, row: int, touches: list[Touch]) -> int:
        """By how few hops a row carries on; 0 if limits cut it."""
        limits = self.given.limits
        if limits == NO_LIMITS:
            return touches[0].hop + 1
        for hop, arrived in ((touch.hop + 1, touch.arrived) for touch in touches):
            if limits.follow(self.movements, row, hop=hop, arrived=arrived):
                return hop
        return 0

    def _carry(self, row: int, carried: dict[str, int]) -> None:
        """Let a row carry claims, each by so many hops."""
        movements, fen = self.movements, int(self.movements.amount_fen[row])
        self.pieces += [Piece(row, 0, fen, claim, NO_PIECE, hop) for claim, hop in carried.items()]
        self.tainted[row] = carried
        payee = int(movements.to_account[row])
        if payee == OUTSIDE:
            self._rest(row)
        if movements.currency[row] != self.given.currency:
            self._end(row, EndKind.CURRENCY_EXCHANGE, carried)
        elif payee == OUTSIDE:
            self._end(row, movements.channel[row], carried)
        elif (gap := self.given.gap(payee)) is not None:
            self._end(row, gap, carried, account=payee)
        else:
            heapq.heappush(self.waiting, (int(movements.arrived_at[row]), payee, row, True))

    def _rest(self, row: int) -> None:
        """Let the reversals of an exit bring back what rests outside."""
        for reversal in self.movements.reversals_of.get(row, []):
            if self.movements.amount_fen[reversal] and reversal not in self.given.claim_of:
                place = int(self.movements.left_at[reversal])
                heapq.heappush(self.waiting, (place, OUTSIDE, reversal, False))

    def _end(
        self, row: int, kind: EndKind, claims: Collection[str], *, account: int | None = None
    ) -> None:
        """End the whole row for every claim, at its payer unless said otherwise."""
        if not claims:
            return
        if account is None:
            payer = int(self.movements.from_account[row])
            account = payer if payer != OUTSIDE else int(self.movements.to_account[row])
        place, fen = (self.movements.name(account), kind), int(self.movements.amount_fen[row])
        self.once[place] += fen
        self.ends.update({(*place, claim): fen for claim in claims})

    def _touch(self, code: int, row: int) -> None:
        """Let what a row carries come to an account."""
        arrived, limits = self._arrival(row), self.given.limits
        there = self.touched.setdefault(code, {})
        for claim, hop in self.tainted.pop(row).items():
            touches = there.setdefault(claim, [])
            if touches and limits.hop_window is None and touches[0].hop <= hop:
                continue
            # An earlier touch by as many hops can do nothing that this one cannot.
            touches[:] = [touch for touch in touches if touch.hop < hop]
            touches.append(Touch(arrived, hop))
        if code not in self.outflows:
            rows = np.array(self.movements.rows_touching(code))
            rows = rows[self.movements.from_account[rows] == code]
            later = self.movements.left_at[rows] > self.movements.arrived_at[row]
            self.outflows[code] = rows[later].tolist()[::-1]
            self._wait(code)

    def _wait(self, code: int) -> None:
        """Have the account's next outflow played when its turn comes."""
        if self.outflows[code]:
            row = self.outflows[code].pop()
            heapq.heappush(self.waiting, (int(self.movements.left_at[row]), code, row, False))

    def _arrival(self, row: int) -> int:
        return int(max(self.movements.time[row], self.movements.time_to[row]))


def _balance(given: Given, code: int, odd: NDArray[np.bool_]) -> int:
    """The closing balance of an account in fen, missing money counted in, a debt as nothing.

    `odd` are the rows that do more than move their amount.
    """
    movements, opening = given.movements, given.opening(code)
    rows = np.array(movements.rows_touching(code))
    if odd[rows].any():
        book = Book(movements, code, given.currency)
        book.receive(opening)
        for row in rows.tolist():
            book.enter(row)
        return max(book.balance, 0)
    inward, fens = movements.to_account[rows] == code, movements.amount_fen[rows]
    change: int = sum(fens[inward].tolist()) - sum(fens[~inward].tolist())
    return max(opening + change, 0)
