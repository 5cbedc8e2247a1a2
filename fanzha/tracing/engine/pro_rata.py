"""`rolling_pro_rata`: every outflow takes the same fraction of every lot.

Shares are exact while there are few transfers, else floating point. Floating point only multiplies,
divides and adds shares that are not negative, so that after `n` events, five roundings each, a
share is off by at most `5 n / 2**53` of itself: of what was paid. A reversal takes a difference:
there the same part of what lay in the account comes on top.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine.mix import Mix, Part
from fanzha.tracing.engine.mixture import Mixture, outside
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
    from fanzha.tracing.engine.rounding import Number

EXACT_TRANSFERS: Final = 2_000
"""Above so many transfers that carry claim money the denominators grow too long."""
ROUNDINGS: Final = 5
NO_HOP: Final = 2**62
"""The hop of own money."""


class Pool:
    """What an account holds: its balance (below 0: its debt), and in it the claims.

    Own money is a part of the mix only where a reversal may ask for it.
    """

    def __init__(self, unit: Number) -> None:
        self.balance = 0
        self.mix = Mix(unit)


class ProRata(Replay[Pool, Mix]):
    """The replay with pools; exact, or in floating point."""

    def __init__(self, given: Given, *, exact: bool) -> None:
        super().__init__(given)
        self.unit: Number = 1 if exact else 1.0
        self.order = {claim: at for at, claim in enumerate(dict.fromkeys(given.seeds.claims))}
        self.transfers = 0
        self.events = 0
        self.taken_back = 0
        self.largest = 0
        self.ends: dict[tuple[str, EndKind], Mix] = {}
        self.since: dict[tuple[str, EndKind, str | None], int] = {}
        """When a claim first came to where it may end: rounding prefers what came first."""
        self.pieces: dict[int, list[Piece]] = {}
        self.hops: dict[int, int] = {}
        self.mixture = Mixture()

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Replay; more transfers than can be exact make it start again in floating point."""
        try:
            return super().go_on(stop)
        except _TooLong:
            return ProRata(self.given, exact=False).go_on(stop)

    def new_pot(self) -> Pool:
        """Make an empty pool."""
        return Pool(self.unit)

    def payment(self, row: int) -> Mix:
        """The whole payment is its claim's."""
        claim, fen = self.given.claim_of[row], int(self.movements.amount_fen[row])
        load = self._whole(row, claim, 0)
        self.pieces[row] = [Piece(row, 0, fen, claim, NO_PIECE, 0)]
        self.hops[row] = 0
        return load

    def receive(
        self,
        account: Account[Pool],
        row: int,
        fen: int,
        load: Mix | None,
        back_with: Collection[int] = (),
    ) -> None:
        """Let every arriving part fill the same fraction of the debt; a mixture has no front."""
        pool = account.pot
        fills = min(max(-pool.balance, 0), fen)
        pool.balance += fen
        self.events += 1
        self.largest = max(self.largest, pool.balance)
        if load is not None:
            self.mixture.arrive(row, account.code, fills / fen)
        elif row in self.movements.reversals_of:
            load = self._whole(row, None, NO_HOP)
        if load is None:
            return
        if fills:
            self.end(load.take(fills, fen), account.name, EndKind.OVERDRAFT)
        self._came(load, account.name, EndKind.HELD)
        pool.mix.add(load)

    def release(self, account: Account[Pool], row: int, fen: int) -> tuple[Mix, int]:
        """Take the original's parts, then the same fraction of everything; the rest is a debt."""
        pool, original = account.pot, int(self.movements.reverses[row])
        there: Number = max(pool.balance, 0)
        rest: Number = fen
        short, load = 0, Mix(self.unit)
        if original != NO_ROW:
            load = pool.mix.pick(lambda part: part.row == original)
            there, rest = self._take_first(pool, load, there, fen)
            short = ceil(rest / load.unit)
        if there > 0:
            self.mixture.part = min(rest / there, 1.0)
            load.add(pool.mix.take(min(rest, there), there))
        if original != NO_ROW:
            self.mixture.part = _fraction(load, pool.mix)
        if row in self.given.claim_of and self.is_claim(load):
            self.mixture.give_back(row, account.code)
        pool.balance -= fen
        self.events += 1
        return load, short

    def _take_first(self, pool: Pool, load: Mix, there: Number, fen: int) -> tuple[Number, Number]:
        """Leave at most `fen` in the load; what is there beside it and still to take, in units."""
        self.taken_back += 1
        mine, wanted = load.total(), fen * load.unit
        if mine <= wanted:
            return there * load.unit - mine, wanted - mine
        kept = load.take(mine - wanted, mine)
        pool.mix.add(kept)
        return 0, 0

    def take_back(self, load: Mix, row: int, fen: int) -> Mix:
        """Take the same fraction of all that left by the exit."""
        total = load.total()
        self.mixture.part = min(fen * load.unit / total, 1.0) if total else 0.0
        back = load.take(fen * load.unit, total)
        if row in self.given.claim_of:
            self.mixture.give_back(row, outside(int(self.movements.reverses[row])))
        return back

    def carry(self, account: int, row: int, load: Mix) -> Mix:
        """Put what is followed on the row; end what a limit cuts."""
        self.transfers += 1
        if self.unit.__class__ is int and self.transfers > EXACT_TRANSFERS:
            raise _TooLong
        load.pick(lambda part: part.claim is None)
        before = load.total()
        cut = load.pick(
            lambda part: not self.may_follow(row, hop=part.hop + 1, arrived=part.arrived)
        )
        if cut.parts:
            self.end(cut, self.movements.name(account), EndKind.BEYOND_LIMITS)
        from_outside = self.movements.from_account[row] == OUTSIDE
        place = outside(int(self.movements.reverses[row])) if from_outside else account
        self.mixture.leave(row, place, 1 - load.total() / before)
        self._round(row, load)
        if load.parts:
            self.hops[row] = 1 + min(load.hops.values())
        further = [(part, self._part(row, part.claim, part.hop + 1)) for part in load.parts]
        laid = load.relabelled(further, hops=1)
        if row in self.movements.reversals_of:
            # A reversal of this row would take its parts whole, own money included.
            own = int(self.movements.amount_fen[row]) * laid.unit - laid.total()
            laid.put(self._part(row, None, 0), max(own, 0), NO_HOP)
        return laid

    def end(self, load: Mix, account: str, kind: EndKind) -> None:
        """Add the followed claims of a load to one end."""
        self._came(load, account, kind)
        self.ends.setdefault((account, kind), Mix(self.unit)).add(_by_claim(load))

    def is_claim(self, load: Mix) -> bool:
        """Tell whether any claim is followed on the load."""
        return any(part.claim is not None for part in load.parts)

    def result(self) -> Trace:
        """What lies in pools is held; what has not been replayed is beyond limits."""
        pieces = tuple(piece for row in sorted(self.pieces) for piece in self.pieces[row])
        ends = tuple(self._rounded_ends())
        cut = [end for end in ends if self.waiting and end.kind is EndKind.BEYOND_LIMITS]
        return Trace(
            given=self.given,
            pieces=pieces,
            ends=ends,
            notes=self.notes(sum(end.fen for end in cut)),
            exactness=self._exactness(),
            mixed=Mixed(self.given, pieces, dict(self.hops), self.mixture, self._resting()),
            unfinished=tuple(cut),
            paused=self if self.waiting else None,
        )

    def _resting(self) -> EndKind:
        return EndKind.BEYOND_LIMITS if self.waiting else EndKind.HELD

    def _part(self, row: int, claim: str | None, hop: int) -> Part:
        limits = self.given.limits
        return Part(
            claim,
            row if row in self.movements.reversals_of else NO_ROW,
            hop if limits.max_hops is not None else 0,
            self.arrival_time(row) if limits.hop_window is not None else 0,
        )

    def _whole(self, row: int, claim: str | None, hop: int) -> Mix:
        """The whole amount of a row is one owner's."""
        mix, fen = Mix(self.unit), int(self.movements.amount_fen[row])
        mix.put(self._part(row, claim, 0), fen * mix.unit, hop)
        return mix

    def _came(self, load: Mix, account: str, kind: EndKind) -> None:
        for part in load.parts:
            self.since.setdefault((account, kind, part.claim), self.now)

    def _round(self, row: int, load: Mix) -> None:
        """Round the claims on a row, its own money included, which comes last in ties."""
        claims, fen = _by_claim(load), int(self.movements.amount_fen[row])
        order = sorted(claims.parts, key=lambda part: self.order[str(part.claim)])
        amounts = [claims.parts[part] for part in order]
        amounts.append(max(fen * claims.unit - sum(amounts), 0))
        at, found = 0, []
        for part, share in zip(
            order, apportion(fen, amounts, [claims.unit] * len(amounts)), strict=False
        ):
            if share and part.claim is not None:
                hop = claims.hops[part] + 1
                found.append(Piece(row, at, at + share, part.claim, NO_PIECE, hop))
                at += share
        self.pieces[row] = found

    def _all_ends(self) -> dict[tuple[str, EndKind], Mix]:
        """Add what has not ended yet."""
        found: dict[tuple[str, EndKind], Mix] = {}
        for (account, kind), mix in self._lying():
            found.setdefault((account, kind), Mix(self.unit)).add(_by_claim(mix))
        return found

    def _lying(self) -> Iterator[tuple[tuple[str, EndKind], Mix]]:
        name, movements = self.movements.name, self.movements
        yield from self.ends.items()
        for account in self.accounts.values():
            yield (account.name, self._resting()), account.pot.mix
        for row, load in self.loads.items():
            yield (name(int(movements.to_account[row])), EndKind.BEYOND_LIMITS), load
        for row, load in self.outside.items():
            yield (name(int(movements.from_account[row])), movements.channel[row]), load
        for _, code, row in self.waiting:
            if code == OUTSIDE and row in self.given.claim_of:
                load = self._whole(row, self.given.claim_of[row], 0)
                yield (name(int(movements.to_account[row])), EndKind.BEYOND_LIMITS), load

    def _rounded_ends(self) -> Iterator[End]:
        """Round per claim, so that the ends of every claim sum to what it paid."""
        of: dict[str, list[tuple[int, tuple[str, EndKind], Number, Number]]] = {}
        for place, mix in self._all_ends().items():
            for part, n in mix.parts.items():
                if part.claim is not None:
                    since = self._since((*place, part.claim))
                    of.setdefault(part.claim, []).append((since, place, n, mix.unit))
        for claim, paid in seeded_by_claim(self.movements, self.given.seeds).items():
            found = sorted(of.get(claim, []), key=lambda each: each[0])
            fens = apportion(paid, [n for _, _, n, _ in found], [unit for *_, unit in found])
            for (_, (account, kind), _, _), fen in zip(found, fens, strict=True):
                if fen:
                    yield End(account, kind, fen, claim, NO_PIECE)

    def _since(self, end: tuple[str, EndKind, str]) -> int:
        """When a claim first came to an end; what was not replayed lay in its account before."""
        held = (end[0], EndKind.HELD, end[2])
        return self.since.get(end, self.since.get(held, self.now))

    def _exactness(self) -> Exactness:
        """State by how much a figure may be off: one fen by rounding, and what floats lose."""
        if self.unit.__class__ is int:
            return EXACT
        paid = sum(seeded_by_claim(self.movements, self.given.seeds).values())
        scale = paid + self.taken_back * self.largest
        return Exactness("bounded", 1 + scale * ROUNDINGS * self.events / 2**52)


@dataclass(frozen=True)
class Mixed:
    """How the money went: a row's claims are rounded pieces, which have no parents."""

    given: Given
    pieces: tuple[Piece, ...]
    least_hops: Mapping[int, int]
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
            mine = [n for claim, n in share.by_claim.items() if claims is None or claim in claims]
            parts, fen = mixed[share.row], sum(mine)
            whole = sum(parts.values())
            fens = apportion(fen, [part * fen for part in parts.values()], [whole] * len(parts))
            found[share.row] = {end: n for end, n in zip(parts, fens, strict=True) if n}
        return found

    def hops(self) -> Iterable[tuple[int, int]]:
        """Rows that carry traced money, each with the least hop that it has.

        Among them are those whose share is rounded to nothing.
        """
        return self.least_hops.items()


class _TooLong(Exception):
    """Too many transfers to be exact."""


def _fraction(taken: Mix, left: Mix) -> float:
    """The part of all claims that was taken."""
    mine, others = (
        sum(n for part, n in mix.parts.items() if part.claim is not None) / mix.unit
        for mix in (taken, left)
    )
    return mine / (mine + others) if mine else 0.0


def _by_claim(mix: Mix) -> Mix:
    """The claims of a mix, whatever limits and reversals ask."""
    if all(part == (part.claim, NO_ROW, 0, 0) for part in mix.parts):
        return mix
    claims = [part for part in mix.parts if part.claim is not None]
    return mix.relabelled((part, Part(part.claim, NO_ROW, 0, 0)) for part in claims)
