"""Heights in a fund-flow graph, of nodes in their columns and of bands at nodes: compiled loops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from fanzha.tracing.engine.ordering import Net

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@compiled
def level(net: Net, height: Ints, top: Floats, weight: Floats, gap: int) -> None:
    """Fill `top`: every column is moved to its neighbours, forward, back and forward again.

    In a column the squared distances to the neighbours' centres are least, while nodes stay in
    order and `gap` apart (isotonic regression by pooling what is out of order).
    """
    columns = len(net.first) - 1
    for c in range(columns):
        _pile(net, c, height, top, gap)
    for turn in range(3):
        for step in range(columns):
            c = columns - 1 - step if turn == 1 else step
            _want(net, c, height, top, weight, gap)
            _pool(net, c, height, top, gap)


@compiled
def stack(begin: Ints, edges: Ints, far: Ints, width: Ints, middle: Ints, top: Ints) -> None:
    """Fill `top`: the bands at a node stand in the order of `far`, around its doubled `middle`."""
    for node in range(len(begin) - 1):
        total = 0
        for at in range(begin[node], begin[node + 1]):
            edge, to = edges[at], at
            while to > begin[node] and far[edges[to - 1]] > far[edge]:
                edges[to] = edges[to - 1]
                to -= 1
            edges[to] = edge
            total += width[edge]
        above = (middle[node] - total) // 2
        for at in range(begin[node], begin[node + 1]):
            top[edges[at]] = above
            above += width[edges[at]]


@compiled
def _pile(net: Net, c: int, height: Ints, top: Floats, gap: int) -> None:
    """A column by itself, its middle at 0."""
    total = 0
    for at in range(net.first[c], net.first[c + 1]):
        total += height[net.items[at]] + gap
    above = -total / 2
    for at in range(net.first[c], net.first[c + 1]):
        top[net.items[at]] = above
        above += height[net.items[at]] + gap


@compiled
def _want(net: Net, c: int, height: Ints, top: Floats, weight: Floats, gap: int) -> None:
    """Where the nodes of a column would stand by themselves, less what stands above them."""
    above = 0
    for at in range(net.first[c], net.first[c + 1]):
        node, moment, total = net.items[at], 0.0, 0.0
        for side in (net.left, net.right):
            for k in range(side.begin[node], side.begin[node + 1]):
                other, pull = side.near[k], max(weight[side.edge[k]], 1.0)
                moment += pull * (top[other] + height[other] / 2)
                total += pull
        wanted = moment / total - height[node] / 2 if total else top[node]
        net.keys[at] = wanted - above
        above += height[node] + gap


@compiled
def _pool(net: Net, c: int, height: Ints, top: Floats, gap: int) -> None:
    low, high = net.first[c], net.first[c + 1]
    total, count = net.spot, net.spare
    pools = low
    for at in range(low, high):
        total[pools], count[pools] = net.keys[at], 1
        while pools > low and total[pools - 1] * count[pools] > total[pools] * count[pools - 1]:
            total[pools - 1] += total[pools]
            count[pools - 1] += count[pools]
            pools -= 1
        pools += 1
    at, above = low, 0
    for pool in range(low, pools):
        level = round(total[pool] / count[pool])
        for _ in range(count[pool]):
            top[net.items[at]] = level + above
            above += height[net.items[at]] + gap
            at += 1
