"""Find all shapes of a trace, and list those that tell something new, the largest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.shapes.fans import fan_ins, fan_outs, gather_scatters
from fanzha.tracing.shapes.layers import layers, lines
from fanzha.tracing.shapes.model import network_of, usual_bounds
from fanzha.tracing.shapes.paths import cycles, scatter_gathers
from fanzha.tracing.shapes.words import SHAPES_LEFT_OUT, Kind, Note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fanzha.tracing.engine import Trace
    from fanzha.tracing.shapes.model import Bounds, Shape

_ORDER = tuple(Kind)


class Found(NamedTuple):
    """The shapes, the steps that the search took, and what it left out."""

    shapes: list[Shape]
    steps: int
    notes: list[Note]


def find_shapes(trace: Trace, bounds: Bounds | None = None) -> Found:
    """Name the shapes of the traced network; see `Shape` for what each says.

    Two names for the same rows are one find: webs and hubs are taken first, then cycles, then
    fans; what is less than half new, in rows or in fen, is dropped (a cycle: without a new row).
    Connected shapes stand before lines that run side by side, larger ones (`weight`) before
    smaller ones. Names of accounts play no part; the same trace gives the same list.
    """
    network = network_of(trace, bounds or usual_bounds())
    rich = [*layers(network), *scatter_gathers(network), *gather_scatters(network)]
    fans = [*fan_ins(network), *fan_outs(network)]
    kept: list[Shape] = []
    fen, covered = {arc.row: arc.fen for arc in network.arcs}, set[int]()
    for group in (rich, list(cycles(network)), fans, list(lines(network))):
        kept += _telling(group, fen, covered)
    kept.sort(key=_rank)
    most = network.bounds.most_shapes
    if len(kept) > most:
        network.notes.append(Note(SHAPES_LEFT_OUT, {"count": len(kept) - most}))
    return Found(kept[:most], network.steps, network.notes)


def shapes_of(trace: Trace) -> list[Shape]:
    """The shapes of the traced network under the usual bounds, the largest first."""
    return find_shapes(trace).shapes


def _telling(shapes: Iterable[Shape], fen: Mapping[int, int], covered: set[int]) -> Iterator[Shape]:
    for shape in sorted(shapes, key=_rank):
        fresh = [row for row in shape.rows if row not in covered]
        half = 2 * len(fresh) >= len(shape.rows)
        half = half and 2 * sum(fen[row] for row in fresh) >= shape.weight
        if fresh and (shape.kind is Kind.CYCLE or half):
            covered.update(shape.rows)
            yield shape


def _rank(shape: Shape) -> tuple[object, ...]:
    place = _ORDER.index(shape.kind)
    return not shape.connected, -shape.weight, -len(shape.rows), place, shape.rows
