"""Where each node and strip of the picture stands, in pixels: pure, the same each time.

The server decides, so that screen, print and test show one picture. Columns are tiers, so only the
order inside a column is free: it follows the neighbours (barycentre), and the heights follow it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.tracing.engine import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.desk.flow.picture import Band, Edge, Node, Picture

NODE_WIDTH = 126
PITCH = 184
MARGIN = 10
HEAD = 48
HEADS = 44
"""So high is the strip with the names of the columns, which stays while the rest is scrolled."""
GAP = 12
NODE_HEIGHT = 36
VICTIM_HEIGHT = 62
PORT_MARGIN = 4
WIDEST = 56
"""All that the victims paid is so many pixels wide; every strip is in proportion to it."""
THINNEST = 1.0
LANE_GAP = 10
TURN = 26


@dataclass(frozen=True)
class Box:
    """A node's place: left upper corner and size."""

    node: Node
    x: int
    y: int
    height: int
    width: int = NODE_WIDTH

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return self.y + self.height / 2

    @property
    def half(self) -> float:
        """Half its height."""
        return self.height / 2

    @property
    def inside(self) -> float:
        """The height of a second line within its own."""
        return self.height - 5

    @property
    def foot(self) -> float:
        """Where its lower line runs."""
        return self.height - 0.75

    @property
    def lift(self) -> float:
        """How far its words stand below its top, to be in the middle of a tall box."""
        least = VICTIM_HEIGHT if self.node.kind == "victim" else NODE_HEIGHT
        return (self.height - least) / 2


@dataclass(frozen=True)
class Strip:
    """One fate of an edge: an SVG path and its width in pixels."""

    band: Band
    fen: int
    path: str
    width: float


@dataclass(frozen=True)
class Line:
    """An edge as drawn: its strips and one path along the middle of them all."""

    edge: Edge
    strips: tuple[Strip, ...]
    path: str
    width: float

    @property
    def halo(self) -> float:
        """Width of the outline of a chosen way."""
        return self.width + 3

    @property
    def middle(self) -> tuple[float, float]:
        """The middle between its ends, for a word."""
        found = [float(each) for each in re.findall(r"-?[\d.]+", self.path)]
        return round((found[0] + found[-2]) / 2, 1), round((found[1] + found[-1]) / 2, 1)

    @property
    def grip(self) -> float:
        """Width of what a pointer can hit."""
        return max(self.width + 4, 8)


@dataclass(frozen=True)
class Placed:
    """The whole picture in pixels, boxes in reading order: by column, then from the top."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int

    @property
    def below_heads(self) -> int:
        """The height without the strip of the columns' names."""
        return self.height - HEADS


def place(picture: Picture) -> Placed:
    """Lay the picture out."""
    widths = _widths(picture)
    heights = {node.id: _height(node, picture, widths) for node in picture.nodes}
    places = _tops(picture, heights)
    boxes = {
        node.id: Box(node, MARGIN + node.column * PITCH, places[node.id][1], heights[node.id])
        for node in sorted(picture.nodes, key=lambda node: (node.column, places[node.id][0]))
    }
    floor = max((box.y + box.height for box in boxes.values()), default=HEAD) + GAP
    lines, bottom = _lines(picture, boxes, widths, floor)
    return Placed(
        tuple(boxes.values()),
        tuple(sorted(lines, key=lambda line: (-line.width, line.edge.id))),
        MARGIN * 2 + (picture.columns - 1) * PITCH + NODE_WIDTH,
        bottom + MARGIN,
    )


def _widths(picture: Picture) -> dict[tuple[str, Band], float]:
    """Pixels of each strip, in proportion to its fen and never thinner than a line."""
    whole = sum(edge.fen for edge in picture.edges if _is_payment(edge, picture)) or 1
    return {
        (edge.id, band): max(round(fen * WIDEST / whole, 2), THINNEST)
        for edge in picture.edges
        for band, fen in edge.bands
    }


def _is_payment(edge: Edge, picture: Picture) -> bool:
    return picture.by_id[edge.source].kind == "victim"


def _thickness(edge: Edge, widths: Mapping[tuple[str, Band], float]) -> float:
    return sum(widths[edge.id, band] for band, _ in edge.bands)


def _drawn(picture: Picture) -> list[Edge]:
    """Edges inside one pile are counted, not drawn."""
    return [edge for edge in picture.edges if edge.source != edge.target]


def _height(node: Node, picture: Picture, widths: Mapping[tuple[str, Band], float]) -> int:
    right = left = 0.0
    for edge in _drawn(picture):
        if edge.source == node.id:
            right += _thickness(edge, widths)
        if edge.target == node.id:
            if picture.by_id[edge.source].column == node.column:
                right += _thickness(edge, widths)
            else:
                left += _thickness(edge, widths)
    least = VICTIM_HEIGHT if node.kind == "victim" else NODE_HEIGHT
    return max(least, round(max(left, right)) + 2 * PORT_MARGIN)


def _tops(picture: Picture, heights: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Rank in the column and upper edge of every node; large ones begin higher up."""
    nodes = sorted(picture.nodes, key=lambda node: (-node.received_fen, node.id))
    number = {node.id: at for at, node in enumerate(nodes)}
    columns = [node.column for node in nodes]
    high = [heights[node.id] for node in nodes]
    ends = [(number[e.source], number[e.target], e.fen) for e in _drawn(picture)]
    net = tuple(list(each) for each in zip(*ends, strict=True)) or ([], [], [])
    rank = layout.arrange(columns, *net[:2])
    top = layout.place(columns, rank, high, *net, gap=GAP)
    return {
        node.id: (int(rank[at]), HEAD + int(top[at]))
        for node, at in zip(nodes, number.values(), strict=True)
    }


def _lines(
    picture: Picture,
    boxes: Mapping[str, Box],
    widths: Mapping[tuple[str, Band], float],
    floor: int,
) -> tuple[list[Line], int]:
    """Every edge with its ports; edges that lead back run below the columns, one under another."""
    edges = _drawn(picture)
    leaves, arrives = _ports(edges, boxes, widths)
    lines, lane = [], float(floor)
    for edge in sorted(edges, key=lambda edge: (edge.fen, edge.id)):
        source, target = boxes[edge.source], boxes[edge.target]
        thick = _thickness(edge, widths)
        back = target.node.column < source.node.column
        start, end = leaves[edge.id], arrives[edge.id]
        strips, offset = [], 0.0
        for band, fen in edge.bands:
            width = widths[edge.id, band]
            middle = offset + width / 2
            below = lane + thick - middle
            path = _path(source, target, start + middle, end + middle, below)
            strips.append(Strip(band, fen, path, width))
            offset += width
        path = _path(source, target, start + thick / 2, end + thick / 2, lane + thick / 2)
        lines.append(Line(edge, tuple(strips), path, round(thick, 2)))
        if back:
            lane += thick + LANE_GAP
    return lines, round(lane)


def _ports(
    edges: Iterable[Edge], boxes: Mapping[str, Box], widths: Mapping[tuple[str, Band], float]
) -> tuple[dict[str, float], dict[str, float]]:
    """The upper end of each edge where it leaves and where it arrives, by the far end's height."""
    sides: dict[tuple[str, str], list[tuple[float, bool, Edge]]] = defaultdict(list)
    for edge in edges:
        source, target = boxes[edge.source], boxes[edge.target]
        way = target.node.column - source.node.column
        below = float("inf") if way < 0 else 0.0
        sides[edge.source, "right"].append((target.middle + below, True, edge))
        side = "right" if way == 0 else "left"
        sides[edge.target, side].append((source.middle + below, False, edge))
    leaves: dict[str, float] = {}
    arrives: dict[str, float] = {}
    for (node_id, _), ports in sides.items():
        box = boxes[node_id]
        at = box.middle - sum(_thickness(edge, widths) for _, _, edge in ports) / 2
        for _, leaving, edge in sorted(ports, key=lambda port: (port[0], port[1], port[2].id)):
            (leaves if leaving else arrives)[edge.id] = at
            at += _thickness(edge, widths)
    return leaves, arrives


def _path(source: Box, target: Box, start: float, end: float, lane: float) -> str:
    """From the right side of the source: onward, to a neighbour above or below, or back."""
    x1, x2 = source.x + source.width, target.x
    way = target.node.column - source.node.column
    if way > 0:
        middle = (x1 + x2) / 2
        return f"M{x1} {start:.1f}C{middle:g} {start:.1f} {middle:g} {end:.1f} {x2} {end:.1f}"
    if way == 0:
        reach = x1 + TURN
        return f"M{x1} {start:.1f}C{reach} {start:.1f} {reach} {end:.1f} {x1} {end:.1f}"
    out, home = x1 + TURN, x2 - TURN
    return (
        f"M{x1} {start:.1f}C{out} {start:.1f} {out} {lane:.1f} {x1} {lane:.1f}"
        f"L{x2} {lane:.1f}C{home} {lane:.1f} {home} {end:.1f} {x2} {end:.1f}"
    )
