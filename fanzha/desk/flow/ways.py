"""How money came to a node and what became of it: chains of transfers, rows with origin. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fanzha.tracing.engine import row_shares
from fanzha.tracing.engine.result import NO_PIECE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from fanzha.desk.flow.picture import Node, Picture
    from fanzha.tracing.engine import Trace

CRUMB = 100
"""Ways that carry less than a hundredth of a node's money are not lit up."""
MOST_CHAINS = 4
"""The drawer shows so many ways by which money came; the rest is summed."""


@dataclass(frozen=True)
class Hop:
    """One transfer of a chain: when, from and to (full numbers, "" outside), the fen followed."""

    row: int
    at: datetime
    from_account: str
    to_account: str
    fen: int
    row_fen: int


@dataclass(frozen=True)
class Chain:
    """One way from a victim's payment to the node, transfer by transfer."""

    hops: tuple[Hop, ...]
    fen: int


def moment(trace: Trace, row: int) -> datetime:
    """When the transfer was made."""
    return datetime.fromtimestamp(int(trace.movements.time[row]), UTC)


def hop(trace: Trace, row: int, fen: int) -> Hop:
    """The transfer `row`, of which `fen` are followed."""
    movements = trace.movements
    return Hop(
        row,
        moment(trace, row),
        movements.name(int(movements.from_account[row])),
        movements.name(int(movements.to_account[row])),
        fen,
        int(movements.amount_fen[row]),
    )


def chains(
    trace: Trace, node: Node, claims: Collection[str] | None = None
) -> tuple[list[Chain], int]:
    """The ways by which traced money reached the node, largest first, and the fen of the rest.

    Money that came, went round and came again is counted once, by the way it first came.
    """
    sums: Counter[tuple[int, ...]] = Counter()
    for at in _arriving(trace, node.in_rows, claims):
        rows = _rows_back(trace, at)
        if not node.in_rows.intersection(rows[:-1]):
            piece = trace.pieces[at]
            sums[rows] += piece.hi - piece.lo
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    shown = [
        Chain(tuple(hop(trace, row, fen) for row in rows), fen)
        for rows, fen in ordered[:MOST_CHAINS]
    ]
    return shown, sum(fen for _, fen in ordered[MOST_CHAINS:])


def path_edges(trace: Trace, picture: Picture, node: Node) -> list[str]:
    """Ids of the edges by which the node's money came and went, crumbs left out, to be lit up."""
    starts = node.out_rows if node.kind == "victim" else node.in_rows
    touched = set(_arriving(trace, starts, None))
    carried: Counter[int] = Counter()
    for at in touched:
        piece = trace.pieces[at]
        for row in _rows_back(trace, at):
            carried[row] += piece.hi - piece.lo
    for at, piece in enumerate(trace.pieces):
        if piece.parent in touched:
            touched.add(at)
            carried[piece.row] += piece.hi - piece.lo
    whole = sum(trace.pieces[at].hi - trace.pieces[at].lo for at in _arriving(trace, starts, None))
    rows = {row for row, fen in carried.items() if fen * CRUMB >= whole}
    return [edge.id for edge in picture.edges if not rows.isdisjoint(edge.rows)]


def shares(trace: Trace, rows: Collection[int], claims: Collection[str] | None) -> dict[int, int]:
    """Row -> the traced part of it, in order of time."""
    found = ((each.row, each.by_claim) for each in row_shares(trace) if each.row in rows)
    return {
        row: sum(fen for claim, fen in by_claim.items() if claims is None or claim in claims)
        for row, by_claim in sorted(found, key=lambda each: each[0])
    }


def _arriving(trace: Trace, rows: Collection[int], claims: Collection[str] | None) -> Iterator[int]:
    for at, piece in enumerate(trace.pieces):
        if piece.row in rows and (claims is None or piece.claim in claims):
            yield at


def _rows_back(trace: Trace, at: int) -> tuple[int, ...]:
    rows: list[int] = []
    while at != NO_PIECE:
        rows.append(trace.pieces[at].row)
        at = trace.pieces[at].parent
    return tuple(reversed(rows))


def largest(trace: Trace, rows: Iterable[int]) -> int | None:
    """The row among `rows` that carries most traced money."""
    traced = shares(trace, set(rows), None)
    return max(traced, key=lambda row: (traced[row], -row), default=None)
