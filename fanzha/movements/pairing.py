"""Two witnesses of one transfer: the payer's row and the payee's row become one (R7)."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.clock import local
from fanzha.movements.leg import MATCHES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fanzha.movements.leg import Leg

TOLERANCE_SECONDS = 120
LATE_SECONDS = 24 * 3600
EARLY_SECONDS = 3600
"""An interbank transfer may arrive a day later, and a clock be wrong by minutes; such a pair is
made only of what is left over (project)."""
SERIAL_SECONDS = 3 * 24 * 3600
SHORTEST_SERIAL = 6
MINUTE = 60


class Pair(NamedTuple):
    """Both sides of a transfer. `certainty`: serial, near, ambiguous (others would fit), late."""

    payer: Leg
    payee: Leg
    certainty: str


@dataclass(frozen=True)
class Pairing:
    """Pairs, and the legs that no other leg mirrors, in the order given."""

    pairs: tuple[Pair, ...]
    single: tuple[Leg, ...]


class _Candidate(NamedTuple):
    """Sorted by: no common serial, one side silent about the other, distance, order of import."""

    no_serial: bool
    silent: bool
    seconds: int
    order: tuple[tuple[int, int], tuple[int, int]]
    out: int
    into: int


def pair(legs: Sequence[Leg]) -> Pairing:
    """Join legs one to one: equal amount, opposite direction, mirrored accounts, near in time.

    The surest and nearest first; where several would fit, the choice is still deterministic and
    marked `ambiguous`. What is left over and mirrors fully within a day is joined as `late`:
    both banks' rows would otherwise count the same money twice.
    """
    outs = [leg for leg in legs if leg.direction == "out"]
    ins = [leg for leg in legs if leg.direction == "in"]
    near = sorted(_candidates(outs, ins, late=False))
    chosen = _choose(near)
    marks = _marks(near, chosen)
    late = [each for each in sorted(_candidates(outs, ins, late=True))
            if each.out not in chosen and each.into not in chosen.values()]  # fmt: skip
    late_chosen = _choose(late)
    pairs = [Pair(outs[out], ins[into], marks[out]) for out, into in chosen.items()]
    pairs = _uncrossed(pairs)
    pairs += [Pair(outs[out], ins[into], "late") for out, into in late_chosen.items()]
    taken = {each.payer.where for each in pairs} | {each.payee.where for each in pairs}
    single = tuple(leg for leg in (*outs, *ins) if leg.where not in taken)
    return Pairing(tuple(sorted(pairs, key=lambda each: each.payer.order)), single)


def _choose(candidates: Iterable[_Candidate]) -> dict[int, int]:
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for each in candidates:
        if each.out not in chosen and each.into not in taken:
            chosen[each.out] = each.into
            taken.add(each.into)
    return chosen


def _marks(candidates: Sequence[_Candidate], chosen: dict[int, int]) -> dict[int, str]:
    by_serial = {(each.out, each.into) for each in candidates if not each.no_serial}
    outs = Counter(each.out for each in candidates)
    ins = Counter(each.into for each in candidates)
    marks = {}
    for out, into in chosen.items():
        alone = outs[out] == 1 and ins[into] == 1
        certain = "serial" if (out, into) in by_serial else "near"
        marks[out] = certain if alone or certain == "serial" else "ambiguous"
    return marks


def _candidates(outs: Sequence[Leg], ins: Sequence[Leg], *, late: bool) -> Iterator[_Candidate]:
    """Pairs that may be one transfer, found by amount and by the account that one side names."""
    places: dict[tuple[str, str, int], list[tuple[int, int]]] = defaultdict(list)
    for into, leg in enumerate(ins):
        places["at", leg.account, leg.amount_fen].append((leg.at, into))
        if leg.cp_kind in MATCHES:
            places["from", leg.counterparty, leg.amount_fen].append((leg.at, into))
    for each in places.values():
        each.sort()
    for out, leg in enumerate(outs):
        found: dict[int, None] = {}
        if leg.cp_kind in MATCHES:
            found |= _around(places.get(("at", leg.counterparty, leg.amount_fen), []), leg.at)
        found |= _around(places.get(("from", leg.account, leg.amount_fen), []), leg.at)
        for into in found:
            fit = _late(leg, ins[into]) if late else _near(leg, ins[into])
            if fit is not None:
                yield _Candidate(*fit, (leg.order, ins[into].order), out, into)


def _around(places: list[tuple[int, int]], at: int) -> dict[int, None]:
    start = bisect_left(places, (at - SERIAL_SECONDS, 0))
    stop = bisect_left(places, (at + SERIAL_SECONDS + 1, 0))
    return dict.fromkeys(into for _, into in places[start:stop])


def _near(out: Leg, into: Leg) -> tuple[bool, bool, int] | None:
    """How well two legs fit; a common serial stands for a mirror or a time that is not there."""
    sides = [_names(out, into), _names(into, out)]
    if True not in sides or out.where == into.where:
        return None
    seconds = abs(out.at - into.at)
    if _serial(out) and _serial(out) == _serial(into):
        return False, sides != [True, True], seconds
    if False in sides or not _same_time(out, into, seconds):
        return None
    return True, None in sides, seconds


def _late(out: Leg, into: Leg) -> tuple[bool, bool, int] | None:
    if not (_names(out, into) and _names(into, out)) or out.where == into.where:
        return None
    seconds = into.at - out.at
    return (True, False, abs(seconds)) if -EARLY_SECONDS <= seconds <= LATE_SECONDS else None


def _same_time(out: Leg, into: Leg, seconds: int) -> bool:
    precisions = {out.time_precision, into.time_precision}
    if "date" in precisions:
        return local(out.txn_time).date() == local(into.txn_time).date()
    return seconds <= TOLERANCE_SECONDS + (MINUTE if "minute" in precisions else 0)


def _serial(leg: Leg) -> str:
    serial = leg.serial_no
    return serial if len(serial) >= SHORTEST_SERIAL and len(set(serial)) > 1 else ""


def _names(leg: Leg, other: Leg) -> bool | None:
    """Whether `leg` names the other's account; None if it is silent or shows masked digits only."""
    if leg.cp_kind in MATCHES:
        return leg.counterparty == other.account
    if leg.cp_kind == "masked" and not _agrees(leg.cp_key, other.own_key):
        return False
    if leg.cp_name and other.holder_name and not _same_name(leg.cp_name, other.holder_name):
        return False
    return None


def _same_name(one: str, other: str) -> bool:
    """Masked and cut names contradict nothing."""
    return "*" in one + other or one.startswith(other) or other.startswith(one)


def _agrees(masked: str, number: str) -> bool:
    head, tail = masked.partition("*")[0], masked.rpartition("*")[2]
    return number.startswith(head) and number.endswith(tail)


def _uncrossed(pairs: list[Pair]) -> list[Pair]:
    """Among equal payments between the same two accounts the first sent is the first to arrive.

    Nearest-first may cross them; sorting both sides never increases the largest distance.
    """
    same: dict[tuple[object, ...], list[Pair]] = defaultdict(list)
    for each in pairs:
        key = each.payer.account, each.payee.account, each.payer.amount_fen
        same[key if each.certainty == "ambiguous" else each.payer.where].append(each)
    straight = []
    for crossed in same.values():
        payers = sorted((each.payer for each in crossed), key=lambda leg: (leg.at, leg.order))
        payees = sorted((each.payee for each in crossed), key=lambda leg: (leg.at, leg.order))
        straight += [
            Pair(payer, payee, crossed[0].certainty)
            for payer, payee in zip(payers, payees, strict=True)
        ]
    return straight
