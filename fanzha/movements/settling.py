"""What only all rows of a file together can say: whether amounts are signed, times dates (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.entities.rules import half_width

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from fanzha.movements.row import Row

UNCLEAR = "code_unclear"


def plain_word(word: str) -> str:
    """A direction word without what differs between files."""
    return half_width(word).casefold()


def unclear_among(words: Collection[str], unclear: Mapping[str, tuple[str, str]]) -> frozenset[str]:
    """The words of a file's direction column that tell nothing beside the others (R2)."""
    plain = {plain_word(word) for word in words}
    lost = {
        word for word, (beside, unless) in unclear.items()
        if beside in plain and unless not in plain
    }  # fmt: skip
    return frozenset(word for word in words if plain_word(word) in lost)


def settle_codes(rows: Sequence[Row], unclear: Mapping[str, tuple[str, str]]) -> int:
    """Take back directions that were read from an unclear code; the count of rows."""
    lost = unclear_among({row.direction_word for row in rows}, unclear)
    taken = [row for row in rows if row.direction_word in lost and row.direction != "unknown"]
    for row in taken:
        row.direction = "unknown"
        row.issues.append(UNCLEAR)
    return len(taken)


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
