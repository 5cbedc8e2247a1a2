"""Follow each victim's payment along the lines of the accounts (`fifo`, `lifo`)."""

from __future__ import annotations

import heapq
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine.line import Line, Match, account_line, exit_line
from fanzha.tracing.engine.model import OUTSIDE, EndKind, Note, NoteKind
from fanzha.tracing.engine.result import NO_PIECE, End, Piece, Trace

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.tracing.engine.given import Given


class Waiting(NamedTuple):
    """Fen `lo..hi` of a row that are to be followed; ordered by the row's leaving.

    `claim` and `hop` are those of the payment or of `parent`, the piece that they came by.
    """

    left_at: int
    row: int
    lo: int
    hi: int
    claim: str
    parent: int
    hop: int


class Walk:
    """Takes one transfer after the other in order of leaving; can pause and go on."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.movements = given.movements
        self.lines: dict[int, Line] = {}
        self.exits: dict[int, Line] = {}
        self.pieces: list[Piece] = []
        self.ends: list[End] = []
        self.counted: set[int] = set()
        left_at = self.movements.left_at
        self.waiting = [
            Waiting(
                int(left_at[row]), row, 0, int(self.movements.amount_fen[row]), claim, NO_PIECE, 0
            )
            for row, claim in given.claim_of.items()
            if self.movements.amount_fen[row]
        ]
        heapq.heapify(self.waiting)

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Follow until nothing waits, or until `stop` says so; this walk stays as it is."""
        walk = copy(self)
        walk.pieces, walk.ends = list(self.pieces), list(self.ends)
        walk.counted, walk.waiting = set(self.counted), list(self.waiting)
        while walk.waiting:
            walk.step()
            if stop is not None and stop():
                break
        return walk.result()

    def result(self) -> Trace:
        """Make the trace of what has been followed."""
        cut = [self._cut(waiting) for waiting in sorted(self.waiting)]
        notes = sorted({note for line in self.lines.values() for note in line.notes})
        if cut:
            fen, first = sum(end.fen for end in cut), min(each.row for each in self.waiting)
            notes.append(Note(first, NoteKind.UNFINISHED, "", fen))
        return Trace(
            given=self.given,
            pieces=tuple(self.pieces),
            ends=(*self.ends, *cut),
            notes=tuple(notes),
            unfinished=tuple(cut),
            paused=self if self.waiting else None,
        )

    def step(self) -> None:
        """Follow the next transfer."""
        waiting = heapq.heappop(self.waiting)
        _, row, lo, hi, claim, parent, hop = waiting
        most = self.given.limits.max_transfers
        if hop and most is not None and row not in self.counted:
            if len(self.counted) >= most:
                self.ends.append(self._cut(waiting))
                return
            self.counted.add(row)
        self.pieces.append(Piece(row, lo, hi, claim, parent, hop))
        self._arrive(len(self.pieces) - 1)

    def _cut(self, waiting: Waiting) -> End:
        """End what is not followed at the account that it would have left."""
        fen, claim = waiting.hi - waiting.lo, waiting.claim
        if waiting.parent == NO_PIECE:
            account = self.movements.name(int(self.movements.to_account[waiting.row]))
            return End(account, EndKind.BEYOND_LIMITS, fen, claim, NO_PIECE)
        row = waiting.row
        if self.movements.from_account[row] == OUTSIDE:
            # A reversal out of an exit: the money lies where it left by the original.
            row = int(self.movements.reverses[row])
        account = self.movements.name(int(self.movements.from_account[row]))
        return End(account, EndKind.BEYOND_LIMITS, fen, claim, waiting.parent)

    def _arrive(self, at: int) -> None:
        """End the piece where its row leads out of sight, else hand it on along the line."""
        piece = self.pieces[at]
        sender = self.movements.name(int(self.movements.from_account[piece.row]))
        account = int(self.movements.to_account[piece.row])
        receiver = self.movements.name(account)
        if self.movements.currency[piece.row] != self.given.currency:
            self._end(at, sender, EndKind.CURRENCY_EXCHANGE, piece.hi - piece.lo)
        elif account == OUTSIDE:
            line = self._exit_line(piece.row)
            self._hand_on(at, line, sender, self.movements.channel[piece.row])
        elif (gap := self.given.gap(account)) is not None:
            self._end(at, receiver, gap, piece.hi - piece.lo)
        else:
            self._hand_on(at, self._line(account), receiver, EndKind.HELD)

    def _hand_on(self, at: int, line: Line, account: str, resting: EndKind) -> None:
        piece = self.pieces[at]
        left_at = self.movements.left_at
        for match in line.onward(piece.row, piece.lo, piece.hi):
            fen = match.hi - match.lo
            kind = self._end_kind(at, match, resting)
            if kind is not None:
                self._end(at, account, kind, fen)
                continue
            row = match.outflow
            assert row is not None
            onward = Waiting(
                int(left_at[row]), row, match.at, match.at + fen, piece.claim, at, piece.hop + 1
            )
            heapq.heappush(self.waiting, onward)

    def _end_kind(self, at: int, match: Match, resting: EndKind) -> EndKind | None:
        """Why these fen go no further; None if the outflow carries them on."""
        piece, row = self.pieces[at], match.outflow
        if row is None:
            return resting
        if self._passed(at, match) if self.given.backward else match.late:
            return EndKind.OVERDRAFT
        if row in self.given.claim_of:
            return EndKind.RETURNED_TO_VICTIM
        arrived = int(max(self.movements.time[piece.row], self.movements.time_to[piece.row]))
        if not self.given.limits.follow(self.movements, row, hop=piece.hop + 1, arrived=arrived):
            return EndKind.BEYOND_LIMITS
        return None

    def _passed(self, at: int, match: Match) -> bool:
        """Tell whether these fen have passed the transfer before: a ring through an overdraft."""
        while at != NO_PIECE:
            piece = self.pieces[at]
            if piece.row == match.outflow:
                return True
            at = piece.parent
        return False

    def _line(self, account: int) -> Line:
        if account not in self.lines:
            self.lines[account] = account_line(
                self.movements,
                account,
                opening_fen=self.given.opening(account),
                currency=self.given.currency,
                newest_first=self.given.rule == "lifo",
            )
        return self.lines[account]

    def _exit_line(self, row: int) -> Line:
        if row not in self.exits:
            newest_first = self.given.rule == "lifo"
            self.exits[row] = exit_line(self.movements, row, newest_first=newest_first)
        return self.exits[row]

    def _end(self, at: int, account: str, kind: EndKind, fen: int) -> None:
        self.ends.append(End(account, kind, fen, self.pieces[at].claim, at))
