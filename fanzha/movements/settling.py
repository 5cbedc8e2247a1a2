"""What only all rows of a file together can say: whether amounts are signed, times dates (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fanzha.movements.row import Row


def settle_signs(rows: Sequence[Row]) -> int:
    """Make amounts positive; the count of rows whose sign contradicts their word.

    A file that writes every payment out with a minus and nothing else signs its amounts. Any other
    minus takes a movement back, or means something else: its direction is unknown.
    """
    out = [row.amount_fen < 0 for row in rows if row.direction == "out" and row.amount_fen]
    signed = all(out) and not any(row.amount_fen < 0 for row in rows if row.direction == "in")
    against = 0
    for row in rows:
        if row.amount_fen >= 0:
            continue
        row.amount_fen = -row.amount_fen
        if row.direction != "unknown" and not signed:
            row.direction = "unknown"
            row.issues.append("sign_against_direction")
            against += 1
    return against


def settle_midnights(rows: Sequence[Row]) -> bool:
    """Whether every row claims 00:00:00: then the file knows the date only."""
    stamped = {(row.time_precision, row.txn_time.strftime("%H%M%S")) for row in rows}
    if len(rows) == 1 or stamped - {("second", "000000"), ("minute", "000000")}:
        return False
    for row in rows:
        row.time_precision = "date"
    return True
