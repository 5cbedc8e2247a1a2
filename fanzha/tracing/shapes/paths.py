"""Cycles 回流, and scatter-gather: money that takes several ways and comes together again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fanzha.tracing.shapes.model import by_payee, by_payer, total
from fanzha.tracing.shapes.words import PAIRS_LEFT_OUT, Kind, Note

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fanzha.tracing.shapes.model import Arc, Network, Shape

    Way = tuple[list[Arc], list[Arc]]


def cycles(network: Network) -> Iterator[Shape]:
    """Money comes back to the account that it left: rows in order of time, without long pauses.

    Every row carries a fair part of the first. Cycles over the same accounts are one shape.
    """
    arcs = _with_both_ends(network.arcs)
    outs = by_payer(arcs)
    rounds: dict[tuple[int, ...], list[tuple[Arc, ...]]] = {}
    for first in arcs:
        for way in _returns(network, first, outs):
            accounts = tuple(arc.payer for arc in way)
            rounds.setdefault(_turned(accounts), []).append(way)
    for ways in rounds.values():
        rows = {arc for way in ways for arc in way}
        back = {way[-1] for way in ways}
        layers = [[arc.payer] for arc in ways[0]]
        yield network.shape(Kind.CYCLE, layers, rows, total(back))


def _with_both_ends(arcs: Sequence[Arc]) -> list[Arc]:
    """Leave out, again and again, the rows of accounts that only pay or are only paid."""
    outs, ins = by_payer(arcs), by_payee(arcs)
    paying, paid = Counter(arc.payer for arc in arcs), Counter(arc.payee for arc in arcs)
    ended = [code for code in {**outs, **ins} if not (paying[code] and paid[code])]
    left = set(arcs)
    while ended:
        code = ended.pop()
        for arc in left.intersection([*outs.get(code, ()), *ins.get(code, ())]):
            left.discard(arc)
            paying[arc.payer] -= 1
            paid[arc.payee] -= 1
            ended += [arc.payer] if not paying[arc.payer] else []
            ended += [arc.payee] if not paid[arc.payee] else []
    return sorted(left)


def _turned(accounts: tuple[int, ...]) -> tuple[int, ...]:
    """The same round, begun at its smallest code."""
    at = accounts.index(min(accounts))
    return accounts[at:] + accounts[:at]


def _returns(network: Network, first: Arc, outs: dict[int, list[Arc]]) -> Iterator[tuple[Arc, ...]]:
    """Follow one row in order of time, each account by the newest way, to where it came from.

    Of every round over the same accounts the first one is enough.
    """
    rounds: set[tuple[int, ...]] = set()
    ways: dict[int, tuple[Arc, ...]] = {first.payee: (first,)}
    for arc in _onward(network, first, outs):
        way = ways.get(arc.payer)
        if way is None or not network.close(way[-1], arc) or len(way) == network.bounds.most_hops:
            continue
        if not network.passes([arc], [first]):
            continue
        if arc.payee == first.payer:
            accounts = tuple(step.payer for step in way)
            if accounts not in rounds:
                rounds.add(accounts)
                yield (*way, arc)
        elif all(arc.payee not in (step.payer, step.payee) for step in way):
            ways[arc.payee] = (*way, arc)


def _onward(network: Network, first: Arc, outs: dict[int, list[Arc]]) -> list[Arc]:
    """The rows after `first` out of all accounts that it leads to, in `seq` order."""
    seen, waiting = {first.payer, first.payee}, [first.payee]
    rows: list[Arc] = []
    while waiting:
        there = outs.get(waiting.pop(), [])
        if not network.spend(len(there)):
            return []
        later = [arc for arc in there if arc.row > first.row]
        rows += later
        for arc in later:
            if arc.payee not in seen:
                seen.add(arc.payee)
                waiting.append(arc.payee)
    return sorted(rows)


def scatter_gathers(network: Network) -> Iterator[Shape]:
    """One account pays several, and each of them soon pays the same other account (or it back).

    Along every way the two sums are alike: each is a fair part of the other.
    """
    ways: dict[tuple[int, int], dict[int, Way]] = {}
    crowded = 0
    for middle, ins in network.ins.items():
        payers, payees = by_payer(ins), by_payee(network.outs.get(middle, ()))
        pairs = len(payers) * len(payees)
        if pairs > network.bounds.most_pairs:
            crowded += 1
            continue
        if not network.spend(pairs):
            break
        for source, into in payers.items():
            for target, out in payees.items():
                if way := _way(network, into, out):
                    ways.setdefault((source, target), {})[middle] = way
    if crowded:
        network.notes.append(Note(PAIRS_LEFT_OUT, {"count": crowded}))
    for (source, target), middles in ways.items():
        if len(middles) >= network.bounds.least_branches:
            yield from _scatter_gather(network, source, target, middles)


def _way(network: Network, into: list[Arc], out: list[Arc]) -> Way | None:
    """The rows of one way, in time: what came in before a row out soon after it."""
    came, gone = network.linked(into, out)
    if came and network.passes(gone, came) and network.passes(came, gone):
        return came, gone
    return None


def _scatter_gather(
    network: Network, source: int, target: int, middles: dict[int, Way]
) -> Iterator[Shape]:
    for first in network.episodes(sorted(arc for came, _ in middles.values() for arc in came)):
        paid = {arc.payee for arc in first}
        if len(paid) < network.bounds.least_branches:
            continue
        last = [arc for middle in paid for arc in middles[middle][1] if arc.row > first[0].row]
        layers = [[source], [arc.payee for arc in first], [target]]
        yield network.shape(Kind.SCATTER_GATHER, layers, [*first, *last], total(last))
