"""The balance of an account over time as a picture, one per currency; its days open their rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.desk.account.figures import local_times
from fanzha.desk.drawing import html
from fanzha.desk.statements.words import amount

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from django.utils.safestring import SafeString

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 190, 116, 12, 24
STRETCHES = 650
"""A little more than the line has pixels across; each stretch draws three points at most."""
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


def draw(stated: pa.Table, currency: str, rows_url: str) -> SafeString:
    """A stepped line through stated balances (minor units), in time order; never empty.

    `stated` has `txn_time` and `balance_fen`.
    """
    import pyarrow as pa

    times = stated["txn_time"].cast(pa.int64()).to_numpy()
    balances = stated["balance_fen"].to_numpy()
    x = LEFT + (times - times[0]) / ((times[-1] - times[0]) or 1) * (WIDTH - LEFT - 8)
    lowest, highest = int(balances.min()), int(balances.max())
    low, high = min(0, lowest), max(0, highest)

    def down(fen: int) -> float:
        return HEIGHT - BOTTOM - (fen - low) / ((high - low) or 1) * (HEIGHT - TOP - BOTTOM)

    kept = thinned(times, balances)
    drawn = [(across, down(fen)) for across, fen in zip(x[kept], balances[kept], strict=True)]
    path = f"M{drawn[0][0]:.1f} {drawn[0][1]:.1f}" + "".join(
        f"H{across:.1f}V{y:.1f}" for across, y in drawn[1:]
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
        "low": amount(lowest, currency),
        "high": amount(highest, currency),
        "last": amount(int(balances[-1]), currency),
    }
    return html(_CHART, WIDTH, HEIGHT, told, levels, path, _ticks(_days(stated, x), rows_url))


def _days(stated: pa.Table, x: np.ndarray) -> list[tuple[str, float]]:
    """The local days of rows, and where the first row of each stands."""
    import numpy as np

    days = local_times(stated).to_numpy().astype("datetime64[D]")
    each, first = np.unique(days, return_index=True)
    return list(zip(each.astype(str).tolist(), x[first].tolist(), strict=True))


def _ticks(days: Sequence[tuple[str, float]], rows_url: str) -> SafeString:
    """A few days along the foot, each a link to its rows; days of rows only."""
    shown: list[tuple[str, float]] = []
    for day, x in days:
        if not shown or (x - shown[-1][1] >= (WIDTH - LEFT) / TICKS and x < WIDTH - LABEL):
            shown.append((day, x))
    parts = [
        (f"{rows_url}?since={day}&until={day}", f"{x:.1f}", HEIGHT - 6, day) for day, x in shown
    ]
    return html(_TICK * len(parts), *(part for each in parts for part in each))


def thinned(times: np.ndarray, balances: np.ndarray) -> np.ndarray:
    """Places of some points: the first, and of each stretch the lowest, the highest, the last.

    Times never fall. At most 3 * STRETCHES + 1; all, where there are no more.
    """
    import numpy as np

    if len(times) <= 3 * STRETCHES:
        return np.arange(len(times))
    span = max(int(times[-1] - times[0]), 1)
    stretch = np.minimum((times - times[0]) / span * STRETCHES, STRETCHES - 1).astype(np.int64)
    order = np.lexsort((balances, stretch))
    ends = np.append(np.flatnonzero(np.diff(stretch)), len(times) - 1)
    starts = np.append(0, ends[:-1] + 1)
    return np.unique(np.concatenate(([0], order[starts], order[ends], ends)))
