"""`rolling_pro_rata`: every outflow takes the same fraction of every lot.

Shares are exact fractions while there are few transfers, else floating point: a share is then the
result of at most four roundings per transfer that carries claim money, each off by at most 2**-53
of what was paid; the stated deviation is twice their sum, rounded up to a whole fen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.mixture import Mixture
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE, EndKind
from fanzha.tracing.engine.replay import Account, Replay
from fanzha.tracing.engine.result import (
    EXACT,
    NO_PIECE,
    End,
    Exactness,
    Piece,
    RowShare,
    Trace,
    seeded_by_claim,
)
from fanzha.tracing.engine.rounding import apportion

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from fanzha.tracing.engine.given import Given

Share = Fraction | float
EXACT_TRANSFERS: Final = 2_000
"""Above so many transfers that carry claim money the denominators grow too long."""
ROUNDINGS: Final = 4


class Kind(NamedTuple):
    """What distinguishes lots: only what limits and reversals ask for, else one lot holds all."""

    row: int
    hop: int
    arrived: int


@dataclass
class Lot:
    """The followed claims of one kind of lot, and all money in it (`fen`, own money included)."""

    fen: Share = 0
    claims: dict[str, Share] = field(default_factory=dict)


class Load(dict[Kind, Lot]):
    """Lots on one row, or on their way to it."""


class Pool:
    """What an account holds: its balance (below 0: its debt), and in it the lots of claims."""

    def __init__(self) -> None:
        self.balance = 0
        self.lots: dict[Kind, Lot] = {}


class ProRata(Replay[Pool, Load]):
    """The replay with pools. `exact`: fractions; else floating point."""

    def __init__(self, given: Given, *, exact: bool) -> None:
        super().__init__(given)
        self.number: type[Fraction | float] = Fraction if exact else float
        self.events = 0
        self.ends: dict[tuple[str, EndKind, str], Share] = {}
        self.since: dict[tuple[str, EndKind, str], int] = {}
        self.shares: dict[int, dict[str, Share]] = {}
        self.hops: dict[int, int] = {}
        self.near: dict[int, int] = {}
        self.part = 0.0
        self.mixture = Mixture()

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Replay; more transfers than fractions can bear make it start again in floating point."""
        try:
            return super().go_on(stop)
        except _TooLong:
            return ProRata(self.given, exact=False).go_on(stop)

    def new_pot(self) -> Pool:
        """Make an empty pool."""
        return Pool()

    def payment(self, row: int) -> Load:
        """The whole payment is one lot of its claim."""
        claim, fen = self.given.claim_of[row], self.number(int(self.movements.amount_fen[row]))
        self.shares[row] = {claim: fen}
        self.hops[row] = 0
        return Load({self._kind(row, 0): Lot(fen, {claim: fen})})

    def receive(
        self,
        account: Account[Pool],
        row: int,
        fen: int,
        load: Load | None,
        back_with: Collection[int] = (),
    ) -> None:
        """Let every arriving lot fill the same fraction of the debt; keep the rest."""
        pool = account.pot
        fills = min(max(-pool.balance, 0), fen)
        pool.balance += fen
        if load is not None:
            self.near[account.code] = min(
                self.near.get(account.code, self.hops[row]), self.hops[row]
            )
            self.mixture.arrive(row, account.code, fills / fen)
        elif row in self.movements.reversals_of:
            load = Load({self._kind(row, 0): Lot(self.number(fen))})
        lots = load or Load()
        if fills:
            self.end(_scaled(lots, fills, fen), account.name, EndKind.OVERDRAFT)
            lots = _scaled(lots, fen - fills, fen)
        for kind, lot in lots.items():
            _add(pool.lots, kind, lot)
        for claim, _ in _claims(lots):
            self.since.setdefault((account.name, EndKind.HELD, claim), self.now)

    def release(self, account: Account[Pool], row: int, fen: int) -> tuple[Load, int]:
        """Take the original's lots, then the same fraction of everything; the rest is a debt."""
        pool, original = account.pot, int(self.movements.reverses[row])
        load = Load()
        taken: Share = 0
        if original != NO_ROW:
            mine = [kind for kind in pool.lots if kind.row == original]
            there = sum((pool.lots[kind].fen for kind in mine), start=self.number(0))
            taken = min(there, fen)
            for kind in mine:
                self._move(pool, load, kind, taken, there)
        rest, before = fen - taken, max(pool.balance, 0) - taken
        self.part = float(min(rest, before) / before) if before else 0.0
        for kind in list(pool.lots) if before else ():
            self._move(pool, load, kind, min(rest, before), before)
        pool.balance -= fen
        return load, ceil(rest) if original != NO_ROW else 0

    def take_back(self, load: Load, row: int, fen: int) -> Load:
        """Take the same fraction of all that left by the exit."""
        there = sum((lot.fen for lot in load.values()), start=self.number(0))
        taken = min(there, fen)
        back, rest = _scaled(load, taken, there), _scaled(load, there - taken, there)
        load.clear()
        load.update(rest)
        return back

    def carry(self, account: int, row: int, load: Load) -> Load:
        """Put what is followed on the row; end what a limit cuts."""
        self.events += 1
        if self.number is Fraction and self.events > EXACT_TRANSFERS:
            raise _TooLong
        kept = Load()
        for kind, lot in load.items():
            if not lot.claims or self.may_follow(row, hop=kind.hop + 1, arrived=kind.arrived):
                kept[kind] = lot
            else:
                name = self.movements.name(account)
                self.end(Load({kind: lot}), name, EndKind.BEYOND_LIMITS)
        cut = 1 - float(_claimed(kept) / _claimed(load))
        self.mixture.leave(row, account, self.part, cut)
        outside = self.movements.from_account[row] == OUTSIDE
        before = self.hops[int(self.movements.reverses[row])] if outside else self.near[account]
        self.hops[row] = before + 1
        return self._on_row(row, kept)

    def end(self, load: Load, account: str, kind: EndKind) -> None:
        """Add the followed claims of a load to one end."""
        for claim, share in _claims(load):
            name = (account, kind, claim)
            self.since.setdefault(name, self.now)
            self.ends[name] = self.ends.get(name, self.number(0)) + share

    def is_claim(self, load: Load) -> bool:
        """Tell whether any claim is followed on the load."""
        return any(share for _, share in _claims(load))

    def result(self) -> Trace:
        """What lies in pools is held; what has not been replayed is beyond limits."""
        pieces, ends = tuple(self._pieces()), tuple(self._rounded_ends())
        cut = [end for end in ends if self.waiting and end.kind is EndKind.BEYOND_LIMITS]
        return Trace(
            given=self.given,
            pieces=pieces,
            ends=ends,
            notes=self.notes(sum(end.fen for end in cut)),
            exactness=self._exactness(),
            mixed=Mixed(self.given, pieces, self.mixture, self._resting()),
            unfinished=tuple(cut),
            paused=self if self.waiting else None,
        )

    def _resting(self) -> EndKind:
        return EndKind.BEYOND_LIMITS if self.waiting else EndKind.HELD

    def _kind(self, row: int, hop: int) -> Kind:
        limits = self.given.limits
        return Kind(
            row if row in self.movements.reversals_of else NO_ROW,
            hop if limits.max_hops is not None else 0,
            self.arrival_time(row) if limits.hop_window is not None else 0,
        )

    def _on_row(self, row: int, load: Load) -> Load:
        """Make the lots those of the row, one hop further."""
        laid = Load()
        carried = self.shares.setdefault(row, {})
        for kind, lot in load.items():
            _add(laid, self._kind(row, kind.hop + 1), lot)
            for claim, share in lot.claims.items():
                carried[claim] = carried.get(claim, self.number(0)) + share
        if row in self.movements.reversals_of:
            # A reversal of this row would take its lots whole, own money included.
            known = sum((lot.fen for lot in laid.values()), start=self.number(0))
            own = int(self.movements.amount_fen[row]) - known
            _add(laid, self._kind(row, 0), Lot(own))
        return laid

    def _move(self, pool: Pool, load: Load, kind: Kind, part: Share, whole: Share) -> None:
        """Move `part / whole` of a lot from the pool to the load."""
        lots = Load({kind: pool.lots.pop(kind)})
        for name, lot in _scaled(lots, part, whole).items():
            _add(load, name, lot)
        if part < whole:
            pool.lots |= _scaled(lots, whole - part, whole)

    def _all_ends(self) -> dict[tuple[str, EndKind, str], Share]:
        ends = dict(self.ends)
        resting = self._resting()
        found = [(each.name, resting, Load(each.pot.lots)) for each in self.accounts.values()]
        name, payee, payer = (
            self.movements.name,
            self.movements.to_account,
            self.movements.from_account,
        )
        for row, load in self.loads.items():
            found.append((name(int(payee[row])), EndKind.BEYOND_LIMITS, load))
        for row, load in self.outside.items():
            found.append((name(int(payer[row])), self.movements.channel[row], load))
        for _, code, row in self.waiting:
            if code == NO_ROW:
                fen, claim = int(self.movements.amount_fen[row]), self.given.claim_of[row]
                lot = Lot(fen, {claim: self.number(fen)})
                found.append(
                    (name(int(payee[row])), EndKind.BEYOND_LIMITS, Load({Kind(0, 0, 0): lot}))
                )
        for account, kind, load in found:
            for claim, share in _claims(load):
                at = (account, kind, claim)
                ends[at] = ends.get(at, self.number(0)) + share
        return ends

    def _rounded_ends(self) -> Iterator[End]:
        """Round per claim, so that the ends of every claim sum to what it paid."""
        ends = self._all_ends()
        for claim, paid in seeded_by_claim(self.movements, self.given.seeds).items():
            mine = [(account, kind) for account, kind, of in ends if of == claim]
            mine.sort(key=lambda end: self._came((*end, claim)))
            fens = apportion(paid, [ends[account, kind, claim] for account, kind in mine])
            for (account, kind), fen in zip(mine, fens, strict=True):
                if fen:
                    yield End(account, kind, fen, claim, NO_PIECE)

    def _came(self, end: tuple[str, EndKind, str]) -> int:
        """When money of a claim first came to an end; what was cut short lay there before."""
        held = (end[0], EndKind.HELD, end[2])
        return self.since.get(end, self.since.get(held, self.now))

    def _pieces(self) -> Iterator[Piece]:
        """Round per row, own money included, and lay the claims end to end."""
        order = {claim: at for at, claim in enumerate(dict.fromkeys(self.given.seeds.claims))}
        for row in sorted(self.shares):
            shares = sorted(self.shares[row].items(), key=lambda share: order[share[0]])
            fen = int(self.movements.amount_fen[row])
            own = max(fen - sum(share for _, share in shares), self.number(0))
            at = 0
            for (claim, _), part in zip(
                shares, apportion(fen, [*(share for _, share in shares), own]), strict=False
            ):
                if part:
                    yield Piece(row, at, at + part, claim, NO_PIECE, self.hops.get(row, 0))
                    at += part

    def _exactness(self) -> Exactness:
        if self.number is Fraction:
            return EXACT
        paid = sum(seeded_by_claim(self.movements, self.given.seeds).values())
        return Exactness("bounded", paid * 2 * ROUNDINGS * self.events / 2**53)


@dataclass(frozen=True)
class Mixed:
    """How the money went: a row's claims are rounded pieces, which have no parents."""

    given: Given
    pieces: tuple[Piece, ...]
    mixture: Mixture
    resting: EndKind

    def shares(self) -> list[RowShare]:
        """The traced part of every row, in `seq` order."""
        sums: dict[int, dict[str, int]] = {}
        for piece in self.pieces:
            sums.setdefault(piece.row, {})[piece.claim] = piece.hi - piece.lo
        return [
            RowShare(row, sum(claims.values()), dict(sorted(claims.items())))
            for row, claims in sums.items()
        ]

    def fates(
        self, claims: Collection[str] | None
    ) -> Mapping[int, Mapping[tuple[str, EndKind], int]]:
        """Split the traced part of every row by the ends that a fen of it came to."""
        mixed = self.mixture.fates(self.given, self.resting)
        found: dict[int, dict[tuple[str, EndKind], int]] = {}
        for share in self.shares():
            parts = mixed[share.row]
            fen = sum(n for claim, n in share.by_claim.items() if not claims or claim in claims)
            whole = sum(parts.values())
            fens = apportion(fen, [part * fen / whole for part in parts.values()])
            found[share.row] = {end: n for end, n in zip(parts, fens, strict=True) if n}
        return found

    def hops(self) -> Iterable[tuple[int, int]]:
        """Rows that carry traced money, each with the least hop that it has."""
        return [(piece.row, piece.hop) for piece in self.pieces]


class _TooLong(Exception):
    """Too many transfers for exact fractions."""


def _scaled(load: Load, part: Share, whole: Share) -> Load:
    """Multiply every lot by `part / whole`."""
    return Load(
        {
            kind: Lot(
                lot.fen * part / whole,
                {claim: share * part / whole for claim, share in lot.claims.items()},
            )
            for kind, lot in load.items()
            if part
        }
    )


def _add(lots: dict[Kind, Lot], kind: Kind, lot: Lot) -> None:
    there = lots.setdefault(kind, Lot(lot.fen * 0))
    there.fen += lot.fen
    for claim, share in lot.claims.items():
        there.claims[claim] = there.claims.get(claim, share * 0) + share


def _claims(load: Load) -> Iterator[tuple[str, Share]]:
    for lot in load.values():
        yield from lot.claims.items()


def _claimed(load: Load) -> Share:
    return sum((share for _, share in _claims(load)), start=0)
