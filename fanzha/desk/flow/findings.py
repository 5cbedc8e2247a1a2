"""What stands out in a fund flow: key accounts, loops, one holder's accounts, ways between two.

All of it is read off the picture that is drawn, so that every find can be pointed at. Pure.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine import row_shares

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fanzha.desk.flow.picture import Edge, Picture
    from fanzha.desk.flow.sheet import Entry, Sheet

TOP: Final = 5
MOST_WAYS: Final = 12
MOST_STEPS: Final = 20_000
"""A search for ways ends after so many steps and says that there may be more."""


@dataclass(frozen=True)
class Way:
    """Nodes from the first to the last; `fen` is what its narrowest edge carries."""

    nodes: tuple[str, ...]
    fen: int


@dataclass(frozen=True)
class Ways:
    """The ways between two nodes, shortest first; `more` when the search was cut."""

    found: tuple[Way, ...]
    more: bool


@dataclass(frozen=True)
class Findings:
    """Entries that stand out: most money, most victims, most left there; loops; same holders."""

    largest: tuple[Entry, ...]
    shared: tuple[tuple[Entry, int], ...]
    sinks: tuple[Entry, ...]
    loops: tuple[Way, ...]
    same_holder: tuple[tuple[str, tuple[Entry, ...]], ...]


def findings(sheet: Sheet) -> Findings:
    """Find what stands out in the picture."""
    open_ones = [entry for entry in sheet.entries if not entry.closed]
    accounts = [entry for entry in open_ones if entry.node.kind == "account"]
    ends = [entry for entry in open_ones if entry.node.here_fen]
    victims = _victims(sheet)
    shared = [(e, victims[e.node.id]) for e in accounts if victims[e.node.id] > 1]
    return Findings(
        tuple(sorted(accounts, key=lambda e: -e.node.received_fen)[:TOP]),
        tuple(sorted(shared, key=lambda found: -found[1])[:TOP]),
        tuple(sorted(ends, key=lambda e: -e.node.here_fen)[:TOP]),
        loops(sheet.picture),
        _same_holder(accounts),
    )


def loops(picture: Picture) -> tuple[Way, ...]:
    """The shortest round of every edge that leads back, each round once, largest first."""
    found: dict[frozenset[str], Way] = {}
    for edge in picture.edges:
        if picture.by_id[edge.target].column > picture.by_id[edge.source].column:
            continue
        way = shortest(picture, edge.target, edge.source)
        if way is not None and len(way.nodes) > 1:
            round_ = Way((*way.nodes, edge.target), min(way.fen, edge.fen))
            found.setdefault(frozenset(round_.nodes), round_)
    return tuple(sorted(found.values(), key=lambda each: (-each.fen, each.nodes))[:MOST_WAYS])


def shortest(picture: Picture, source: str, target: str) -> Way | None:
    """The way with fewest transfers; None when there is none."""
    after = _after(picture)
    came: dict[str, Edge] = {}
    waiting, seen = deque([source]), {source}
    while waiting:
        here = waiting.popleft()
        if here == target:
            return _way(came, source, target)
        for edge in after[here]:
            if edge.target not in seen:
                seen.add(edge.target)
                came[edge.target] = edge
                waiting.append(edge.target)
    return None


def ways(picture: Picture, source: str, target: str) -> Ways:
    """Every way from one node to another that meets no node twice, shortest first."""
    after = _after(picture)
    found: list[Way] = []
    waiting: deque[tuple[tuple[str, ...], int]] = deque([((source,), 0)])
    steps = 0
    while waiting and len(found) < MOST_WAYS and steps < MOST_STEPS:
        nodes, fen = waiting.popleft()
        for edge in after[nodes[-1]]:
            steps += 1
            least = min(fen, edge.fen) if fen else edge.fen
            if edge.target == target:
                found.append(Way((*nodes, target), least))
            elif edge.target not in nodes:
                waiting.append(((*nodes, edge.target), least))
    return Ways(tuple(found[:MOST_WAYS]), bool(waiting) or len(found) > MOST_WAYS)


def _after(picture: Picture) -> Mapping[str, list[Edge]]:
    after: dict[str, list[Edge]] = defaultdict(list)
    for edge in sorted(picture.edges, key=lambda each: (-each.fen, each.id)):
        after[edge.source].append(edge)
    return after


def _way(came: Mapping[str, Edge], source: str, target: str) -> Way:
    edges = list(_back(came, source, target))
    fen = min((edge.fen for edge in edges), default=0)
    return Way((source, *(edge.target for edge in reversed(edges))), fen)


def _back(came: Mapping[str, Edge], source: str, target: str) -> Iterator[Edge]:
    here = target
    while here != source:
        yield came[here]
        here = came[here].source


def _victims(sheet: Sheet) -> Mapping[str, int]:
    """By node, how many victims' money came to it."""
    of_claim = {claim: each.id for each in sheet.victims for claim in each.claims}
    of_row = {s.row: {of_claim[c] for c in s.by_claim} for s in row_shares(sheet.flow.trace)}
    return {
        node.id: len(set().union(*(of_row.get(row, set()) for row in node.in_rows)))
        for node in sheet.picture.nodes
    }


def _same_holder(accounts: list[Entry]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Holders with several accounts; a name alone proves nobody, so it is a hint."""
    held: dict[str, list[Entry]] = defaultdict(list)
    for entry in accounts:
        if entry.account and entry.account.holder:
            held[entry.account.holder].append(entry)
    return tuple((name, tuple(found)) for name, found in held.items() if len(found) > 1)
