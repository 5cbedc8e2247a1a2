"""A made-up network for the tests of picture and screens: a loop, exits, gaps, two payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.desk.flow.fates import Hold, split_all
from fanzha.desk.flow.picture import build
from fanzha.tracing.engine import Movement, Movements, Seeds, account_ends, trace

if TYPE_CHECKING:
    from collections import Counter
    from datetime import datetime
    from typing import Any

    from fanzha.desk.flow.fates import Fate
    from fanzha.desk.flow.picture import Picture
    from fanzha.tracing.engine import Trace

SECRET = b"test"
ROWS = [
    ("p1", 0, "V", "A", 90_000, ""),
    ("p2", 1, "V", "B", 50_000, ""),
    ("p3", 2, "W", "A", 30_000, ""),
    ("m1", 3, "A", "C", 60_000, ""),
    ("m2", 4, "A", "C", 10_000, ""),
    ("m3", 5, "B", "C", 20_001, ""),
    ("m4", 6, "C", "D", 70_000, ""),
    ("m5", 7, "C", "", 15_000, "cash"),
    ("m6", 8, "D", "A", 7_000, ""),
    ("m7", 9, "A", "E", 40_000, ""),
    ("m8", 10, "D", "B", 3, ""),
    ("m9", 11, "B", "A", 9_000, ""),
    ("m10", 12, "A", "", 2_000, "unknown"),
    ("m11", 13, "A", "F", 15_000, ""),
]
VICTIMS = {"p1": "v", "p2": "v", "p3": "w"}


def traced(
    rows: list[Any] = ROWS, seeds: tuple[str, ...] = ("p1", "p2", "p3"), rule: str = "fifo"
) -> Trace:
    """The trace of the rows; E and F are not known."""
    made = Movements.build(
        [
            Movement(name, time, payer, payee, fen, channel=channel)
            for name, time, payer, payee, fen, channel in rows
        ]
    )
    known = {row[2] for row in rows} | {row[3] for row in rows} - {"E", "F", ""}
    paid = Seeds.of(made, [(s, s) for s in seeds])
    return trace(made, paid, rule=rule, known=known - {"E", "F"})


def parts_of(found: Trace, until: datetime | None = None) -> dict[tuple[str, str], Counter[Fate]]:
    """Fates of the ends: A is stopped with less than lies there, C is frozen up to a limit."""
    holds = {}
    if until is not None:
        holds = {
            "A": Hold(stopped_until=until),
            "C": Hold(frozen_until=until, frozen_fen=1_000),
            "E": Hold(stopped_until=until, stop_balance_fen=11_111),
        }
    return split_all([(e.account, str(e.kind), e.fen) for e in account_ends(found)], holds)


def picture(found: Trace | None = None, **how: Any) -> Picture:
    """The picture of the network."""
    from tests.cast import NOON

    found = found or traced()
    parts = parts_of(found, how.pop("until", NOON))
    return build(found, parts, how.pop("victims", VICTIMS), secret=SECRET, **how)
