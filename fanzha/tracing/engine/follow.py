"""`trace`: follow each victim's payment, hop by hop, to where its fen ended."""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING

from fanzha.tracing.engine.line import Line, account_line, exit_line
from fanzha.tracing.engine.model import (
    GAP_KINDS,
    HOME_CURRENCY,
    OUTSIDE,
    RULE_VERSIONS,
    EndKind,
    InputError,
)
from fanzha.tracing.engine.result import NO_PIECE, End, Piece, Trace, seeded_by_claim

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fanzha.tracing.engine.line import Overlap
    from fanzha.tracing.engine.model import Movements, Note, Seeds


def trace(
    movements: Movements,
    seeds: Seeds,
    *,
    rule: str = "fifo",
    openings: Mapping[str, int] | None = None,
    known: Collection[str] | None = None,
    gap_kinds: Mapping[str, EndKind] | None = None,
) -> Trace:
    """Trace the seeds through the movements; the ends sum to the seeds, per claim.

    `openings` is own money (fen) that lay in an account before its first row. An account outside
    `known` (None: all are known), or named in `gap_kinds`, is never followed: money ends there as
    its gap kind, else `not_queried`. The trace runs in the currency of the seeds.
    Raises InputError for a rule or a gap kind that does not exist, and for a negative opening.
    """
    gaps = dict(gap_kinds or {})
    if rule not in RULE_VERSIONS:
        raise InputError(f"there is no flow rule {rule!r}")
    if bad := sorted(set(gaps.values()) - GAP_KINDS):
        raise InputError(f"{bad[0]!r} is no kind of gap")
    if any(fen < 0 for fen in (openings or {}).values()):
        raise InputError("an opening balance is negative")
    walk = _Walk(movements, seeds, openings or {}, known, gaps)
    walk.run()
    assert walk.ended() == +seeded_by_claim(movements, seeds), "the ends do not sum to the seeds"
    return Trace(
        movements=movements,
        seeds=seeds,
        rule=rule,
        currency=walk.currency,
        pieces=tuple(walk.pieces),
        ends=tuple(walk.ends),
        notes=walk.notes(),
    )


class _Walk:
    def __init__(
        self,
        movements: Movements,
        seeds: Seeds,
        openings: Mapping[str, int],
        known: Collection[str] | None,
        gaps: Mapping[str, EndKind],
    ) -> None:
        self.movements = movements
        self.seeds = seeds
        self.openings = openings
        self.known = None if known is None else frozenset(known)
        self.gaps = gaps
        self.currency = movements.currency[seeds.rows[0]] if seeds.rows else HOME_CURRENCY
        self.seed_rows = frozenset(seeds.rows)
        self.lines: dict[int, Line] = {}
        self.pieces: list[Piece] = []
        self.ends: list[End] = []

    def run(self) -> None:
        waiting: deque[int] = deque()
        for row, claim in zip(self.seeds.rows, self.seeds.claims, strict=True):
            fen = int(self.movements.amount_fen[row])
            if fen:
                waiting.append(self._add(Piece(row, 0, fen, claim, NO_PIECE, 0)))
        while waiting:
            waiting.extend(self._arrive(waiting.popleft()))

    def ended(self) -> Counter[str]:
        sums: Counter[str] = Counter()
        for end in self.ends:
            sums[end.claim] += end.fen
        return sums

    def notes(self) -> tuple[Note, ...]:
        return tuple(sorted(note for line in self.lines.values() for note in line.notes))

    def _arrive(self, at: int) -> list[int]:
        """End the piece where its row leads out of sight, else hand it on along the line."""
        piece = self.pieces[at]
        sender = self.movements.name(int(self.movements.from_account[piece.row]))
        account = int(self.movements.to_account[piece.row])
        receiver = self.movements.name(account)
        if self.movements.currency[piece.row] != self.currency:
            return self._end(at, sender, EndKind.CURRENCY_EXCHANGE, piece.hi - piece.lo)
        if account == OUTSIDE:
            line = exit_line(self.movements, piece.row)
            return self._hand_on(at, line, sender, self.movements.channel[piece.row])
        if receiver in self.gaps or (self.known is not None and receiver not in self.known):
            kind = self.gaps.get(receiver, EndKind.NOT_QUERIED)
            return self._end(at, receiver, kind, piece.hi - piece.lo)
        return self._hand_on(at, self._line(account), receiver, EndKind.HELD)

    def _hand_on(self, at: int, line: Line, account: str, resting: EndKind) -> list[int]:
        piece = self.pieces[at]
        onward: list[int] = []
        for overlap in line.onward(piece.row, piece.lo, piece.hi):
            kind = self._end_kind(piece, overlap, resting)
            if kind is not None:
                self._end(at, account, kind, overlap.fen)
                continue
            assert overlap.outflow is not None
            hi = overlap.lo + overlap.fen
            next_piece = Piece(overlap.outflow, overlap.lo, hi, piece.claim, at, piece.hop + 1)
            onward.append(self._add(next_piece))
        return onward

    def _end_kind(self, piece: Piece, overlap: Overlap, resting: EndKind) -> EndKind | None:
        """Why these fen go no further; None if the outflow carries them."""
        if overlap.outflow is None:
            return resting
        if overlap.outflow < piece.row:
            return EndKind.OVERDRAFT
        if overlap.outflow in self.seed_rows:
            return EndKind.RETURNED_TO_VICTIM
        return None

    def _line(self, account: int) -> Line:
        if account not in self.lines:
            opening_fen = self.openings.get(self.movements.name(account), 0)
            self.lines[account] = account_line(
                self.movements, account, opening_fen=opening_fen, currency=self.currency
            )
        return self.lines[account]

    def _add(self, piece: Piece) -> int:
        self.pieces.append(piece)
        return len(self.pieces) - 1

    def _end(self, at: int, account: str, kind: EndKind, fen: int) -> list[int]:
        self.ends.append(End(account, kind, fen, self.pieces[at].claim, at))
        return []
