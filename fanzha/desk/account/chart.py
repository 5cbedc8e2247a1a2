"""The balance of an account over time as a picture, one per currency; its days open their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core.clock import local
from fanzha.desk.drawing import html
from fanzha.desk.statements.words import amount

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from django.utils.safestring import SafeString

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 190, 116, 12, 24
MOST_POINTS = 700
TICKS, LABEL = 6, 64
_CHART = (
    '<svg class="ac-chart" viewBox="0 0 {} {}" role="group" aria-label="{}">{}'
    '<path class="ac-balance" d="{}"/>{}</svg>'
)
_LEVEL = (
    '<line class="ac-axis" x1="{}" x2="{}" y1="{}" y2="{}"/>'
    '<text x="{}" y="{}" text-anchor="end">{}</text>'
)
_TICK = '<a href="{}"><text x="{}" y="{}">{}</text></a>'


def draw(points: Sequence[tuple[datetime, int]], currency: str, rows_url: str) -> SafeString:
    """A stepped line through stated balances (minor units), in time order; never empty."""
    start, end = points[0][0].timestamp(), points[-1][0].timestamp()
    low, high = min(0, *(fen for _, fen in points)), max(0, *(fen for _, fen in points))

    def across(at: float) -> float:
        return LEFT + (at - start) / ((end - start) or 1) * (WIDTH - LEFT - 8)

    def down(fen: int) -> float:
        return HEIGHT - BOTTOM - (fen - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    drawn = [(across(at.timestamp()), down(fen)) for at, fen in _thinned(points)]
    path = f"M{drawn[0][0]:.1f} {drawn[0][1]:.1f}" + "".join(
        f"H{x:.1f}V{y:.1f}" for x, y in drawn[1:]
    )
    levels = html("".join([_LEVEL] * len({low, high, 0})), *(
        part
        for fen in sorted({low, high, 0})
        for part in (
            LEFT, WIDTH, f"{down(fen):.1f}", f"{down(fen):.1f}", LEFT - 6, f"{down(fen) + 4:.1f}",
            amount(fen, currency),
        )
    ))  # fmt: skip
    told = gettext("Balance from %(low)s to %(high)s, last %(last)s") % {
        "low": amount(min(fen for _, fen in points), currency),
        "high": amount(max(fen for _, fen in points), currency),
        "last": amount(points[-1][1], currency),
    }
    return html(_CHART, WIDTH, HEIGHT, told, levels, path, _ticks(points, across, rows_url))


def _ticks(
    points: Sequence[tuple[datetime, int]], across: Callable[[float], float], rows_url: str
) -> SafeString:
    """A few days along the foot, each a link to its rows; days of rows only."""
    days: dict[str, float] = {}
    for at, _ in points:
        days.setdefault(f"{local(at):%Y-%m-%d}", across(at.timestamp()))
    shown: list[tuple[str, float]] = []
    for day, x in days.items():
        if not shown or (x - shown[-1][1] >= (WIDTH - LEFT) / TICKS and x < WIDTH - LABEL):
            shown.append((day, x))
    parts = [
        (f"{rows_url}?since={day}&until={day}", f"{x:.1f}", HEIGHT - 6, day) for day, x in shown
    ]
    return html(_TICK * len(parts), *(part for each in parts for part in each))


def _thinned(points: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """At most some MOST_POINTS: of each stretch its lowest, its highest and its last."""
    size = max(3 * len(points) // MOST_POINTS, 1)
    if size == 1:
        return list(points)
    kept: list[tuple[datetime, int]] = [points[0]]
    for at in range(0, len(points), size):
        part = points[at : at + size]
        extremes = {min(part, key=_fen), max(part, key=_fen), part[-1]}
        kept += sorted(extremes, key=part.index)
    return kept


def _fen(point: tuple[datetime, int]) -> int:
    return point[1]
