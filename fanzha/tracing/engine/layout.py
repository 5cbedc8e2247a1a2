"""Places for the fund-flow graph (资金流向图): a node's column is known, the rest is found here.

Nodes are numbered from 0. `column[n]` is the node's column, `source[e]` and `target[e]` the ends
of an edge, `weight[e]` its fen. Pixels are whole; y grows downwards. Same input, same picture.
Edges may skip columns, lead back, or stay inside one column (those do not move anything).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fanzha.tracing.engine import levelling, ordering

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

DRIFTS = (96, 400, 24, 48)
"""Rounds of drifting, tried one after the other where the network is small; else the last."""
SMALL, MOST_SIFTS = 500, 12
SHAKES, SHAKEN_NODES = 32, 6_400
"""So often a small network is shaken and swept again, less often the more nodes it has."""
LEAST_SHAKE, MOST_SHAKE = 0.02, 0.32
"""How far a node is thrown, in heights of its column."""


@dataclass(frozen=True, eq=False)
class Layout:
    """`rank` in the column and `top` px per node; top px of each edge's band at either end."""

    rank: Ints
    top: Ints
    leave: Ints
    enter: Ints


def lay_out(
    column: ArrayLike,
    height: ArrayLike,
    source: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike,
    thickness: ArrayLike,
    *,
    gap: int,
) -> Layout:
    """Order, place and connect: heights, thicknesses and `gap` in px.

    A node should be at least as high as its bands on either side together.
    """
    net = _columns(_ints(column), _ints(source), _ints(target))
    _arrange(net)
    top = _place(net, _ints(height), weight, gap)
    leave, enter = ports(top, height, source, target, thickness)
    return Layout(net.place, top, leave, enter)


def arrange(column: ArrayLike, source: ArrayLike, target: ArrayLike) -> NDArray[np.int64]:
    """Rank the nodes of each column so that few edges cross; never more than as numbered."""
    net = _columns(_ints(column), _ints(source), _ints(target))
    _arrange(net)
    return net.place


def crossings(column: ArrayLike, rank: ArrayLike, source: ArrayLike, target: ArrayLike) -> int:
    """Count the pairs of edges between the same two columns whose ends stand in opposite order."""
    net = _columns(_ints(column), _ints(source), _ints(target), _ints(rank))
    return ordering.crossings(net)


def place(
    column: ArrayLike,
    rank: ArrayLike,
    height: ArrayLike,
    source: ArrayLike,
    target: ArrayLike,
    weight: ArrayLike,
    *,
    gap: int,
) -> NDArray[np.int64]:
    """Find the top of every node: in rank order, `gap` apart, level with its neighbours.

    In each column the squared distances to the neighbours' centres are least (isotonic regression).
    """
    net = _columns(_ints(column), _ints(source), _ints(target), _ints(rank))
    return _place(net, _ints(height), weight, gap)


def ports(
    top: ArrayLike, height: ArrayLike, source: ArrayLike, target: ArrayLike, thickness: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the top px of every edge's band where it leaves its source and enters its target.

    At each side of a node the bands are stacked in the order of their far ends, around the middle.
    """
    middle = 2 * _ints(top) + _ints(height)
    width, ends = _ints(thickness), (_ints(source), _ints(target))
    leave, enter = np.empty_like(width), np.empty_like(width)
    for near, far, found in ((*ends, leave), (*reversed(ends), enter)):
        levelling.stack(*_joined(near, len(middle)), middle[far], width, middle, found)
    return leave, enter


def _arrange(net: ordering.Net) -> None:
    """Leave the best order found in `items` and `place`: as numbered, as walked, or swept."""
    numbered = best = net.items.copy()
    fewest, small = ordering.crossings(net), len(best) <= SMALL
    if fewest and (found := ordering.walk(net)) < fewest:
        best, fewest = net.items.copy(), found
    for drifts in (0, *DRIFTS) if small else DRIFTS[-1:]:
        if not fewest:
            break
        if drifts:
            net.items[:] = numbered
        found = ordering.arrange(net, drifts, MOST_SIFTS if small else 0)
        if found < fewest:
            best, fewest = net.items.copy(), found
    net.items[:] = best
    ordering.number(net)
    if small and fewest:
        _shake(net, fewest)


def _shake(net: ordering.Net, fewest: int) -> None:
    """Throw the nodes of the best order about and sweep again: what is better is kept.

    Sweeping ends where no single move helps; a throw leads out of there. The same each time.
    """
    chance, best = np.random.default_rng(0), net.items.copy()
    for _ in range(min(SHAKES, SHAKEN_NODES // len(best))):
        net.items[:] = best
        ordering.number(net)
        reach = chance.uniform(LEAST_SHAKE, MOST_SHAKE)
        net.spot[:] += reach * chance.standard_normal(len(best))
        net.items[:] = np.lexsort((net.spot, net.column))
        found = ordering.arrange(net, 0, MOST_SIFTS)
        if found < fewest:
            best, fewest = net.items.copy(), found
        if not fewest:
            break
    net.items[:] = best
    ordering.number(net)


def _place(net: ordering.Net, height: Ints, weight: ArrayLike, gap: int) -> Ints:
    top = np.empty(len(height))
    levelling.level(net, height, top, np.asarray(weight, np.float64), gap)
    return _ints(top - top.min()) if len(top) else _ints(top)


def _columns(column: Ints, source: Ints, target: Ints, rank: Ints | None = None) -> ordering.Net:
    """Nodes in columns, in the order of rank or as numbered; edges inside a column are left out."""
    size = len(column)
    counts = np.bincount(column, minlength=1)
    used = counts > 0
    first = np.concatenate([[0], np.cumsum(counts[used])])
    dense = (np.cumsum(used) - 1)[column]
    edge = np.flatnonzero(column[source] != column[target])
    one, two = source[edge], target[edge]
    back = column[one] > column[two]
    left, right = np.where(back, two, one), np.where(back, one, two)
    net = ordering.Net(
        dense, first, np.lexsort((column,) if rank is None else (rank, column)),
        np.empty(size, np.int64), np.empty(size), _side(right, left, edge, size),
        _side(left, right, edge, size), np.empty(size), np.empty(size, np.int64),
        np.zeros(size + 2, np.int64),
    )  # fmt: skip
    ordering.number(net)
    return net


def _side(near: Ints, far: Ints, edge: Ints, size: int) -> ordering.Side:
    begin, edges = _joined(near, size)
    count = np.diff(begin)
    share = (count > 0) / np.maximum(count, 1)
    return ordering.Side(begin, far[edges], share, edge[edges], np.empty_like(far))


def _joined(ends: Ints, size: int) -> tuple[Ints, Ints]:
    """Edges grouped by the node at one end: where each node's begin, and the edges."""
    begin, edges = np.zeros(size + 1, np.int64), np.empty_like(ends)
    ordering.join(ends, begin, edges)
    return begin, edges


def _ints(values: ArrayLike) -> Ints:
    return np.asarray(values, np.int64)
