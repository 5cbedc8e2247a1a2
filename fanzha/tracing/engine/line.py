"""One account as a line of fen: which outflow carries which fen of which inflow.

Under `fifo` the oldest fen leave first, under `lifo` the newest. Either way the fen of the inflows
are matched with those of the outflows once, for all seeds: nothing here depends on them. What
no outflow takes is still there; what came later than its outflow filled an overdraft.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.lots import Lots
from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW, Note, NoteKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from fanzha.tracing.engine.model import Movements

OWN: Final = -1
"""The row of money that no row brought: an opening balance, or a missing inflow."""


class Span(NamedTuple):
    """Fen `lo..hi` of a row."""

    row: int
    lo: int
    hi: int


class Match(NamedTuple):
    """Fen `lo..hi` of an inflow and the outflow that carries them; None: they are still there.

    They are the outflow's fen from `at` on, in their own order, or turned round if `turned`.
    `late`: they came later than the outflow left, and filled the overdraft that it made.
    """

    lo: int
    hi: int
    outflow: int | None
    at: int
    turned: bool
    late: bool

    def part(self, lo: int, hi: int) -> Match:
        """Narrow to fen `lo..hi` of the inflow."""
        lo, hi = max(lo, self.lo), min(hi, self.hi)
        skipped = self.hi - hi if self.turned else lo - self.lo
        return self._replace(lo=lo, hi=hi, at=self.at + skipped)


@dataclass(frozen=True)
class Line:
    """The matches of each inflow in order of its fen, and what was found on the way."""

    matches: Mapping[int, list[Match]]
    notes: tuple[Note, ...] = ()

    def onward(self, row: int, lo: int, hi: int) -> Iterator[Match]:
        """Where fen `lo..hi` of inflow `row` went, in their own order."""
        matches = self.matches[row]
        for match in matches[bisect_right(matches, lo, key=attrgetter("hi")) :]:
            if match.lo >= hi:
                return
            yield match.part(lo, hi)


def exit_line(movements: Movements, row: int, *, newest_first: bool) -> Line:
    """Lay the far side of a row that leaves the account world: only its reversals draw on it."""
    till = Till(newest_first=newest_first)
    till.receive(row, int(movements.amount_fen[row]))
    for reversal in movements.reversals_of.get(row, []):
        till.pay(reversal, int(movements.amount_fen[reversal]))
    return Line(till.close())


def account_line(
    movements: Movements, account: int, *, opening_fen: int, currency: str, newest_first: bool
) -> Line:
    """Lay the line of one account in one currency."""
    book = Book(movements, account, currency)
    till = Till(newest_first=newest_first)
    till.receive(OWN, opening_fen)
    book.receive(opening_fen)
    for row in movements.rows_touching(account):
        entry = book.enter(row)
        till.receive(OWN, entry.missing)
        if entry.inflow:
            till.receive(row, entry.inflow, movements.back_with(row))
        rest = entry.outflow
        if rest and movements.reverses[row] != NO_ROW:
            rest -= till.pay_from(int(movements.reverses[row]), row, rest)
            if rest:
                book.note(NoteKind.REVERSAL_SHORT, row, rest)
        till.pay(row, rest, at=entry.outflow - rest)
    book.note_same_time()
    return Line(till.close(), tuple(sorted(book.notes)))


class Entry(NamedTuple):
    """What one row moves in one account: fen of the trace's currency, after `missing` came in."""

    inflow: int
    outflow: int
    missing: int


class Book:
    """The sums of one account, row by row, whoever's money it is.

    It knows how much a row moves in the currency of the trace, what stated balances prove to be
    missing, and where they depart from the rows.
    """

    def __init__(self, movements: Movements, account: int, currency: str) -> None:
        self.movements = movements
        self.account = account
        self.currency = currency
        self.balance = 0
        self.elsewhere: Counter[str] = Counter()
        self.disagreement = 0
        self.notes: list[Note] = []

    def receive(self, fen: int) -> None:
        """Count money that no row brought."""
        self.balance += fen

    def enter(self, row: int) -> Entry:
        """Count one row; rows are entered in order of their events in the account."""
        movements = self.movements
        inward = movements.to_account[row] == self.account
        if movements.currency[row] != self.currency:
            return self._other_currency(row, inward=bool(inward))
        fen = int(movements.amount_fen[row])
        stated = int((movements.balance_to_fen if inward else movements.balance_from_fen)[row])
        missing = 0
        if inward:
            if movements.time_to[row] < movements.time[row]:
                self.note(NoteKind.ARRIVES_BEFORE_LEAVING, row, fen)
            self.balance += fen
        else:
            missing = self._missing(row, fen, stated)
            self.balance += missing - fen
        self._compare(row, stated)
        return Entry(fen, 0, 0) if inward else Entry(0, fen, missing)

    def note(self, kind: NoteKind, row: int, fen: int) -> None:
        """Keep a finding on a row."""
        self.notes.append(Note(row, kind, self.movements.name(self.account), fen))

    def note_same_time(self) -> None:
        """File order decides between rows of one time; once per account is enough."""
        time = self.movements.time
        for before, row in pairwise(self.movements.rows_touching(self.account)):
            if time[before] == time[row]:
                self.note(NoteKind.SAME_TIME, row, 0)
                return

    def _missing(self, row: int, fen: int, stated: int) -> int:
        """Count a shortage as a missing inflow as far as the balance stated after it proves so."""
        short = fen - self.balance
        missing = max(min(short, short + stated), 0) if stated != NO_BALANCE else 0
        if missing:
            self.note(NoteKind.MISSING, row, missing)
        overdrawn = fen - max(self.balance + missing, 0)
        if overdrawn > 0:
            self.note(NoteKind.OVERDRAFT, row, overdrawn)
        return missing

    def _other_currency(self, row: int, *, inward: bool) -> Entry:
        """Money in another currency pays for itself; only what exceeds it was exchanged.

        The rate is not known, so the excess counts at face value, and never overdraws the account.
        """
        currency, fen = self.movements.currency[row], int(self.movements.amount_fen[row])
        if inward:
            self.elsewhere[currency] += fen
            return Entry(0, 0, 0)
        own = min(fen, self.elsewhere[currency])
        self.elsewhere[currency] -= own
        exchanged = min(fen - own, max(self.balance, 0))
        if exchanged:
            self.note(NoteKind.CURRENCY_EXCHANGE, row, exchanged)
            self.balance -= exchanged
        return Entry(0, exchanged, 0)

    def _compare(self, row: int, stated: int) -> None:
        """Note where the bank's balance departs from the running sum, and by how much more."""
        if stated == NO_BALANCE:
            return
        difference = stated - self.balance
        if difference != self.disagreement:
            self.note(NoteKind.BALANCE_DISAGREES, row, difference - self.disagreement)
            self.disagreement = difference


class Till:
    """The fen that lie in one account, in the order in which they leave; or its debts."""

    def __init__(self, *, newest_first: bool) -> None:
        self.newest_first = newest_first
        self.lots: Lots[Span] = Lots()
        self.debts: deque[Span] = deque()
        self.matches: dict[int, list[Match]] = {}

    def receive(self, row: int, fen: int, back_with: Collection[int] = ()) -> None:
        """Fill debts with the first fen; lay the others where their turn comes last.

        What a reversal brings back leaves next: it lies in front, behind what the reversals
        `back_with` of the same original brought before. Under `lifo` that is its place anyway.
        """
        at = 0
        while self.debts and at < fen:
            debt = self.debts.popleft()
            end = min(at + debt.hi - debt.lo, fen)
            self._match(row, Match(at, end, debt.row, debt.lo, turned=False, late=True))
            if debt.lo + end - at < debt.hi:
                self.debts.appendleft(debt._replace(lo=debt.lo + end - at))
            at = end
        if at == fen:
            return
        if back_with and not self.newest_first:
            self.lots.put_in_front([Span(row, at, fen)], back_with)
        else:
            self.lots.append(Span(row, at, fen))

    def pay(self, row: int, fen: int, *, at: int = 0) -> None:
        """Let outflow `row` take `fen` as its fen from `at` on; what is not there is a debt."""
        while fen and self.lots:
            name = self.lots.end(newest=self.newest_first)
            lot = self.lots.lot(name)
            rest = self._take(lot, row, fen, at)
            self.lots.leave(name, rest)
            if rest is not None:
                return
            fen -= lot.hi - lot.lo
            at += lot.hi - lot.lo
        if fen:
            self.debts.append(Span(row, at, at + fen))

    def pay_from(self, original: int, row: int, fen: int) -> int:
        """Let a reversal take what is left of its original, up to `fen`; how much it was."""
        taken = 0
        names = self.lots.of_row(original)
        for name in reversed(names) if self.newest_first else names:
            if taken == fen:
                break
            lot = self.lots.lot(name)
            self.lots.leave(name, self._take(lot, row, fen - taken, taken))
            taken += min(lot.hi - lot.lo, fen - taken)
        return taken

    def close(self) -> dict[int, list[Match]]:
        """All matches by inflow, in order of its fen, including what is still there."""
        for lot in self.lots:
            self._match(lot.row, Match(lot.lo, lot.hi, None, 0, turned=False, late=False))
        for matches in self.matches.values():
            matches.sort()
        return self.matches

    def _take(self, lot: Span, row: int, fen: int, at: int) -> Span | None:
        """Match up to `fen` of the lot with the outflow; the rest of the lot, if any."""
        width = min(fen, lot.hi - lot.lo)
        middle = lot.hi - width if self.newest_first else lot.lo + width
        lo, hi = (middle, lot.hi) if self.newest_first else (lot.lo, middle)
        self._match(lot.row, Match(lo, hi, row, at, turned=self.newest_first, late=False))
        if width == lot.hi - lot.lo:
            return None
        return Span(lot.row, lot.lo, lo) if self.newest_first else Span(lot.row, hi, lot.hi)

    def _match(self, row: int, match: Match) -> None:
        if row != OWN:
            self.matches.setdefault(row, []).append(match)
