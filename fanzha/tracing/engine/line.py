"""One account as a line of fen: first-in-first-out is an overlap of intervals.

The inflows of an account lie end to end on a line in `seq` order, its outflows end to end on the
same line. An outflow carries the inflow money that it overlaps, if that came earlier; what came
later filled an overdraft. Nothing here depends on the seeds, so each line is laid once.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW, Note, NoteKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fanzha.tracing.engine.model import Movements

OWN: Final = -1
"""The row of money that no row brought: an opening balance, or a missing inflow."""


class Segment(NamedTuple):
    """Fen `lo..hi` of inflow `row`, as they lie on the line."""

    row: int
    lo: int
    hi: int


class Overlap(NamedTuple):
    """Fen of an inflow and the outflow that overlaps them, there from `lo`; None: still there."""

    outflow: int | None
    lo: int
    fen: int


@dataclass(frozen=True)
class Line:
    """Where each inflow's fen lie, and the outflows over them.

    `places[row]` holds (lo, hi, start on the line); `begins` are the starts of `outflows`.
    """

    places: dict[int, list[tuple[int, int, int]]]
    outflows: list[int]
    begins: list[int]
    out_fen: int
    notes: tuple[Note, ...] = ()

    def onward(self, row: int, lo: int, hi: int) -> Iterator[Overlap]:
        """Where fen `lo..hi` of inflow `row` went, in their own order."""
        for first, last, start in self.places[row]:
            at = start + max(lo, first) - first
            stop = start + min(hi, last) - first
            while at < stop:
                overlap = self._at(at, stop)
                yield overlap
                at += overlap.fen

    def _at(self, at: int, stop: int) -> Overlap:
        if at >= self.out_fen:
            return Overlap(None, 0, stop - at)
        k = bisect_right(self.begins, at) - 1
        end = self.begins[k + 1] if k + 1 < len(self.begins) else self.out_fen
        return Overlap(self.outflows[k], at - self.begins[k], min(stop, end) - at)


def exit_line(movements: Movements, row: int) -> Line:
    """Lay the far side of a row that leaves the account world: only its reversals draw on it."""
    amounts = movements.amount_fen
    reversals = movements.reversals_of.get(row, [])
    begins, out_fen = [], 0
    for reversal in reversals:
        begins.append(out_fen)
        out_fen += int(amounts[reversal])
    return Line({row: [(0, int(amounts[row]), 0)]}, list(reversals), begins, out_fen)


def account_line(movements: Movements, account: int, *, opening_fen: int, currency: str) -> Line:
    """Lay the line of one account in one currency."""
    builder = _Builder(movements, account, currency)
    builder.receive(OWN, opening_fen)
    return builder.build()


class _Builder:
    """Walks the rows of one account in `seq` order and lays its line.

    Only a reversal needs more than two running sums: it cuts the line where the outflows have
    come to (`head`, at `head_at` on the line) and puts segments in there.
    """

    def __init__(self, movements: Movements, account: int, currency: str) -> None:
        self.movements = movements
        self.account = account
        self.currency = currency
        self.segments: list[Segment] = []
        self.outflows: list[int] = []
        self.begins: list[int] = []
        self.in_fen = 0
        self.out_fen = 0
        self.head = 0
        self.head_at = 0
        self.elsewhere: Counter[str] = Counter()
        self.disagreement = 0
        self.notes: list[Note] = []

    def build(self) -> Line:
        rows = self.movements.rows_touching(self.account)
        for row in rows:
            if self.movements.currency[row] != self.currency:
                self._other_currency(row)
            elif self.movements.to_account[row] == self.account:
                self._inflow(row)
            else:
                self._outflow(row)
        self._note_same_time(rows)
        return Line(_places(self.segments), self.outflows, self.begins, self.out_fen, self._notes())

    def receive(self, row: int, fen: int, *, in_front: bool = False) -> None:
        """Lay an inflow at the end of the line, or in front of what is still there."""
        if not fen:
            return
        at = self._cut() if in_front else len(self.segments)
        self.segments.insert(at, Segment(row, 0, fen))
        self.in_fen += fen

    def _inflow(self, row: int) -> None:
        back = int(self.movements.reverses[row]) != NO_ROW
        self.receive(row, int(self.movements.amount_fen[row]), in_front=back)
        self._compare(row, int(self.movements.balance_to_fen[row]))

    def _outflow(self, row: int) -> None:
        fen = int(self.movements.amount_fen[row])
        stated = int(self.movements.balance_from_fen[row])
        self._fill_what_is_missing(row, fen, stated)
        original = int(self.movements.reverses[row])
        if original != NO_ROW:
            short = fen - self._bring_forward(original, fen)
            if short:
                self._note(NoteKind.REVERSAL_SHORT, row, short)
        self._pay(row, fen)
        self._compare(row, stated)

    def _fill_what_is_missing(self, row: int, fen: int, stated: int) -> None:
        """Count a shortage as a missing inflow as far as the balance stated after it proves so."""
        short = self.out_fen + fen - self.in_fen
        proven = min(short, short + stated) if stated != NO_BALANCE else 0
        if proven > 0:
            self.receive(OWN, proven)
            self._note(NoteKind.MISSING, row, proven)
        overdrawn = self.out_fen + fen - max(self.in_fen, self.out_fen)
        if overdrawn > 0:
            self._note(NoteKind.OVERDRAFT, row, overdrawn)

    def _pay(self, row: int, fen: int) -> None:
        self.outflows.append(row)
        self.begins.append(self.out_fen)
        self.out_fen += fen

    def _other_currency(self, row: int) -> None:
        """Money in another currency pays for itself; only what exceeds it was exchanged.

        The rate is not known, so the excess counts at face value, and never overdraws the line.
        """
        currency, fen = self.movements.currency[row], int(self.movements.amount_fen[row])
        if self.movements.to_account[row] == self.account:
            self.elsewhere[currency] += fen
            return
        own = min(fen, self.elsewhere[currency])
        self.elsewhere[currency] -= own
        exchanged = min(fen - own, max(self.in_fen - self.out_fen, 0))
        if exchanged:
            self._pay(row, exchanged)
            self._note(NoteKind.CURRENCY_EXCHANGE, row, exchanged)

    def _cut(self) -> int:
        """Cut the line where the outflows have come to; the index of the first segment after."""
        while self.head < len(self.segments):
            segment = self.segments[self.head]
            width = segment.hi - segment.lo
            if self.head_at + width > self.out_fen:
                break
            self.head, self.head_at = self.head + 1, self.head_at + width
        if self.head < len(self.segments) and self.head_at < self.out_fen:
            segment = self.segments[self.head]
            middle = segment.lo + self.out_fen - self.head_at
            self.segments[self.head : self.head + 1] = [
                segment._replace(hi=middle),
                segment._replace(lo=middle),
            ]
            self.head, self.head_at = self.head + 1, self.out_fen
        return self.head

    def _bring_forward(self, original: int, fen: int) -> int:
        """Move what is left of the original's fen, up to `fen`, to the front; how much it was."""
        at = self._cut()
        taken: list[Segment] = []
        rest: list[Segment] = []
        wanted = fen
        for segment in self.segments[at:]:
            width = min(wanted, segment.hi - segment.lo) if segment.row == original else 0
            middle = segment.lo + width
            if width:
                taken.append(segment._replace(hi=middle))
                wanted -= width
            if middle < segment.hi:
                rest.append(segment._replace(lo=middle))
        self.segments[at:] = taken + rest
        return fen - wanted

    def _compare(self, row: int, stated: int) -> None:
        """Note where the bank's balance departs from the running sum, and by how much more."""
        if stated == NO_BALANCE:
            return
        difference = stated - (self.in_fen - self.out_fen)
        if difference != self.disagreement:
            self._note(NoteKind.BALANCE_DISAGREES, row, difference - self.disagreement)
            self.disagreement = difference

    def _note(self, kind: NoteKind, row: int, fen: int) -> None:
        self.notes.append(Note(row, kind, self.movements.name(self.account), fen))

    def _note_same_time(self, rows: Sequence[int]) -> None:
        """File order decides between rows of one time; once per account is enough."""
        time = self.movements.time
        for before, row in pairwise(rows):
            if time[before] == time[row]:
                self._note(NoteKind.SAME_TIME, row, 0)
                return

    def _notes(self) -> tuple[Note, ...]:
        return tuple(sorted(self.notes))


def _places(segments: Sequence[Segment]) -> dict[int, list[tuple[int, int, int]]]:
    places: dict[int, list[tuple[int, int, int]]] = {}
    start = 0
    for row, lo, hi in segments:
        if row != OWN:
            places.setdefault(row, []).append((lo, hi, start))
        start += hi - lo
    return places
