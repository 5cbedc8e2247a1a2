"""Which two legs may be one transfer: found by amount and by the account that one of them names."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.clocks import Clocks
from fanzha.movements.evidence import is_fee
from fanzha.movements.leg import MATCHES
from fanzha.movements.weighing import (
    MINUTE,
    clearing,
    common_clearing,
    config,
    is_usual_fee,
    most_fee,
    names,
    near,
    reasons,
    serial,
    total,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from fanzha.movements.joined import Where
    from fanzha.movements.leg import Leg

DAY = 24 * 3600


class Candidate(NamedTuple):
    """Two legs (places in the list) that may be one transfer; the smallest is the best.

    `weight` is negative; then the distance of the clocks and the order of import decide.
    """

    weight: int
    seconds: int
    order: tuple[int, int]
    out: int
    into: int
    number: bool = False
    skew: int = 0
    fee_row: bool = False


class _Places:
    """Legs by key and time."""

    def __init__(self) -> None:
        self._at: dict[tuple[object, ...], list[tuple[int, int]]] = defaultdict(list)
        self._dated: set[tuple[object, ...]] = set()

    def add(self, key: tuple[object, ...], leg: Leg, place: int) -> None:
        self._at[key].append((leg.at, place))
        if leg.time_precision == "date":
            self._dated.add(key)

    def sort(self) -> None:
        for each in self._at.values():
            each.sort()

    def around(self, key: tuple[object, ...], leg: Leg, before: int, after: int) -> Iterable[int]:
        """Places of legs in the span of seconds round the leg; the whole day without a time."""
        found = self._at.get(key)
        if not found:
            return ()
        if leg.time_precision == "date" or key in self._dated:
            before, after = max(before, DAY), max(after, DAY)
        start = bisect_left(found, (leg.at - before, -1))
        if start == len(found) or found[start][0] > leg.at + after:
            return ()
        stop = bisect_left(found, (leg.at + after + 1, -1))
        return [place for _, place in found[start:stop]]

    def alone(self) -> Iterator[tuple[tuple[object, ...], int]]:
        """Keys with exactly one leg."""
        return ((key, each[0][1]) for key, each in self._at.items() if len(each) == 1)


def _numbers(leg: Leg) -> tuple[str, ...]:
    own, others = serial(leg), clearing(leg)
    return (own, *others) if own else others


class Candidates:
    """Finds candidates among legs; `taken` are the places of legs that have their pair."""

    def __init__(
        self,
        legs: Sequence[Leg],
        banks: Mapping[str, str],
        apart: frozenset[tuple[Where, Where]],
    ) -> None:
        self.legs = legs
        self.taken: set[int] = set()
        self.seen: list[Candidate] = []
        self.settled: set[int] = set()
        self._apart = apart
        self._outs = [at for at, leg in enumerate(legs) if leg.direction == "out"]
        self._ins = [at for at, leg in enumerate(legs) if leg.direction == "in"]
        self._mirrored, self._silent, self._named = _Places(), _Places(), _Places()
        self._own_numbers = [_numbers(leg) for leg in legs]
        self._wanted = self._looked_for()
        self._numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
        for at in self._ins:
            self._index(legs[at], at)
        for places in (self._mirrored, self._silent, self._named):
            places.sort()
        self.clocks = Clocks(self._sure(), banks)

    def take(self, chosen: Iterable[Candidate]) -> None:
        """These legs have their pair."""
        for each in chosen:
            self.taken |= {each.out, each.into}

    def single(self) -> tuple[Leg, ...]:
        """The legs without a pair: those that pay first, each in the order given."""
        return tuple(self.legs[at] for at in (*self._outs, *self._ins) if at not in self.taken)

    def fitting(self) -> tuple[list[Candidate], list[Candidate]]:
        """Pairs of equal amount near in time, or with a common number: without rival, and with.

        Only the latter need weights; they are kept in `seen`.
        """
        window = config()["tolerance_seconds"] + MINUTE + self.clocks.widest
        fits: list[tuple[int, int, bool, int]] = []
        for at in self._outs:
            if at in self.taken:
                continue
            out = self.legs[at]
            near_ones = dict.fromkeys(self._numbered(at)) if self._numbers else {}
            for key, places in self._keys(out):
                near_ones |= dict.fromkeys(places.around(key, out, window, window))
            for into in near_ones:
                fit = None if into in self.taken else self._fit(at, into)
                if fit:
                    fits.append(fit)
        ways = Counter(place for out_at, into, *_ in fits for place in (out_at, into))
        clear = []
        for out_at, into, number, skew in fits:
            if ways[out_at] == ways[into] == 1:
                clear.append(Candidate(0, 0, (0, 0), out_at, into, number, skew))
            else:
                self.seen.append(self._weighed(out_at, into, number=number, skew=skew))
        return clear, self.seen

    def less_a_fee(self) -> Iterator[Candidate]:
        """What is left, mirrors fully, is near in time, and lost a fee on the way."""
        fees: dict[tuple[str, int], list[int]] = defaultdict(list)
        for at in self._outs:
            if at not in self.taken and is_fee(self.legs[at]):
                fees[self.legs[at].account, self.legs[at].amount_fen].append(self.legs[at].at)
        window = config()["tolerance_seconds"]

        def booked(leg: Leg, fee_fen: int) -> bool:
            return any(
                abs(each - leg.at) <= window for each in fees.get((leg.account, fee_fen), ())
            )

        def fits(out: Leg, into: Leg, skew: int) -> tuple[bool, bool]:
            fee = out.amount_fen - into.amount_fen
            if not 0 < fee <= most_fee(out.amount_fen) or not near(out, into, skew):
                return False, False
            row = booked(out, fee) or booked(into, fee)
            return row or is_usual_fee(fee, out.amount_fen), row

        yield from self._left(window + MINUTE + self.clocks.widest, window * 2, fits, fen=False)

    def late(self) -> Iterator[Candidate]:
        """What is left and mirrors fully within a day."""
        early, late = config()["early_seconds"], config()["late_seconds"]

        def fits(out: Leg, into: Leg, skew: int) -> tuple[bool, bool]:
            return -early <= into.at - out.at - skew <= late, False

        yield from self._left(early + self.clocks.widest, late + self.clocks.widest, fits, fen=True)

    def _index(self, leg: Leg, at: int) -> None:
        if leg.cp_kind in MATCHES:
            key = leg.account, leg.counterparty, leg.amount_fen
            if key in self._wanted:
                self._mirrored.add(key, leg, at)
            if key[1:] in self._wanted:
                self._named.add(key[1:], leg, at)
        else:
            self._silent.add((leg.account, leg.amount_fen), leg, at)
        for number in self._own_numbers[at]:
            if (number, leg.amount_fen) in self._wanted:
                self._numbers[number, leg.amount_fen].append(at)

    def _looked_for(self) -> dict[tuple[object, ...], int]:
        """Every key under which some paying leg will look, and that leg; -1 where several will."""
        wanted: dict[tuple[object, ...], int] = {}
        for at in self._outs:
            leg = self.legs[at]
            fen = leg.amount_fen
            if leg.cp_kind in MATCHES:
                key = leg.counterparty, leg.account, fen
                wanted[key] = -1 if key in wanted else at
            else:
                wanted[leg.account, fen] = -1
            for number in self._own_numbers[at]:
                wanted[number, fen] = -1
        return wanted

    def _keys(self, out: Leg) -> Iterator[tuple[tuple[object, ...], _Places]]:
        """Where legs stand that may be the other side of this one."""
        if out.cp_kind in MATCHES:
            yield (out.counterparty, out.account, out.amount_fen), self._mirrored
            yield (out.counterparty, out.amount_fen), self._silent
        else:
            yield (out.account, out.amount_fen), self._named

    def _numbered(self, out_at: int) -> Iterator[int]:
        out, span = self.legs[out_at], config()["serial_seconds"]
        for number in self._own_numbers[out_at]:
            for at in self._numbers.get((number, out.amount_fen), ()):
                if abs(self.legs[at].at - out.at) <= span:
                    yield at

    def _sure(self) -> Iterator[tuple[Leg, Leg]]:
        """Pairs that mirror fully and that no other row of their amount could disturb."""
        for key, into in self._mirrored.alone():
            if (at := self._wanted[key]) >= 0:
                yield self.legs[at], self.legs[into]

    def _fit(self, at: int, into_at: int) -> tuple[int, int, bool, int] | None:
        """Both places, a common number, the clocks' skew; None if it cannot be one transfer.

        A common serial stands for a mirror or a time that is not there; a clearing number for both.
        """
        out, into = self.legs[at], self.legs[into_at]
        if self._apart and (out.where, into.where) in self._apart:
            return None
        skew = self.clocks.skew(out, into)
        sides = names(out, into), names(into, out)
        same = out.serial_no == into.serial_no and bool(serial(out))
        number = (same and True in sides) or bool(common_clearing(out, into))
        if not number and (False in sides or True not in sides or not near(out, into, skew)):
            return None
        return at, into_at, number, skew

    def _weighed(self, at: int, into_at: int, *, number: bool, skew: int) -> Candidate:
        out, into = self.legs[at], self.legs[into_at]
        weight = total(reasons(out, into, skew=skew))
        distance, order = abs(into.at - out.at - skew), (out.order, into.order)
        return Candidate(-weight, distance, order, at, into_at, number, skew)

    def _left(
        self,
        before: int,
        after: int,
        fits: Callable[[Leg, Leg, int], tuple[bool, bool]],
        *,
        fen: bool,
    ) -> Iterator[Candidate]:
        """Candidates among legs that name each other and have no pair yet; `fen`: equal amounts."""
        places = _Places()
        for at in self._ins:
            leg = self.legs[at]
            if at not in self.taken and leg.cp_kind in MATCHES:
                places.add((leg.account, leg.counterparty, leg.amount_fen * fen), leg, at)
        places.sort()
        for at in self._outs:
            out = self.legs[at]
            if at in self.taken or out.cp_kind not in MATCHES:
                continue
            key = out.counterparty, out.account, out.amount_fen * fen
            for into_at in places.around(key, out, before, after):
                into = self.legs[into_at]
                skew = self.clocks.skew(out, into)
                fit, row = fits(out, into, skew)
                apart = self._apart and (out.where, into.where) in self._apart
                if fit and not apart:
                    weight = -total(reasons(out, into, skew=skew, fee_row=row)) if not fen else 0
                    distance, order = abs(into.at - out.at - skew), (out.order, into.order)
                    yield Candidate(weight, distance, order, at, into_at, False, skew, row)
