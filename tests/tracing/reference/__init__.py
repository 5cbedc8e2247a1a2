"""A second way to trace: every row replayed in its order, every lot written down.

Written from the meaning of the rules alone and to be read beside it; it shares no code with the
engine. Amounts are whole fen, or exact fractions of a fen under `rolling_pro_rata`. Slow, plain.
"""

from tests.tracing.reference.coins import backward_ends
from tests.tracing.reference.lots import Lot, Rule
from tests.tracing.reference.orders import possible_orders, ranges, replays
from tests.tracing.reference.replay import Replay
from tests.tracing.reference.rounding import rounded
from tests.tracing.reference.rows import Case, Event, Limits, Row, events
from tests.tracing.reference.touch import Touch
from tests.tracing.reference.valuations import Share, valued

__all__ = [
    "Case",
    "Event",
    "Limits",
    "Lot",
    "Replay",
    "Row",
    "Rule",
    "Share",
    "Touch",
    "backward_ends",
    "events",
    "possible_orders",
    "ranges",
    "replays",
    "rounded",
    "valued",
]
