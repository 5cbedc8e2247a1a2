from __future__ import annotations

from itertools import combinations, pairwise
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.layout import invented
from fanzha.tracing.engine import layout
from fanzha.tracing.engine.layout import arrange, crossings, lay_out, place, ports


def graph(nodes: int, edges: int, chance: Random) -> dict[str, Any]:
    column = [chance.randrange(5) for _ in range(nodes)]
    ends = [chance.choices(range(nodes), k=2) for _ in range(edges)]
    return {
        "column": column,
        "source": [a for a, _ in ends],
        "target": [b for _, b in ends],
        "weight": [chance.randint(0, 10**9) for _ in ends],
    }


def ends_of(drawn: dict[str, Any]) -> tuple[Any, Any, Any]:
    return drawn["column"], drawn["source"], drawn["target"]


graphs = st.builds(
    lambda nodes, edges, number: graph(nodes, edges, Random(number)),
    st.integers(1, 30),
    st.integers(0, 60),
    st.integers(0, 2**32),
)


def test_two_swapped_edges_are_uncrossed() -> None:
    column, source, target = [0, 0, 1, 1], [0, 1], [3, 2]
    assert crossings(column, [0, 1, 0, 1], source, target) == 1
    rank = arrange(column, source, target)
    assert crossings(column, rank, source, target) == 0


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_crossings_are_counted_as_a_ruler_would(drawn: dict[str, Any]) -> None:
    column, source, target = drawn["column"], drawn["source"], drawn["target"]
    rank = arrange(*ends_of(drawn))
    ends = [
        (a, b) if column[a] < column[b] else (b, a)
        for a, b in zip(source, target, strict=True)
        if column[a] != column[b]
    ]
    counted = sum(
        (column[a], column[b]) == (column[c], column[d])
        and (rank[a] - rank[c]) * (rank[b] - rank[d]) < 0
        for (a, b), (c, d) in combinations(ends, 2)
    )
    assert crossings(column, rank, source, target) == counted


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 120), st.integers(1, 40), st.randoms(use_true_random=False))
def test_a_tree_is_drawn_without_crossings(nodes: int, near: int, chance: Random) -> None:
    name = list(range(nodes))
    chance.shuffle(name)
    column, source = [0] * nodes, []
    for at in range(1, nodes):
        payer = chance.randrange(max(0, at - near), at)
        column[name[at]] = column[name[payer]] + 1
        source.append(name[payer])
    ends = source, name[1:]
    assert crossings(column, arrange(column, *ends), *ends) == 0


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_sweeps_never_make_it_worse_and_repeat_themselves(drawn: dict[str, Any]) -> None:
    rank = arrange(*ends_of(drawn))
    column = np.array(drawn["column"])
    at_first = np.zeros(len(column), np.int64)
    for members in (np.flatnonzero(column == at) for at in set(drawn["column"])):
        at_first[members] = np.arange(len(members))
        assert sorted(rank[members]) == list(range(len(members)))
    ends = drawn["source"], drawn["target"]
    assert crossings(column, rank, *ends) <= crossings(column, at_first, *ends)
    assert (rank == arrange(*ends_of(drawn))).all()


@settings(max_examples=60, deadline=None)
@given(graphs, st.integers(0, 20))
def test_nodes_stand_in_order_and_apart(drawn: dict[str, Any], gap: int) -> None:
    rank = arrange(*ends_of(drawn))
    column = np.array(drawn["column"])
    height = 20 + 7 * (np.arange(len(column)) % 4)
    top = place(rank=rank, height=height, gap=gap, **drawn)
    assert top.min() >= 0
    for at in set(drawn["column"]):
        members = np.flatnonzero(column == at)
        members = members[np.argsort(rank[members])]
        assert (np.diff(top[members]) >= height[members][:-1] + gap).all()


def test_a_chain_is_a_straight_line() -> None:
    layout = lay_out([0, 1, 2], [40, 20, 40], [0, 1], [1, 2], [5, 5], [6, 6], gap=10)
    middle = layout.top + np.array([20, 10, 20])
    assert len(set(middle.tolist())) == 1
    assert layout.leave.tolist() == layout.enter.tolist()


def test_bands_are_stacked_in_the_order_of_their_far_ends() -> None:
    top, height = [0, 0, 100], [60, 40, 40]
    leave, enter = ports(top, height, [0, 0], [2, 1], [10, 20])
    assert leave.tolist() == [35, 15]
    assert enter.tolist() == [115, 10]


@settings(max_examples=60, deadline=None)
@given(graphs)
def test_bands_at_one_side_of_a_node_never_overlap(drawn: dict[str, Any]) -> None:
    thickness = [1 + number % 5 for number in range(len(drawn["source"]))]
    height = [40] * len(drawn["column"])
    layout = lay_out(height=height, thickness=thickness, gap=8, **drawn)
    for node in range(len(height)):
        for side, band in ((drawn["source"], layout.leave), (drawn["target"], layout.enter)):
            own = sorted((band[e], thickness[e]) for e, end in enumerate(side) if end == node)
            for (upper, width), (lower, _) in pairwise(own):
                assert upper + width <= lower


@pytest.mark.parametrize("empty", [0, 3])
def test_a_graph_without_edges_is_still_placed(empty: int) -> None:
    layout = lay_out([0] * empty, [10] * empty, [], [], [], [], gap=5)
    assert layout.top.tolist() == [0, 15, 30][:empty]


def test_shaking_a_small_network_finds_fewer_crossings_and_the_same_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net = invented(200)
    ends = net.column, net.source, net.target
    shaken = arrange(*ends)
    assert arrange(*ends).tolist() == shaken.tolist()
    monkeypatch.setattr(layout, "SHAKES", 0)
    assert crossings(net.column, shaken, *ends[1:]) < crossings(
        net.column, arrange(*ends), *ends[1:]
    )
