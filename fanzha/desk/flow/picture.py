"""The fund flow as nodes and edges (资金流向图): who got what from whom, split by fate. Pure.

Every fen is counted where it went and where it lies: at each node what came in is what went out
plus what stays there, for each fate. Positions are the matter of `placing`.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from fanzha.desk.flow.fates import EXITS, FATE_OF_END, IN_THE_ACCOUNT, Fate, share
from fanzha.desk.flow.piles import piles_of
from fanzha.tracing.engine import fates
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE, EndKind
from fanzha.tracing.engine.result import NO_PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from fanzha.tracing.engine import Trace

Part = TypeVar("Part", Fate, str)
MOST_NODES = 200
"""Nobody reads more; what is smaller is drawn as one node per column."""
AT_FIRST = 64
"""So many are drawn until somebody asks for more."""
ID_BYTES = 9

Key = tuple[str, ...]
"""What a node stands for: ("victim", v), ("account", a), ("exit", a, kind), ("others", column) …"""


class Band(StrEnum):
    """The strips of an edge from the upper edge down."""

    HELD = "held"
    TRANSIT = "transit"
    UNKNOWN = "unknown"
    GONE = "gone"
    RETURNED = "returned"


BAND_OF = {
    Fate.STOPPED: Band.HELD,
    Fate.FROZEN: Band.HELD,
    Fate.TRANSIT: Band.TRANSIT,
    Fate.UNKNOWN: Band.UNKNOWN,
    Fate.GONE: Band.GONE,
    Fate.RETURNED: Band.RETURNED,
}
STAYS = IN_THE_ACCOUNT | {"missing", "overdraft", "beyond_limits", "returned_to_victim"}
"""Ends without a transfer of their own: the money is shown at the account."""


@dataclass
class Node:
    """A victim, an account, an exit, or a pile of small ones. Sums in fen, `rows` of the trace.

    `members` are the accounts of a pile with what each received; `here` is what ended at it by
    fate, `ends` the same by kind of end.
    """

    id: str
    key: Key
    column: int
    members: dict[str, int] = field(default_factory=dict)
    received_fen: int = 0
    passed_fen: int = 0
    here: Counter[Fate] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    in_rows: set[int] = field(default_factory=set)
    out_rows: set[int] = field(default_factory=set)
    ended: dict[int, Counter[Fate]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """One of victim, account, exit, others (small accounts), exits (small exits)."""
        return self.key[0]

    @property
    def accounts(self) -> int:
        """How many accounts it stands for."""
        return len(self.members)

    @property
    def exit(self) -> str:
        """By which exit the money left; empty unless this is one."""
        return self.key[2] if self.kind == "exit" else ""

    @property
    def here_fen(self) -> int:
        """What ended here."""
        return self.here.total()


@dataclass
class Edge:
    """All traced money from one node to another: `rows` are its transfers."""

    id: str
    source: str
    target: str
    fates: Counter[Fate] = field(default_factory=Counter)
    rows: set[int] = field(default_factory=set)

    @property
    def fen(self) -> int:
        """The traced sum."""
        return self.fates.total()

    @property
    def bands(self) -> list[tuple[Band, int]]:
        """The strips that are not empty, in order; they sum to `fen`."""
        sums: Counter[Band] = Counter()
        for fate, fen in self.fates.items():
            sums[BAND_OF[fate]] += fen
        return [(band, sums[band]) for band in Band if sums[band]]


@dataclass(frozen=True)
class Picture:
    """Nodes by column and edges; `figures` are paid and its fates for the chosen claims."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    figures: dict[str, int]
    grouped: int

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """Nodes by id."""
        return {node.id: node for node in self.nodes}

    @property
    def columns(self) -> int:
        """How many columns there are, the victims' among them."""
        return 1 + max((node.column for node in self.nodes), default=0)


def build(
    trace: Trace,
    parts: Mapping[tuple[str, str], Counter[Fate]],
    victims: Mapping[str, str],
    *,
    secret: bytes,
    claims: Collection[str] | None = None,
    most: int = MOST_NODES,
) -> Picture:
    """Draw the trace; `parts` are the fates of every end, `victims` the victim behind each claim.

    `claims` narrows to some payments. Ids are keyed hashes: an account cannot be guessed from one.
    """
    flows = _Flows(trace, parts, victims, claims)
    flows.follow()
    columns = flows.columns()
    piles = piles_of(flows.received(), columns, most)

    def node_id(key: Key) -> str:
        return opaque_id(secret, *key)

    nodes, edges = _collect(flows, columns, piles, node_id)
    figures = {str(fate): flows.total[fate] for fate in Fate}
    figures["paid"] = flows.total.total() - flows.total[Fate.RETURNED]
    return Picture(tuple(nodes), tuple(edges), figures, len(piles))


def opaque_id(secret: bytes, *parts: str) -> str:
    """An id that says nothing of what it stands for and is the same each time."""
    text = "\x1f".join(parts).encode()
    key = hashlib.sha256(secret).digest()
    return hashlib.blake2b(text, key=key, digest_size=ID_BYTES).hexdigest()


class _Flows:
    """What went from key to key, and what ended where."""

    def __init__(
        self,
        trace: Trace,
        parts: Mapping[tuple[str, str], Counter[Fate]],
        victims: Mapping[str, str],
        claims: Collection[str] | None,
    ) -> None:
        self.trace = trace
        self.parts = parts
        self.victims = victims
        self.claims = claims
        self.claim_of = dict(zip(trace.seeds.rows, trace.seeds.claims, strict=True))
        self.own = self._victims_accounts()
        self.by_row: dict[int, Counter[Fate]] = defaultdict(Counter)
        self.here: dict[Key, Counter[Fate]] = defaultdict(Counter)
        self.kinds: dict[Key, Counter[str]] = defaultdict(Counter)
        self.ended: dict[Key, dict[int, Counter[Fate]]] = defaultdict(lambda: defaultdict(Counter))
        self.total: Counter[Fate] = Counter()

    def follow(self) -> None:
        """Give every fen that ended its fate and carry it back along the rows it came by.

        An end whose fates are mixed is handed out piece by piece from what is left of it, so that
        the parts of all pieces sum to the parts of the end.
        """
        if self.trace.mixed is not None:
            self._follow_mixed()
            return
        carried: dict[int, Counter[Fate]] = defaultdict(Counter)
        left = {key: Counter(parts) for key, parts in self.parts.items()}
        for end in self.trace.ends:
            given = _take(left[end.account, str(end.kind)], end.fen)
            if self.claims is not None and end.claim not in self.claims:
                continue
            _add(self.total, given)
            row = self.trace.pieces[end.piece].row if end.piece != NO_PIECE else NO_ROW
            kept = row == NO_ROW  # a payment that was not followed at all
            home = self._home(end.account)
            place = home if kept else self._place_of_end(end.account, str(end.kind), row)
            _add(self.here[place], given)
            self.kinds[place][str(end.kind)] += end.fen
            if not kept:
                _add(self.ended[place][row], given)
                _add(carried[end.piece], given)
        self._carry_back(carried)

    def _carry_back(self, carried: dict[int, Counter[Fate]]) -> None:
        """Hand the fates of every piece on to its parent; parents stand before their pieces."""
        pieces = self.trace.pieces
        for at in range(len(pieces) - 1, -1, -1):
            if at not in carried:
                continue
            parts, of_row = carried[at], self.by_row[pieces[at].row]
            above = carried[pieces[at].parent] if pieces[at].parent != NO_PIECE else None
            _add(of_row, parts)
            if above is not None:
                _add(above, parts)

    def _follow_mixed(self) -> None:
        """The same where money is one mixture and no fen has a way of its own."""
        for row, by_end in fates(self.trace, self.claims).items():
            for (account, kind), fen in by_end.items():
                known = self.parts.get((account, str(kind))) or Counter({FATE_OF_END[kind]: 1})
                given = share(known, fen)
                self.by_row[row].update(given)
        left = {key: Counter(parts) for key, parts in self.parts.items()}
        for end in self.trace.ends:
            given = _take(left[end.account, str(end.kind)], end.fen)
            if self.claims is None or end.claim in self.claims:
                self.total.update(given)
                self._rest(end.account, str(end.kind), given)

    def _rest(self, account: str, kind: str, given: Counter[Fate]) -> None:
        """Lay mixed money where it ended; the rows that brought it share it by what they carry."""
        home = self._home(account)
        place: Key = home if kind in STAYS else ("exit", home[1], kind)
        self.here[place].update(given)
        self.kinds[place][kind] += given.total()
        carried = Counter(
            {row: self.by_row[row].total() for row, _, to in self.ways if to == place}
        )
        for fate, fen in given.items() if carried else ():
            for row, part in share(carried, fen).items():
                self.ended[place][row][fate] += part

    @cached_property
    def ways(self) -> list[tuple[int, Key, Key]]:
        """(row, from, to) of every row that carries traced money, in order of time."""
        return [(row, *self._ends_of_row(row)) for row in sorted(self.by_row)]

    def received(self) -> Counter[Key]:
        """What reached each key, in fen."""
        sums: Counter[Key] = Counter()
        for row, _, target in self.ways:
            sums[target] += self.by_row[row].total()
        return sums

    def columns(self) -> dict[Key, int]:
        """The column of each key: victims 0, accounts by tier, an exit right of its account."""
        found: dict[Key, int] = {}
        mixed = self.trace.mixed
        hops = mixed.hops() if mixed else ((each.row, each.hop) for each in self.trace.pieces)
        for row, hop in hops:
            if row not in self.by_row:
                continue
            source, target = self._ends_of_row(row)
            found[target] = min(found.get(target, hop + 1), hop + 1)
            found.setdefault(source, 0 if source[0] == "victim" else hop)
        for key in found:
            if key[0] == "victim":
                found[key] = 0
        for key in [key for key in found if key[0] == "exit"]:
            payer = self._home(key[1]) if key[1] else None
            found[key] = found.get(payer, 0) + 1 if payer else 1
        return found

    def _victims_accounts(self) -> dict[str, str]:
        movements = self.trace.movements
        return {
            movements.name(int(movements.from_account[row])): self.victims[claim]
            for row, claim in self.claim_of.items()
        }

    def _home(self, account: str) -> Key:
        return ("victim", self.own[account]) if account in self.own else ("account", account)

    def _place_of_end(self, account: str, kind: str, row: int) -> Key:
        if kind in STAYS:
            return self._home(account)
        return self._ends_of_row(row)[1]

    def _ends_of_row(self, row: int) -> tuple[Key, Key]:
        movements = self.trace.movements
        payer, payee = int(movements.from_account[row]), int(movements.to_account[row])
        if row in self.claim_of:
            source: Key = ("victim", self.victims[self.claim_of[row]])
        elif payer == OUTSIDE and int(movements.reverses[row]) != NO_ROW:
            source = self._ends_of_row(int(movements.reverses[row]))[1]
        else:
            source = self._home(movements.name(payer))
        if movements.currency[row] != self.trace.currency:
            return source, ("exit", source[1], EndKind.CURRENCY_EXCHANGE.value)
        if payee == OUTSIDE:
            return source, ("exit", source[1], str(movements.channel[row]))
        return source, self._home(movements.name(payee))


def _take(left: Counter[Fate], fen: int) -> Counter[Fate]:
    """Take a piece of an end out of what is left of it, by fate."""
    if len(left) == 1:
        (fate,) = left
        return Counter({fate: fen})
    given = share(left, fen)
    left.subtract(given)
    return given


def _collect(
    flows: _Flows,
    columns: Mapping[Key, int],
    piles: Mapping[Key, Key],
    node_id: Callable[[Key], str],
) -> tuple[list[Node], list[Edge]]:
    nodes: dict[Key, Node] = {}
    received = flows.received()
    for key, column in sorted(columns.items(), key=lambda item: (item[1], item[0])):
        drawn = piles.get(key, key)
        node = nodes.get(drawn)
        if node is None:
            node = nodes[drawn] = Node(node_id(drawn), drawn, column)
        if key[0] == "account":
            node.members[key[1]] = received[key]
        _add(node.here, flows.here.get(key, {}))
        _add(node.ends, flows.kinds.get(key, {}))
        for row, parts in flows.ended.get(key, {}).items():
            _add(node.ended.setdefault(row, Counter()), parts)
    edges: dict[tuple[Key, Key], Edge] = {}
    for row, source, target in flows.ways:
        ends = piles.get(source, source), piles.get(target, target)
        payer, payee, parts = nodes[ends[0]], nodes[ends[1]], flows.by_row[row]
        edge = edges.get(ends)
        if edge is None:
            made = node_id(("edge", *ends[0], *ends[1]))
            edge = edges[ends] = Edge(made, payer.id, payee.id)
        _add(edge.fates, parts)
        edge.rows.add(row)
        payer.out_rows.add(row)
        payee.in_rows.add(row)
        fen = sum(parts.values())
        payer.passed_fen += fen
        payee.received_fen += fen
    return list(nodes.values()), list(edges.values())


def _add(sums: Counter[Part], parts: Mapping[Part, int]) -> None:
    """Add one to the other; `Counter.update` costs several times as much for so few parts."""
    for part, fen in parts.items():
        sums[part] += fen


__all__ = ["EXITS", "MOST_NODES", "Band", "Edge", "Node", "Picture", "build", "opaque_id"]
