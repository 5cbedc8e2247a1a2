"""The layout of a fund flow beside graphviz dot: time and crossings on the same networks.

`dot` is Debian's package graphviz, wanted here only; without it our figures stand alone. Both get
the columns: a rank for dot, a column for ours. Nets have edges between neighbouring columns alone,
so that crossings mean the same on both sides.
"""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bench.goals import Goal
from fanzha.tracing.engine import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

NODES = {"small": (200, 1_000), "full": (200, 1_000, 5_000)}
COLUMNS = 6
REPEATS = 5
GAP, HEIGHT, THICKNESS = 12, 36, 3
TIMES_FASTER = 100.0
MOST_CROSSINGS = 1 / 1.2
"""Ours may cross 1.2 times as often as dot's: the peer's count over ours is at least this."""
PATIENCE_SECONDS = 240
POSITION, NAME = 3, 1


class Net(NamedTuple):
    """Column of each node; ends and fen of each edge."""

    column: NDArray[np.int64]
    source: NDArray[np.int64]
    target: NDArray[np.int64]
    weight: NDArray[np.int64]


def measure(size: str) -> list[Goal]:
    """Seconds for rank and place, and crossings, by number of nodes."""
    goals: list[Goal] = []
    for nodes in NODES[size]:
        net = invented(nodes)
        ours, rank = _ours(net)
        crossed = layout.crossings(net.column, rank, net.source, net.target)
        theirs = _dot(net)
        judged = nodes == NODES["small"][-1] and theirs is not None
        goals += [
            Goal(
                f"layout of {nodes} nodes, {len(net.source)} edges", ours, "s", on_ratio=True,
                target=TIMES_FASTER if judged else None, peer=theirs[0] if theirs else None,
            ),
            Goal(
                f"crossings at {nodes} nodes", crossed, "", on_ratio=True,
                target=MOST_CROSSINGS if theirs else None, peer=theirs[1] if theirs else None,
            ),
        ]  # fmt: skip
    return goals


def invented(nodes: int) -> Net:
    """A mule network: every account is paid by one or two of the column before it."""
    chance = random.Random(nodes)
    column = np.sort(np.array([1 + n % (COLUMNS - 1) for n in range(nodes)], np.int64))
    column[0] = 0
    members = [np.flatnonzero(column == number).tolist() for number in range(COLUMNS)]
    ends: set[tuple[int, int]] = set()
    for node in range(1, nodes):
        before = members[column[node] - 1]
        # Most money comes from few accounts, and neighbours in time share their payers.
        at = len(before) * members[column[node]].index(node) // len(members[column[node]])
        ends.add((before[at], node))
        if chance.random() < 0.35:  # noqa: PLR2004 - a third has a second payer
            ends.add((before[chance.randrange(len(before))], node))
    order = sorted(ends)
    chance.shuffle(order)
    source, target = (np.array(each, np.int64) for each in zip(*order, strict=True))
    weight = np.array([chance.randrange(100_00, 50_000_00) for _ in order], np.int64)
    return _renamed(Net(column, source, target, weight), chance)


def _renamed(net: Net, chance: random.Random) -> Net:
    """Number the nodes anew, so that no order is given away by the numbers."""
    new = list(range(len(net.column)))
    chance.shuffle(new)
    name = np.array(new, np.int64)
    column = np.empty_like(net.column)
    column[name] = net.column
    return Net(column, name[net.source], name[net.target], net.weight)


def _ours(net: Net) -> tuple[float, NDArray[np.int64]]:
    heights = np.full(len(net.column), HEIGHT, np.int64)
    thick = np.full(len(net.source), THICKNESS, np.int64)
    seconds = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        found = layout.lay_out(
            net.column, heights, net.source, net.target, net.weight, thick, gap=GAP
        )
        seconds.append(time.perf_counter() - begun)
    return median(seconds), found.rank


def _dot(net: Net) -> tuple[float, int] | None:
    """Seconds and crossings of dot, its start left out; None where it is not installed."""
    program = shutil.which("dot")
    if program is None:
        return None
    empty = min(_run(program, "digraph{a}")[0] for _ in range(REPEATS))
    seconds, plain = _run(program, _as_dot(net))
    height = np.zeros(len(net.column))
    for line in plain.splitlines():
        words = line.split()
        if words[0] == "node":
            height[int(words[NAME])] = float(words[POSITION])
    rank = np.empty(len(net.column), np.int64)
    for number in range(COLUMNS):
        members = np.flatnonzero(net.column == number)
        rank[members[np.argsort(height[members])]] = np.arange(len(members))
    crossed = layout.crossings(net.column, rank, net.source, net.target)
    return seconds - empty, crossed


def _as_dot(net: Net) -> str:
    lines = ["digraph{rankdir=LR;splines=line;node[shape=box]"]
    for number in range(COLUMNS):
        same = ";".join(map(str, np.flatnonzero(net.column == number).tolist()))
        lines.append(f"{{rank=same;{same}}}")
    lines += [f"{a}->{b}" for a, b in zip(net.source.tolist(), net.target.tolist(), strict=True)]
    return "\n".join([*lines, "}"])


def _run(program: str, text: str) -> tuple[float, str]:
    begun = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - a program named by the path, our own text
        [program, "-Tplain"], input=text, capture_output=True, text=True, check=True,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    return time.perf_counter() - begun, done.stdout
