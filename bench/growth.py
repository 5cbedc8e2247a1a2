"""Draw how tracing grows with the number of rows, from the figures in bench/measured.

python -m bench.growth --out docs/pictures/tracing-growth.svg
"""

from __future__ import annotations

import argparse
import json
import re
from html import escape
from math import log10
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.tracing import MEASURED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    Points = list[tuple[int, float]]

WIDTH, HEIGHT = 860, 520
LEFT, RIGHT, TOP, BOTTOM = 70, 300, 40, 50
LEAST_APART = 15
HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    ' font-family="sans-serif" font-size="12">'
)
TITLE = "Tracing: seconds over movements (dashed: peers)"
MILLISECONDS = 1_000


class Curve(NamedTuple):
    """One line of the picture: which goal it is read from, and whose figure is meant."""

    name: str
    goal: str
    peer: bool
    colour: str


CURVES = (
    Curve("plain Python, FIFO", r"FIFO sweep \(plain", True, "#999999"),
    Curve("Polars joins, reach", r"reach .*Polars", True, "#b8a13c"),
    Curve("DuckDB recursive CTE, reach", r"reach .*CTE", True, "#c77d1e"),
    Curve("DuckDB SQL hops, all cases", r"all .*SQL hops", True, "#c2482f"),
    Curve("index build", r"index build$", False, "#1b3a6b"),
    Curve("FIFO sweep, all payments", r"FIFO sweep", False, "#2f6db5"),
    Curve(
        "pro-rata sweep, balances kept",
        r"pro-rata sweep, cut-off 1 yuan \(ledger",
        False,
        "#2e8b6f",
    ),
    Curve("all cases walked on the index", r"all .* walked", False, "#5b3a9b"),
    Curve("reach of one payment", r"reach .*scan", False, "#3c9fb8"),
    Curve("sequential scan", r"sequential scan", False, "#444444"),
    Curve("one FIFO case, p50", r"one FIFO case, p50", False, "#8a4fa8"),
)


def main() -> None:
    """Draw the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.write_text(picture(measured(MEASURED)), "utf-8")


def measured(folder: Path) -> dict[int, list[Mapping[str, object]]]:
    """The goals by number of rows."""
    found = {
        int(path.stem.removeprefix("tracing-")): json.loads(path.read_text("utf-8"))
        for path in folder.glob("tracing-*.json")
    }
    return dict(sorted(found.items()))


def points(curve: Curve, goals: Mapping[int, Sequence[Mapping[str, object]]]) -> Points:
    """The curve as (rows, seconds)."""
    found = []
    for rows, each in goals.items():
        for goal in each:
            value = goal["peer" if curve.peer else "ours"]
            if re.match(curve.goal, str(goal["id"])) and isinstance(value, int | float) and value:
                found.append((rows, value / (MILLISECONDS if goal["unit"] == "ms" else 1)))
                break
    return found


def picture(goals: Mapping[int, Sequence[Mapping[str, object]]]) -> str:
    """The figures as SVG: both axes grow by tens."""
    curves = [(curve, points(curve, goals)) for curve in CURVES]
    curves = [(curve, line) for curve, line in curves if line]
    seconds = [value for _, line in curves for _, value in line]
    plot = _Plot(
        min(goals),
        max(goals),
        10 ** int(log10(min(seconds)) - 1),
        10 ** int(log10(max(seconds)) + 1),
    )
    lines = [
        HEAD,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{TITLE}</text>',
        *plot.grid(),
        *_curves(plot, curves),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


class _Plot(NamedTuple):
    """The span of both axes."""

    fewest: int
    most: int
    shortest: float
    longest: float

    def x(self, rows: float) -> float:
        part = log10(rows / self.fewest) / max(log10(self.most / self.fewest), 1)
        return round(LEFT + part * (WIDTH - LEFT - RIGHT), 1)

    def y(self, seconds: float) -> float:
        part = log10(seconds / self.shortest) / log10(self.longest / self.shortest)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)

    def grid(self) -> Iterator[str]:
        """A line per power of ten, with its name."""
        for power in range(round(log10(self.shortest)), round(log10(self.longest)) + 1):
            y = self.y(10.0**power)
            yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{_seconds(power)}</text>'
        for power in range(round(log10(self.fewest)), round(log10(self.most)) + 1):
            x = self.x(10**power)
            yield f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#dddddd"/>'
            yield f'<text x="{x}" y="{HEIGHT - 28}" text-anchor="middle">1e{power}</text>'


def _seconds(power: int) -> str:
    for least, unit in ((0, "s"), (-3, "ms"), (-6, "µs")):
        if power >= least:
            return f"{10 ** (power - least)} {unit}"
    return f"1e{power} s"


def _curves(plot: _Plot, curves: Sequence[tuple[Curve, Points]]) -> Iterator[str]:
    """The lines, each named at its end; names keep apart."""
    ends = sorted(curves, key=lambda each: plot.y(each[1][-1][1]))
    last = 0.0
    for curve, line in ends:
        spots = [(plot.x(rows), plot.y(seconds)) for rows, seconds in line]
        dashes = ' stroke-dasharray="5 4"' if curve.peer else ""
        path = "L".join(f"{x} {y}" for x, y in spots)
        yield f'<path d="M{path}" fill="none" stroke="{curve.colour}" stroke-width="2"{dashes}/>'
        for x, y in spots:
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{curve.colour}"/>'
        x, y = spots[-1]
        last = max(y + 4, last + LEAST_APART)
        end = WIDTH - RIGHT + 10
        yield f'<path d="M{x} {y}L{end} {last - 4}" stroke="{curve.colour}" stroke-width="0.5"/>'
        yield f'<text x="{end + 4}" y="{last}" fill="{curve.colour}">{escape(curve.name)}</text>'


if __name__ == "__main__":
    main()
