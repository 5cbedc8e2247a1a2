"""The order of nodes inside the columns of a fund-flow graph, with few crossings: compiled loops.

A node's column is known. The rest is layered drawing (Sugiyama): every node drifts to the mean of
its neighbours, which brings together what hangs together; then columns are sorted by their
neighbours' places, from the left and from the right in turns; then every node moves to where it
crosses least among the places near it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fanzha.core.compiled import compiled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

RUN = 8
"""So many nodes are sorted by inserting before runs are merged."""
REACH = 9
"""So many places up and down a node is tried."""
SWEEPS = 24
"""More rounds find little more in networks of mules."""


class Side(NamedTuple):
    """Neighbours in earlier, or in later columns: of n they are `near[begin[n]:begin[n + 1]]`.

    `share[n]` is one by their number, 0 where there are none; `edge` are the numbers of the edges
    to them; `keys` is as long, for the loops' own use.
    """

    begin: Ints
    near: Ints
    share: Floats
    edge: Ints
    keys: Ints


class Net(NamedTuple):
    """Nodes in columns: `items[first[c]:first[c + 1]]` are those of column c in their order.

    `place[n]` counts from the top of the column, `spot[n]` is the same between 0 and 1. `keys` and
    `spare` are as long as there are nodes, `tree` is longer by two and all zeros.
    """

    column: Ints
    first: Ints
    items: Ints
    place: Ints
    spot: Floats
    left: Side
    right: Side
    keys: Floats
    spare: Ints
    tree: Ints


@compiled
def join(ends: Ints, begin: Ints, edges: Ints) -> None:
    """Number the edges by their ends: those of n become `edges[begin[n]:begin[n + 1]]`.

    `begin` is zeros and longer by one than there are nodes.
    """
    for node in ends:
        begin[node] += 1
    for node in range(1, len(begin)):
        begin[node] += begin[node - 1]
    for edge in range(len(ends) - 1, -1, -1):
        begin[ends[edge]] -= 1
        edges[begin[ends[edge]]] = edge


@compiled
def walk(net: Net) -> int:
    """Put every node behind what was met before it, going in depth from the left; the crossings.

    A tree has none then.
    """
    seen, stack, filled = net.place, net.spare, net.tree
    for node in range(len(seen)):
        net.keys[node] = net.items[node]
        seen[node] = 0
    for at in range(len(seen)):
        stack[0] = int(net.keys[at])
        deep = 1 - seen[stack[0]]
        while deep:
            deep -= 1
            node = stack[deep]
            c = net.column[node]
            seen[node] = 1
            net.items[net.first[c] + filled[c]] = node
            filled[c] += 1
            for side in (net.right, net.left):
                for k in range(side.begin[node + 1] - 1, side.begin[node] - 1, -1):
                    if not seen[side.near[k]]:
                        seen[side.near[k]] = 1
                        stack[deep] = side.near[k]
                        deep += 1
    for c in range(len(net.first) - 1):
        filled[c] = 0
    number(net)
    return crossings(net)


@compiled
def arrange(net: Net, drifts: int, sifts: int) -> int:
    """Put the nodes of every column in an order with few crossings; how many are left.

    `drifts`: rounds of the first step; which number is best shows only afterwards. `sifts`: rounds
    of the last step, and whether single places are changed after every sweep.
    """
    number(net)
    _drift(net, drifts)
    for c in range(len(net.first) - 1):
        _sort(net.first[c], net.first[c + 1], net.items, net.spot, net.spare)
    number(net)
    for turn in range(SWEEPS):
        _sweep(net, net.left if turn % 2 == 0 else net.right, turn % 2)
        for _ in range(2 if sifts else 0):
            if not _sift(net, 1):
                break
    for _ in range(sifts):
        if not _sift(net, REACH):
            break
    return crossings(net)


@compiled
def crossings(net: Net) -> int:
    """Pairs of edges between the same two columns whose ends stand in opposite order."""
    begin, near, column = net.right.begin, net.right.near, net.column
    found = 0
    for c in range(len(net.first) - 1):
        for d in range(c + 1, len(net.first) - 1):
            size = net.first[d + 1] - net.first[d]
            seen = 0
            for at in range(net.first[c], net.first[c + 1]):
                node, before = net.items[at], seen
                for edge in range(begin[node], begin[node + 1]):
                    if column[near[edge]] == d:
                        found += before - _upto(net.tree, net.place[near[edge]] + 1)
                        seen += 1
                for edge in range(begin[node], begin[node + 1] if seen > before else 0):
                    if column[near[edge]] == d:
                        _note(net.tree, net.place[near[edge]] + 1, size)
            for at in range(size + 1 if seen else 0):
                net.tree[at] = 0
    return found


@compiled
def _upto(tree: Ints, at: int) -> int:
    """How many were noted at `at` or before (Fenwick)."""
    found = 0
    while at > 0:
        found += tree[at]
        at -= at & -at
    return found


@compiled
def _note(tree: Ints, at: int, size: int) -> None:
    while at <= size:
        tree[at] += 1
        at += at & -at


@compiled
def number(net: Net) -> None:
    """Places and spots of all nodes from the items."""
    for c in range(len(net.first) - 1):
        _number_one(net, c)


@compiled
def _number_one(net: Net, c: int) -> None:
    low, high = net.first[c], net.first[c + 1]
    step = 1 / max(high - low, 1)
    for at in range(low, high):
        net.place[net.items[at]] = at - low
        net.spot[net.items[at]] = (at - low + 0.5) * step


@compiled
def _drift(net: Net, rounds: int) -> None:
    """Move every spot to the mean of its neighbours on both sides, round after round."""
    columns, spot, share = len(net.first) - 1, net.spot, net.keys
    for node in range(len(spot)):
        count = 0
        for side in (net.left, net.right):
            count += side.begin[node + 1] - side.begin[node]
        share[node] = 1 / count if count else 0.0
    for turn in range(rounds):
        for step in range(columns):
            c = step if turn % 2 == 0 else columns - 1 - step
            for at in range(net.first[c], net.first[c + 1]):
                node, total = net.items[at], 0.0
                for side in (net.left, net.right):
                    for k in range(side.begin[node], side.begin[node + 1]):
                        total += spot[side.near[k]]
                if share[node]:
                    spot[node] = total * share[node]


@compiled
def _sweep(net: Net, side: Side, back: int) -> None:
    """Sort column after column (`back`: from the right) by the means of one side's neighbours."""
    columns, begin = len(net.first) - 1, side.begin
    for step in range(columns):
        c = columns - 1 - step if back else step
        low, high = net.first[c], net.first[c + 1]
        for at in range(low, high):
            node, total = net.items[at], 0.0
            for edge in range(begin[node], begin[node + 1]):
                total += net.spot[side.near[edge]]
            share = side.share[node]
            net.keys[node] = total * share if share else net.spot[node]
        _sort(low, high, net.items, net.keys, net.spare)
        _number_one(net, c)


@compiled
def _sort(low: int, high: int, items: Ints, keys: Floats, spare: Ints) -> None:
    """Sort `items[low:high]` by their keys; equal ones stay as they stand (runs, then merges)."""
    for start in range(low, high, RUN):
        for at in range(start + 1, min(start + RUN, high)):
            item, to = items[at], at
            while to > start and keys[items[to - 1]] > keys[item]:
                items[to] = items[to - 1]
                to -= 1
            items[to] = item
    width = RUN
    while width < high - low:
        for start in range(low, high - width, 2 * width):
            _merge(start, start + width, min(start + 2 * width, high), items, keys, spare)
        width *= 2


@compiled
def _merge(start: int, middle: int, end: int, items: Ints, keys: Floats, spare: Ints) -> None:
    if keys[items[middle - 1]] <= keys[items[middle]]:
        return
    for at in range(start, middle):
        spare[at] = items[at]
    one, two, to = start, middle, start
    while one < middle:
        if two == end or keys[spare[one]] <= keys[items[two]]:
            items[to] = spare[one]
            one += 1
        else:
            items[to] = items[two]
            two += 1
        to += 1


@compiled
def _sift(net: Net, reach: int) -> int:
    """Move every node at most `reach` places to where it crosses least; the crossings saved."""
    saved, bits = 0, _bits(len(net.column))
    for c in range(len(net.first) - 1):
        low, high = net.first[c], net.first[c + 1]
        for at in range(low, high):
            for side in (net.left, net.right):
                _look(net.column, net.place, side, net.items[at], bits)
        for at in range(low, high):
            node, best, to = net.items[at], 0, at
            for way in (1, -1):
                total = 0
                for other in range(at + way, at + way * (reach + 1), way):
                    if not low <= other < high:
                        break
                    one, two = (node, net.items[other]) if way > 0 else (net.items[other], node)
                    total += _gain(net.left.begin, net.left.keys, one, two, bits)
                    total += _gain(net.right.begin, net.right.keys, one, two, bits)
                    if total > best:
                        best, to = total, other
            saved += best
            _move(net.items, at, to)
        _number_one(net, c)
    return saved


@compiled
def _bits(places: int) -> int:
    """How many bits number the places."""
    bits = 1
    while 1 << bits < places:
        bits += 1
    return bits


@compiled
def _move(items: Ints, at: int, to: int) -> None:
    item, way = items[at], 1 if to > at else -1
    while at != to:
        items[at] = items[at + way]
        at += way
    items[to] = item


@compiled
def _look(column: Ints, place: Ints, side: Side, node: int, bits: int) -> None:
    """Sort the neighbours of a node by column and place: keys of a column lie close together."""
    keys, low = side.keys, side.begin[node]
    for edge in range(low, side.begin[node + 1]):
        other, to = side.near[edge], edge
        key = (column[other] << bits) + place[other]
        while to > low and keys[to - 1] > key:
            keys[to] = keys[to - 1]
            to -= 1
        keys[to] = key


@compiled
def _gain(begin: Ints, keys: Ints, one: int, two: int, bits: int) -> int:
    """Crossings on a side that go when `one`, just above `two`, changes places with it."""
    return _above(begin, keys, one, two, bits) - _above(begin, keys, two, one, bits)


@compiled
def _above(begin: Ints, keys: Ints, one: int, two: int, bits: int) -> int:
    """Pairs of edges that cross while `one` stands above `two`."""
    found, column = 0, (1 << bits) - 1
    same = after = begin[one]
    end = begin[one + 1]
    for edge in range(begin[two], begin[two + 1]):
        while same < end and keys[same] <= keys[edge]:
            same += 1
        while after < end and keys[after] <= keys[edge] | column:
            after += 1
        found += after - same
    return found
