"""Bipartite: a layer of accounts that pays a layer of others; stack: several layers in a row.

Connected layers are webs: every account of a layer pays, or is paid by, at least two of the other.
Lines that only run side by side are told apart (`connected` is False): the published schemes call
them so too, but there it is the case that joins them, not the money.
"""

from __future__ import annotations

from collections import Counter, deque
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.shapes.model import by_payee, by_payer, total
from fanzha.tracing.shapes.words import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fanzha.tracing.shapes.model import Arc, Network, Shape

LINE_HOPS = 2
"""Transfers in each line of a stack whose lines run side by side."""


class Web(NamedTuple):
    """A layer that pays another: its rows in `seq` order, and the accounts of both."""

    arcs: list[Arc]
    payers: dict[int, None]
    payees: dict[int, None]


def layers(network: Network) -> Iterator[Shape]:
    """All webs; those that hand on to each other are one stack."""
    webs = [web for arcs in _pieces(network, network.arcs) for web in _webs(network, arcs)]
    after = {at: _next_web(network, webs, at) for at in range(len(webs))}
    begun = set(range(len(webs))) - {at for at in after.values() if at is not None}
    for at in sorted(begun):
        chain, nxt = [at], after[at]
        while nxt is not None and nxt not in chain:
            chain.append(nxt)
            nxt = after[nxt]
        yield _shape(network, [webs[one] for one in chain])


def _shape(network: Network, chain: Sequence[Web]) -> Shape:
    rows = [arc for web in chain for arc in web.arcs]
    kind = Kind.STACK if len(chain) > 1 else Kind.BIPARTITE
    sides = [chain[0].payers, *(web.payees for web in chain)]
    return network.shape(kind, sides, rows, total(chain[-1].arcs))


def _webs(network: Network, arcs: list[Arc]) -> Iterator[Web]:
    """Peel a piece of the network down to its webs; a pause or an account on both sides cuts."""
    for episode in network.episodes(arcs):
        core = _core(network, episode)
        payers, payees = {arc.payer for arc in core}, {arc.payee for arc in core}
        if both := payers & payees:
            one_sided = [arc for arc in core if arc.payer not in both and arc.payee not in both]
            if network.spend(len(one_sided)):
                for piece in _pieces(network, one_sided):
                    yield from _webs(network, piece)
        elif core and len(core) == len(arcs):
            ends = dict.fromkeys(arc.payer for arc in core), dict.fromkeys(a.payee for a in core)
            yield Web(core, *ends)
        elif core and network.spend(len(core)):
            for piece in _pieces(network, core):
                yield from _webs(network, piece)


def _core(network: Network, arcs: Iterable[Arc]) -> list[Arc]:
    """Leave only accounts that pay, or are paid by, enough others."""
    least, pairs = network.bounds.least_branches, {(arc.payer, arc.payee) for arc in arcs}
    while True:
        paying, paid = Counter(payer for payer, _ in pairs), Counter(payee for _, payee in pairs)
        kept = {pair for pair in pairs if paying[pair[0]] >= least and paid[pair[1]] >= least}
        if len(kept) == len(pairs) or not network.spend(len(pairs)):
            break
        pairs = kept
    return [arc for arc in arcs if (arc.payer, arc.payee) in kept]


def _pieces(network: Network, arcs: Sequence[Arc]) -> list[list[Arc]]:
    """Cut into parts without a common payer or payee; one account can be both, in two parts."""
    outs, ins = by_payer(arcs), by_payee(arcs)
    seen: set[Arc] = set()
    pieces = []
    for first in arcs:
        if first in seen:
            continue
        piece, waiting = [], deque([first])
        seen.add(first)
        while waiting:
            arc = waiting.popleft()
            piece.append(arc)
            # Each account is opened once: its list is emptied when it has been looked through.
            near = [*outs.pop(arc.payer, ()), *ins.pop(arc.payee, ())]
            fresh = [other for other in dict.fromkeys(near) if other not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        pieces.append(sorted(piece))
    return pieces


def _next_web(network: Network, webs: Sequence[Web], at: int) -> int | None:
    """The web that most accounts paid in this one pay on to, after they were paid."""
    best: tuple[int, int] | None = None
    for other, web in enumerate(webs):
        shared = [code for code in webs[at].payees if code in web.payers]
        if other == at or len(shared) < network.bounds.least_branches:
            continue
        on_time = sum(_hands_on(network, webs[at], web, code) for code in shared)
        if on_time >= network.bounds.least_branches and (best is None or on_time > best[0]):
            best = on_time, other
    return None if best is None else best[1]


def _hands_on(network: Network, web: Web, other: Web, code: int) -> bool:
    came = [arc for arc in web.arcs if arc.payee == code]
    gone = [arc for arc in other.arcs if arc.payer == code]
    return all(network.linked(came, gone)) and network.passes(gone, came)


def lines(network: Network) -> Iterator[Shape]:
    """Lines of one or two transfers that touch nowhere: bipartite, stack, not connected."""
    groups: dict[int, list[list[Arc]]] = {}
    for line in _lines(_trunks(network)):
        if all(network.close(a, b) for a, b in pairwise(line)):
            groups.setdefault(len(line), []).append(line)
    for hops, kind in ((LINE_HOPS, Kind.STACK), (1, Kind.BIPARTITE)):
        found = sorted(groups.get(hops, []))
        for first in network.episodes([line[0] for line in found]):
            begun = set(first)
            rows = [line for line in found if line[0] in begun]
            flat = [arc for line in rows for arc in line]
            if network.enough(len(rows), flat):
                sides = [[line[0].payer for line in rows]]
                sides += [[line[hop].payee for line in rows] for hop in range(hops)]
                fen = total(line[-1] for line in rows)
                yield network.shape(kind, sides, flat, fen, connected=False)


def _trunks(network: Network) -> list[Arc]:
    """The victims' payments, and rows that carry on most of the largest row before them."""
    kept: list[Arc] = []
    largest: dict[int, int] = {}
    for arc in network.arcs:
        if arc.row in network.payments or 2 * arc.fen >= largest.get(arc.payer, 0):
            kept.append(arc)
        largest[arc.payee] = max(largest.get(arc.payee, 0), arc.fen)
    return kept


def _lines(arcs: Sequence[Arc]) -> Iterator[list[Arc]]:
    """The lines without branches that touch no other row; a round is no line."""
    outs, ins = by_payer(arcs), by_payee(arcs)
    straight = {
        code
        for code in {*outs, *ins}
        if len(outs.get(code, ())) <= 1 and len(ins.get(code, ())) <= 1
    }
    for first in arcs:
        if first.payer in ins or first.payer not in straight:
            continue
        line = [first]
        while line[-1].payee in outs and line[-1].payee in straight:
            line.append(outs[line[-1].payee][0])
        in_time = all(a.row < b.row for a, b in pairwise(line))
        if line[-1].payee in straight and in_time:
            yield line
