"""Places for the fund-flow graph (资金流向图): a node's column is known, the rest is found here.

Nodes are numbered from 0. `column[n]` is the node's column, `source[e]` and `target[e]` the ends
of an edge, `weight[e]` its fen. Pixels are whole; y grows downwards. Same input, same picture.
Edges may skip columns, lead back, or stay inside one column (those do not move anything).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

SWEEPS = 8


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
    columns, heights, ends = _ints(column), _ints(height), (_ints(source), _ints(target))
    rank = arrange(columns, *ends, weight)
    top = place(columns, rank, heights, *ends, weight, gap=gap)
    leave, enter = ports(top, heights, *ends, thickness)
    return Layout(rank, top, leave, enter)


def arrange(
    column: ArrayLike, source: ArrayLike, target: ArrayLike, weight: ArrayLike
) -> NDArray[np.int64]:
    """Rank the nodes of each column by barycentre sweeps; the best order met is returned."""
    net = _Net(_ints(column), _ints(source), _ints(target), weight)
    rank = net.first_ranks()
    best, fewest = rank, crossings(net.column, rank, net.source, net.target)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        rank = _sweep(net, rank, forward=sweep % 2 == 0)
        found = crossings(net.column, rank, net.source, net.target)
        if found < fewest:
            best, fewest = rank, found
    return best


def crossings(column: ArrayLike, rank: ArrayLike, source: ArrayLike, target: ArrayLike) -> int:
    """Count the pairs of edges between the same two columns whose ends stand in opposite order."""
    columns, ranks, left, right = _ints(column), _ints(rank), _ints(source), _ints(target)
    back = columns[left] > columns[right]
    left, right = np.where(back, right, left), np.where(back, left, right)
    order = np.lexsort((ranks[right], ranks[left], columns[right], columns[left]))
    order = order[columns[left[order]] != columns[right[order]]]
    pairs = zip(columns[left[order]].tolist(), columns[right[order]].tolist(), strict=True)
    count, group, seen = 0, None, list[int]()
    for pair, end in zip(pairs, ranks[right[order]].tolist(), strict=True):
        if pair != group:
            group, seen = pair, []
        at = bisect_right(seen, end)
        count += len(seen) - at
        seen.insert(at, end)
    # Edges out of one node are sorted by their far ends, so they never count against each other.
    return count


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
    net = _Net(_ints(column), _ints(source), _ints(target), weight)
    heights, ranks = _ints(height), _ints(rank)
    stacks = [members[np.argsort(ranks[members], kind="stable")] for members in net.members]
    top = np.zeros(len(heights), np.float64)
    for stack in stacks:
        steps = heights[stack] + gap
        top[stack] = np.cumsum(steps) - steps - steps.sum() / 2
    for stack in (*stacks, *reversed(stacks), *stacks):
        wanted = net.barycentre(top + heights / 2, stack, net.every) - heights[stack] / 2
        steps = np.cumsum(heights[stack] + gap) - heights[stack] - gap
        top[stack] = np.rint(_isotonic(wanted - steps)) + steps
    lowest = top.min() if len(top) else 0.0
    return _ints(top - lowest)


def ports(
    top: ArrayLike, height: ArrayLike, source: ArrayLike, target: ArrayLike, thickness: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find the top px of every edge's band where it leaves its source and enters its target.

    At each side of a node the bands are stacked in the order of their far ends, around the middle.
    """
    tops, heights, widths = _ints(top), _ints(height), _ints(thickness)
    middle = 2 * tops + heights
    leave = _stacked(_ints(source), middle[_ints(target)], widths, middle)
    enter = _stacked(_ints(target), middle[_ints(source)], widths, middle)
    return leave, enter


class _Net:
    """Edges seen from both ends: `near[k]` is joined to `far[k]` with `pull[k]`."""

    def __init__(self, column: Ints, source: Ints, target: Ints, weight: ArrayLike) -> None:
        self.column, self.source, self.target = column, source, target
        pull = np.maximum(np.asarray(weight, np.float64), 1.0)
        self.near = np.concatenate([source, target])
        self.far = np.concatenate([target, source])
        self.pull = np.concatenate([pull, pull])
        self.from_left = column[self.far] < column[self.near]
        self.from_right = column[self.far] > column[self.near]
        self.every = self.from_left | self.from_right
        self.members = [np.flatnonzero(column == at) for at in np.unique(column)]

    def first_ranks(self) -> Ints:
        rank = np.zeros(len(self.column), np.int64)
        for members in self.members:
            rank[members] = np.arange(len(members))
        return rank

    def barycentre(self, position: Floats, members: Ints, side: NDArray[np.bool_]) -> Floats:
        """Average the neighbours' positions on one side; a node without any keeps its own."""
        size = len(self.column)
        near, pull = self.near[side], self.pull[side]
        total = np.bincount(near, pull, size)[members]
        moment = np.bincount(near, pull * position[self.far[side]], size)[members]
        alone = total == 0
        centre: Floats = np.where(alone, position[members], moment / np.where(alone, 1, total))
        return centre


def _sweep(net: _Net, rank: Ints, *, forward: bool) -> Ints:
    rank = rank.copy()
    position = np.zeros(len(rank), np.float64)
    for members in net.members:
        position[members] = (rank[members] + 0.5) / len(members)
    side = net.from_left if forward else net.from_right
    for members in net.members if forward else reversed(net.members):
        wanted = net.barycentre(position, members, side)
        order = np.lexsort((rank[members], wanted))
        rank[members[order]] = np.arange(len(members))
        position[members] = (rank[members] + 0.5) / len(members)
    return rank


def _isotonic(wanted: Floats) -> Floats:
    """Find the non-decreasing values nearest to `wanted`, by pooling what is out of order."""
    pools: list[tuple[float, int]] = []
    for value in wanted.tolist():
        total, count = value, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    return np.repeat([total / count for total, count in pools], [count for _, count in pools])


def _stacked(node: Ints, far: Ints, width: Ints, middle: Ints) -> Ints:
    order = np.lexsort((np.arange(len(node)), far, node))
    total = np.bincount(node, width, len(middle)).astype(np.int64)
    before = np.cumsum(width[order]) - width[order]
    first = np.searchsorted(node[order], node[order])
    top = np.empty(len(node), np.int64)
    start = (middle[node[order]] - total[node[order]]) // 2
    top[order] = start + before - before[first]
    return top


def _ints(values: ArrayLike) -> Ints:
    return np.asarray(values, np.int64)
