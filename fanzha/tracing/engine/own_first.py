"""`own_first` (Hallett): own money leaves before claim money; of claims the oldest first."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine.lots import Lots
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE, EndKind
from fanzha.tracing.engine.replay import Account, Replay
from fanzha.tracing.engine.result import NO_PIECE, End, Piece, Trace

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from fanzha.tracing.engine.given import Given


class Lot(NamedTuple):
    """Fen that arrived by `row`. A claim's lot is followed while it has a `piece`."""

    row: int
    fen: int
    claim: str | None = None
    piece: int = NO_PIECE


class Purse:
    """What an account holds, oldest first: own money and claims apart; or a debt."""

    def __init__(self) -> None:
        self.own: Lots[Lot] = Lots()
        self.claims: Lots[Lot] = Lots()
        self.debt = 0

    def add(self, lots: list[Lot], back_with: Collection[int] = ()) -> None:
        """Lay lots at the end, or in front behind what other reversals of the row brought back."""
        for side, is_claim in ((self.own, False), (self.claims, True)):
            mine = [lot for lot in lots if (lot.claim is not None) is is_claim]
            if back_with:
                side.put_in_front(mine, back_with)
            else:
                for lot in mine:
                    side.append(lot)

    def take(self, fen: int) -> list[Lot]:
        """Take up to `fen`: own money, then claims, oldest first."""
        taken: list[Lot] = []
        for side in (self.own, self.claims):
            while fen and side:
                part = _part(side, side.end(newest=False), fen)
                taken.append(part)
                fen -= part.fen
        return taken

    def take_from(self, row: int, fen: int) -> list[Lot]:
        """Take up to `fen` of what a row brought: own money, then claims, oldest first."""
        taken: list[Lot] = []
        for side in (self.own, self.claims):
            for name in side.of_row(row):
                if not fen:
                    return taken
                part = _part(side, name, fen)
                taken.append(part)
                fen -= part.fen
        return taken


def _part(side: Lots[Lot], name: int, fen: int) -> Lot:
    """Take up to `fen` out of one lot."""
    lot = side.lot(name)
    part = min(lot.fen, fen)
    side.leave(name, lot._replace(fen=lot.fen - part) if part < lot.fen else None)
    return lot._replace(fen=part)


class OwnFirst(Replay[Purse, list[Lot]]):
    """The replay with purses."""

    def __init__(self, given: Given) -> None:
        super().__init__(given)
        self.pieces: list[Piece] = []
        self.ends: list[End] = []

    def new_pot(self) -> Purse:
        """Make an empty purse."""
        return Purse()

    def payment(self, row: int) -> list[Lot]:
        """The whole payment is one lot of its claim."""
        claim, fen = self.given.claim_of[row], int(self.movements.amount_fen[row])
        self.pieces.append(Piece(row, 0, fen, claim, NO_PIECE, 0))
        return [Lot(row, fen, claim, len(self.pieces) - 1)]

    def receive(
        self,
        account: Account[Purse],
        row: int,
        fen: int,
        load: list[Lot] | None,
        back_with: Collection[int] = (),
    ) -> None:
        """Fill the debt with what was released first; keep the rest in its order."""
        purse = account.pot
        lots = deque(load if load is not None else [Lot(row, fen)])
        while purse.debt and lots:
            lot = lots.popleft()
            part = min(lot.fen, purse.debt)
            purse.debt -= part
            self.end([lot._replace(fen=part)], account.name, EndKind.OVERDRAFT)
            if lot.fen > part:
                lots.appendleft(lot._replace(fen=lot.fen - part))
        purse.add([lot._replace(row=row) for lot in lots], back_with)

    def release(self, account: Account[Purse], row: int, fen: int) -> tuple[list[Lot], int]:
        """Take the lots; what is not there becomes a debt and own money for the payee."""
        purse, original = account.pot, int(self.movements.reverses[row])
        taken: list[Lot] = []
        short = 0
        if original != NO_ROW:
            taken = purse.take_from(original, fen)
            short = fen - sum(lot.fen for lot in taken)
        taken += purse.take(fen - sum(lot.fen for lot in taken))
        debt = fen - sum(lot.fen for lot in taken)
        purse.debt += debt
        return [*taken, *([Lot(row, debt)] if debt else [])], short

    def take_back(self, load: list[Lot], row: int, fen: int) -> list[Lot]:
        """Take from what left by the exit as from a purse; what is not there is own money."""
        purse = Purse()
        purse.add(load)
        taken = purse.take(fen)
        load[:] = [*purse.own, *purse.claims]
        rest = fen - sum(lot.fen for lot in taken)
        return [*taken, *([Lot(row, rest)] if rest else [])]

    def carry(self, account: int, row: int, load: list[Lot]) -> list[Lot]:
        """Put each followed lot on the row as a piece, or end it if a limit cuts it."""
        kept: list[Lot] = []
        for lot in load:
            piece = self.pieces[lot.piece] if lot.piece != NO_PIECE else None
            if piece is not None:
                arrived = self.arrival_time(piece.row)
                if not self.may_follow(row, hop=piece.hop + 1, arrived=arrived):
                    self.end([lot], self.movements.name(account), EndKind.BEYOND_LIMITS)
                    kept.append(lot._replace(piece=NO_PIECE))
                    continue
            kept.append(lot)
        return self._on_row(row, kept)

    def end(self, load: list[Lot], account: str, kind: EndKind) -> None:
        """End the followed lots here."""
        self.ends += self._ends(load, account, kind)

    def is_claim(self, load: list[Lot]) -> bool:
        """Claims stay claims also when they are no longer followed."""
        return any(lot.claim is not None for lot in load)

    def result(self) -> Trace:
        """What lies in purses is held; what has not been replayed is beyond limits."""
        cut = list(self._unfinished())
        there: list[End] = []
        for account in self.accounts.values():
            kind = EndKind.BEYOND_LIMITS if self.waiting else EndKind.HELD
            there += self._ends(list(account.pot.claims), account.name, kind)
        for row, load in self.outside.items():
            payer = self.movements.name(int(self.movements.from_account[row]))
            there += self._ends(load, payer, self.movements.channel[row])
        cut += [end for end in there if self.waiting and end.kind is EndKind.BEYOND_LIMITS]
        ends = (*self.ends, *there, *self._unfinished())
        return Trace(
            given=self.given,
            pieces=tuple(self.pieces),
            ends=ends,
            notes=self.notes(sum(end.fen for end in cut)),
            unfinished=tuple(cut),
            paused=self if self.waiting else None,
        )

    def _unfinished(self) -> Iterator[End]:
        """What is on its way, and payments that have not been looked at."""
        for row, load in self.loads.items():
            payee = self.movements.name(int(self.movements.to_account[row]))
            yield from self._ends(load, payee, EndKind.BEYOND_LIMITS)
        for _, code, row in self.waiting:
            if code == OUTSIDE and row in self.given.claim_of:
                payee = self.movements.name(int(self.movements.to_account[row]))
                fen, claim = int(self.movements.amount_fen[row]), self.given.claim_of[row]
                yield End(payee, EndKind.BEYOND_LIMITS, fen, claim, NO_PIECE)

    def _on_row(self, row: int, lots: list[Lot]) -> list[Lot]:
        """Lay the lots end to end on the row; the followed ones are its pieces."""
        at = 0
        laid: list[Lot] = []
        for lot in lots:
            piece = NO_PIECE
            if lot.piece != NO_PIECE:
                before = self.pieces[lot.piece]
                hop = before.hop + 1
                self.pieces.append(Piece(row, at, at + lot.fen, before.claim, lot.piece, hop))
                piece = len(self.pieces) - 1
            laid.append(lot._replace(piece=piece))
            at += lot.fen
        return laid

    def _ends(self, lots: list[Lot], account: str, kind: EndKind) -> list[End]:
        return [
            End(account, kind, lot.fen, lot.claim, lot.piece)
            for lot in lots
            if lot.piece != NO_PIECE and lot.claim is not None
        ]
