"""Two witnesses of one transfer: the payer's row and the payee's row become one (R7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.candidates import Candidate, Candidates
from fanzha.movements.joined import Match, OpenGroup, Reason
from fanzha.movements.weighing import config, memo, reasons, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fanzha.movements.clocks import Clock
    from fanzha.movements.joined import Where
    from fanzha.movements.leg import Leg


class Judged(NamedTuple):
    """What persons decided: (payer's row, payee's row) that are, and that are not, one transfer."""

    same: frozenset[tuple[Where, Where]] = frozenset()
    apart: frozenset[tuple[Where, Where]] = frozenset()


UNJUDGED = Judged()


class Pair(NamedTuple):
    """Both sides of a transfer.

    `certainty`: decided (by a person), serial, near, fee (less arrived), ambiguous (other ways
    weigh as much), late. `fee_fen` was taken off on the way.
    """

    payer: Leg
    payee: Leg
    certainty: str
    skew: int = 0
    fee_row: bool = False

    @property
    def fee_fen(self) -> int:
        """What left the payer and did not arrive."""
        return self.payer.amount_fen - self.payee.amount_fen

    @property
    def match(self) -> Match:
        """The pair with its reasons, for a person."""
        found = reasons(self.payer, self.payee, skew=self.skew, fee_row=self.fee_row)
        if self.certainty == "decided":
            found.insert(0, Reason("decided", config()["weights"]["decided"], {}))
        sides = self.payer.where, self.payee.where
        return Match(*sides, self.certainty, total(found), tuple(found), self.fee_fen)


@dataclass(frozen=True)
class Pairing:
    """Pairs by the payer's place, the legs that nothing mirrors, groups left for a person.

    `missing` counts decisions whose rows are not there.
    """

    pairs: tuple[Pair, ...]
    single: tuple[Leg, ...]
    open: tuple[OpenGroup, ...] = ()
    clocks: tuple[Clock, ...] = ()
    missing: int = 0


def pair(
    legs: Sequence[Leg], *, judged: Judged = UNJUDGED, banks: Mapping[str, str] | None = None
) -> Pairing:
    """Join legs one to one: opposite direction, fitting amount, accounts and time.

    Decisions come first, then what weighs most (weighing.reasons). Where several ways weigh about
    as much, one still counts, so that no money counts twice; it is marked `ambiguous` and the
    group is listed for a person. What is left over and mirrors fully is joined if a fee explains
    the difference, or as `late` within a day.
    """
    found = Candidates(legs, banks or {}, judged.apart)
    pairs, missing = _decided(found, judged)
    clear, contested = found.fitting()
    chosen = _choose(contested)
    marks = _marks(found, chosen)
    marks |= {each.out: "serial" if each.number else "near" for each in clear}
    chosen += clear
    found.take(chosen)
    joined = [
        Pair(found.legs[each.out], found.legs[each.into], marks[each.out], each.skew)
        for each in chosen
    ]
    pairs += _uncrossed(joined)
    for certainty, left in (("fee", found.less_a_fee), ("late", found.late)):
        chosen = _choose(left())
        found.take(chosen)
        pairs += [
            Pair(found.legs[each.out], found.legs[each.into], certainty, each.skew, each.fee_row)
            for each in chosen
        ]
    pairs.sort(key=lambda each: each.payer.order)
    clocks = tuple(sorted(found.clocks.known.values()))
    return Pairing(tuple(pairs), found.single(), _open(found, marks, joined), clocks, missing)


def _decided(found: Candidates, judged: Judged) -> tuple[list[Pair], int]:
    if not judged.same:
        return [], 0
    place = {leg.where: at for at, leg in enumerate(found.legs)}
    pairs, missing = [], 0
    for out, into in sorted(judged.same):
        if out in place and into in place:
            found.taken |= {place[out], place[into]}
            payer, payee = found.legs[place[out]], found.legs[place[into]]
            pairs.append(Pair(payer, payee, "decided", found.clocks.skew(payer, payee)))
        else:
            missing += 1
    return pairs, missing


def _choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The weightiest first, each leg once."""
    taken: set[int] = set()
    chosen = []
    for each in sorted(candidates):
        if each.out not in taken and each.into not in taken:
            chosen.append(each)
            taken |= {each.out, each.into}
    return chosen


def _marks(found: Candidates, chosen: Sequence[Candidate]) -> dict[int, str]:
    """How sure each chosen pair is, by the payer's leg."""
    found.settled |= {leg for each in chosen if each.number for leg in (each.out, each.into)}
    best: dict[int, list[int]] = defaultdict(list)
    for each in found.seen:
        if found.settled.isdisjoint((each.out, each.into)):
            best[each.out].append(-each.weight)
            best[each.into].append(-each.weight)
    marks = {}
    for each in chosen:
        if each.number:
            marks[each.out] = "serial"
            continue
        rivals = [sorted(best[leg], reverse=True)[1:2] for leg in (each.out, each.into)]
        second = max((weight for rival in rivals for weight in rival), default=None)
        sure = second is None or -each.weight - second >= config()["margin"]
        marks[each.out] = "near" if sure else "ambiguous"
    return marks


def _open(
    found: Candidates, marks: Mapping[int, str], joined: Sequence[Pair]
) -> tuple[OpenGroup, ...]:
    """The groups of legs that hang together by ways of about the same weight."""
    doubtful = {leg for leg, mark in marks.items() if mark == "ambiguous"}
    if not doubtful:
        return ()
    ways = [each for each in found.seen if found.settled.isdisjoint((each.out, each.into))]
    top: dict[int, int] = {}

    def root(leg: int) -> int:
        top.setdefault(leg, leg)
        while top[leg] != leg:
            top[leg] = leg = top[top[leg]]
        return leg

    for each in ways:
        top[root(each.out)] = root(each.into)
    grouped: dict[int, list[Candidate]] = defaultdict(list)
    for each in ways:
        grouped[root(each.out)].append(each)
    chosen = {each.payer.where: each.payee.where for each in joined}
    wanted = {root(leg) for leg in doubtful}
    return tuple(_group(found.legs, sorted(grouped[each]), chosen) for each in sorted(wanted))


def _group(
    legs: Sequence[Leg], ways: Sequence[Candidate], chosen: Mapping[Where, Where]
) -> OpenGroup:
    outs = [legs[at] for at in dict.fromkeys(each.out for each in ways)]
    ins = [legs[at] for at in dict.fromkeys(each.into for each in ways)]
    same = {(leg.account, leg.amount_fen) for leg in outs}, {leg.account for leg in ins}
    return OpenGroup(
        payers=tuple(sorted(leg.where for leg in outs)),
        payees=tuple(sorted(leg.where for leg in ins)),
        ways=tuple(
            Pair(legs[each.out], legs[each.into], "ambiguous", each.skew).match for each in ways
        ),
        chosen=tuple((leg.where, chosen[leg.where]) for leg in outs if leg.where in chosen),
        alike=len(outs) == len(ins) and all(len(each) == 1 for each in same),
    )


def _uncrossed(pairs: list[Pair]) -> list[Pair]:
    """Among equal payments between the same two accounts the first sent is the first to arrive.

    Nearest-first may cross them; sorting both sides never increases the largest distance.
    """
    same: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    straight = []
    for each in pairs:
        payer, payee = each.payer, each.payee
        if each.certainty == "ambiguous":
            key = payer.account, payee.account, payer.amount_fen, memo(payer), memo(payee)
            same[key].append(each)
        else:
            straight.append(each)
    for crossed in same.values():
        payers = sorted((each.payer for each in crossed), key=lambda leg: (leg.at, leg.order))
        payees = sorted((each.payee for each in crossed), key=lambda leg: (leg.at, leg.order))
        straight += [
            each._replace(payer=payer, payee=payee)
            for each, payer, payee in zip(crossed, payers, payees, strict=True)
        ]
    return straight
