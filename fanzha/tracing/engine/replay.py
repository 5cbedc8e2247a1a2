"""Replay the rows of touched accounts in order of time, for rules that ask whose money it is.

An account joins when claim money first comes to it; what happened there before is replayed as own
money. The rules (`own_first`, `rolling_pro_rata`) say in `Pots` how lots are kept and released.
"""

from __future__ import annotations

import heapq
from abc import ABC, abstractmethod
from bisect import bisect_left
from copy import deepcopy
from typing import TYPE_CHECKING, Generic, TypeVar

from fanzha.tracing.engine.line import Book
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE, EndKind, Note, NoteKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fanzha.tracing.engine.given import Given
    from fanzha.tracing.engine.result import Trace

Pot = TypeVar("Pot")
Load = TypeVar("Load")


class Account(Generic[Pot]):
    """One account that joined: its book, its pot, and the rows that are still to come."""

    def __init__(self, given: Given, code: int, pot: Pot) -> None:
        self.code = code
        self.name = given.movements.name(code)
        self.book = Book(given.movements, code, given.currency)
        self.pot = pot
        self.rows = given.movements.rows_touching(code)
        self.next = 0


class Replay(ABC, Generic[Pot, Load]):
    """Plays events in their order; a rule fills in how pots keep and release lots.

    A `Load` is what a row carries: its lots, of which some are claim money that is followed.
    """

    def __init__(self, given: Given) -> None:
        self.given = given
        self.movements = given.movements
        self.accounts: dict[int, Account[Pot]] = {}
        self.loads: dict[int, Load] = {}
        self.outside: dict[int, Load] = {}
        self.counted: set[int] = set()
        self.short: list[Note] = []
        self.now = 0
        """Events played; rounding prefers what came first."""
        left_at = self.movements.left_at
        # (place of the event, account, row); the account is OUTSIDE for the payment of a victim and
        # for what leaves an exit again
        self.waiting = [
            (int(left_at[row]), OUTSIDE, row)
            for row in given.seeds.rows
            if self.movements.amount_fen[row]
        ]
        heapq.heapify(self.waiting)

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Replay until nothing waits, or until `stop` says so; this replay stays as it is."""
        replay = deepcopy(self, {id(given): given for given in (self.given, self.movements)})
        while replay.waiting:
            replay.step()
            if stop is not None and stop():
                break
        return replay.result()

    def step(self) -> None:
        """Play the next event."""
        self.now += 1
        place, code, row = heapq.heappop(self.waiting)
        if code == OUTSIDE:
            self._come_in(row, place)
            return
        account = self.accounts[code]
        self._play(account, row)
        self._wait(account)

    @abstractmethod
    def new_pot(self) -> Pot:
        """Make an empty pot."""

    @abstractmethod
    def payment(self, row: int) -> Load:
        """Make the load of a victim's payment, and its piece."""

    @abstractmethod
    def receive(
        self,
        account: Account[Pot],
        row: int,
        fen: int,
        load: Load | None,
        back_with: Collection[int] = (),
    ) -> None:
        """Fill the debt, keep the rest (None: own money); a reversal brings it to the front."""

    @abstractmethod
    def release(self, account: Account[Pot], row: int, fen: int) -> tuple[Load, int]:
        """Take `fen` out of the pot; also how much of a reversal came from other money."""

    @abstractmethod
    def take_back(self, load: Load, row: int, fen: int) -> Load:
        """Take `fen` out of what left by an exit."""

    @abstractmethod
    def carry(self, account: int, row: int, load: Load) -> Load:
        """Put the load on the row: pieces for what is followed, ends for what limits cut."""

    @abstractmethod
    def end(self, load: Load, account: str, kind: EndKind) -> None:
        """End what is followed of a load."""

    @abstractmethod
    def is_claim(self, load: Load) -> bool:
        """Tell whether any of the load is claim money."""

    @abstractmethod
    def result(self) -> Trace:
        """Make the trace of what has been replayed, without changing it."""

    def may_follow(self, row: int, *, hop: int, arrived: int) -> bool:
        """Test the limits for one lot on a row, and count the row among those followed."""
        limits = self.given.limits
        if not limits.follow(self.movements, row, hop=hop, arrived=arrived):
            return False
        if row in self.counted:
            return True
        if limits.max_transfers is not None and len(self.counted) >= limits.max_transfers:
            return False
        self.counted.add(row)
        return True

    def arrival_time(self, row: int) -> int:
        """When the row arrived, in the payee's time but never before it left."""
        return int(max(self.movements.time[row], self.movements.time_to[row]))

    def notes(self, unfinished_fen: int) -> tuple[Note, ...]:
        """Collect what was found on the way."""
        books = [note for account in self.accounts.values() for note in account.book.notes]
        notes = sorted({*books, *self.short})
        if self.waiting:
            first = min(row for _, _, row in self.waiting)
            notes.append(Note(first, NoteKind.UNFINISHED, "", unfinished_fen))
        return tuple(notes)

    def _come_in(self, row: int, place: int) -> None:
        """Start a victim's payment, or a reversal of an exit."""
        back, original = None, int(self.movements.reverses[row])
        if original in self.outside:
            fen = int(self.movements.amount_fen[row])
            back = self.take_back(self.outside[original], row, fen)
        if row in self.given.claim_of:
            if back is not None:
                name = self.movements.name(int(self.movements.to_account[row]))
                self.end(back, name, EndKind.RETURNED_TO_VICTIM)
            self._deliver(row, self.payment(row), place)
        elif back is not None and self.is_claim(back):
            payer = int(self.movements.from_account[original])
            self._deliver(row, self.carry(payer, row, back), place)

    def _deliver(self, row: int, load: Load, place: int) -> None:
        """End a load where its row leads out of sight, else let it be on its way."""
        payer, payee = int(self.movements.from_account[row]), int(self.movements.to_account[row])
        if self.movements.currency[row] != self.given.currency:
            self.end(load, self.movements.name(payer), EndKind.CURRENCY_EXCHANGE)
        elif payee == OUTSIDE:
            self._exit(row, load)
        elif (gap := self.given.gap(payee)) is not None:
            self.end(load, self.movements.name(payee), gap)
        else:
            self.loads[row] = load
            self._join(payee, place)

    def _exit(self, row: int, load: Load) -> None:
        """End what leaves, unless a reversal may take from it where it rests."""
        if row not in self.movements.reversals_of:
            payer = self.movements.name(int(self.movements.from_account[row]))
            self.end(load, payer, self.movements.channel[row])
            return
        self.outside[row] = load
        for reversal in self.movements.reversals_of[row]:
            if self.movements.amount_fen[reversal] and reversal not in self.given.claim_of:
                place = int(self.movements.left_at[reversal])
                heapq.heappush(self.waiting, (place, OUTSIDE, reversal))

    def _join(self, code: int, place: int) -> None:
        """Let an account take part from `place` on; what it did before moved own money."""
        if code in self.accounts:
            return
        account = Account(self.given, code, self.new_pot())
        self.accounts[code] = account
        opening = self.given.opening(code)
        account.book.receive(opening)
        self._own(account, opening)
        account.next = bisect_left(account.rows, place, key=lambda row: self._place(code, row))
        for row in account.rows[: account.next]:
            entry = account.book.enter(row)
            self._own(account, entry.missing)
            if entry.inflow:
                self.receive(account, row, entry.inflow, None, self.movements.back_with(row))
            if entry.outflow:
                self.release(account, row, entry.outflow)
        self._wait(account)

    def _own(self, account: Account[Pot], fen: int) -> None:
        if fen:
            self.receive(account, NO_ROW, fen, None)

    def _wait(self, account: Account[Pot]) -> None:
        if account.next < len(account.rows):
            row = account.rows[account.next]
            account.next += 1
            heapq.heappush(self.waiting, (self._place(account.code, row), account.code, row))
        else:
            account.book.note_same_time()

    def _place(self, code: int, row: int) -> int:
        leaves = self.movements.from_account[row] == code
        return int((self.movements.left_at if leaves else self.movements.arrived_at)[row])

    def _play(self, account: Account[Pot], row: int) -> None:
        entry = account.book.enter(row)
        if entry.inflow:
            self._arrive(account, row, entry.inflow)
        elif entry.outflow:
            self._own(account, entry.missing)
            self._leave(account, row, entry.outflow)

    def _arrive(self, account: Account[Pot], row: int, fen: int) -> None:
        load = self.loads.pop(row, None)
        self.receive(account, row, fen, load, self.movements.back_with(row))

    def _leave(self, account: Account[Pot], row: int, fen: int) -> None:
        load, short = self.release(account, row, fen)
        if short:
            self.short.append(Note(row, NoteKind.REVERSAL_SHORT, account.name, short))
        if row in self.given.claim_of:
            self.end(load, account.name, EndKind.RETURNED_TO_VICTIM)
        elif self.is_claim(load):
            load = self.carry(account.code, row, load)
            self._deliver(row, load, int(self.movements.left_at[row]))
