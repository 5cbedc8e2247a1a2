"""The networks of the golden results: small, but with all that a rule has to decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.tracing.networks import row
from tests.tracing.reference import Case, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

LAYERS: Final = Case(
    # Two victims, a mule with own money, two tiers below, a loop, every kind of exit.
    rows=(
        row("v1", 100, "V1", "M", 50_000),
        row("salary", 110, "W", "M", 8000),
        row("v2", 120, "V2", "M", 30_001),
        row("m-p", 130, "M", "P", 40_000),
        row("m-q", 131, "M", "Q", 33_333),
        row("p-cash", 140, "P", "", 20_000, channel="cash"),
        row("p-fee", 140, "P", "", 7, channel="fee"),
        row("q-p", 150, "Q", "P", 10_000),
        row("p-m", 160, "P", "M", 5000),
        row("shop", 170, "M", "", 4999, channel="merchant"),
        row("coin", 180, "Q", "", 12_345, channel="crypto_otc"),
        row("q-x", 190, "Q", "X", 5000),
        row("x-q", 200, "X", "Q", 100),
    ),
    seeds={"v1": "V1", "v2": "V2"},
    openings={"M": 1234, "Q": 500},
    known=frozenset({"M", "P", "Q"}),
)
LEDGER: Final = Case(
    # Debt, missing money, reversals whole, in part and too late, another currency.
    rows=(
        row("early", 10, "A", "B", 700),
        row("v1", 20, "V1", "A", 1000, payee_balance=300),
        row("v2", 30, "V2", "A", 501),
        row("out", 40, "A", "C", 900, payer_balance=250),
        row("undo", 50, "C", "A", 900, reverses="out"),
        row("again", 60, "A", "C", 601),
        row("on", 70, "C", "D", 400),
        row("part", 80, "C", "A", 601, reverses="again"),
        row("dollars", 90, "W", "A", 50, currency="USD"),
        row("abroad", 95, "A", "E", 200, currency="USD"),
        row("v1b", 100, "V1", "D", 333),
        row("back", 110, "D", "V1", 300),
        row("v1c", 120, "V1", "B", 250),
    ),
    seeds={"v1": "V1", "v2": "V2", "v1b": "V1", "v1c": "V1"},
    openings={"C": 77, "V1": 100},
    gaps={"E": "no_reply"},
)
CUT: Final = Case(
    # Limits, two-sided times, rows of one second.
    rows=(
        row("v1", 0, "V1", "A", 900, time_to=30),
        row("v2", 10, "V2", "A", 600),
        row("own", 10, "W", "A", 300),
        row("a-b", 40, "A", "B", 1000, time_to=55),
        row("small", 41, "A", "C", 9),
        row("late", 5000, "A", "C", 400),
        row("b-c", 50, "B", "C", 800),
        row("b-d", 60, "B", "D", 900),
        row("d-e", 70, "D", "E", 700),
        row("e-f", 80, "E", "F", 650),
        row("c-cash", 90, "C", "", 500, channel="cash"),
    ),
    seeds={"v1": "V1", "v2": "V2"},
    openings={"B": 50},
    limits=Limits(min_amount_fen=10, max_hops=3, hop_window=3600, max_transfers=6),
)
NETWORKS: Final[Mapping[str, Case]] = {"layers": LAYERS, "ledger": LEDGER, "cut": CUT}
