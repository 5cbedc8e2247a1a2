"""What every store takes and gives back; the way from the engine's rows to tables and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import pyarrow as pa

from fanzha.tracing.engine.limits import NO_LIMITS
from fanzha.tracing.engine.model import NO_BALANCE, NO_ROW
from fanzha.tracing.engine.result import NO_PIECE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fanzha.tracing.engine import Movements, Seeds, Trace
    from fanzha.tracing.engine.limits import Limits
    from fanzha.tracing.engine.model import EndKind

WHOLE: Final = pa.int64()
TEXT: Final = pa.string()

MOVEMENTS: Final = pa.schema(
    {
        "seq": WHOLE,
        "time": WHOLE,
        "time_to": WHOLE,
        "from_account": TEXT,
        "to_account": TEXT,
        "amount_fen": WHOLE,
        "balance_from_fen": WHOLE,
        "channel": TEXT,
        "currency": TEXT,
        "reverses": WHOLE,
    }
)
"""The columns of the movements that a store reads.

`seq` is unique and rises with the time, rows of one time as in their file. Times are whole seconds;
`time_to` may be null, as may `balance_from_fen` (stated by the payer's bank after the row) and
`reverses` (the `seq` of the original). An empty account is the world outside.
"""

PIECES: Final = pa.schema(
    {
        "row": WHOLE,
        "lo": WHOLE,
        "hi": WHOLE,
        "claim": TEXT,
        "hop": WHOLE,
        "parent_row": WHOLE,
        "parent_lo": WHOLE,
    }
)
"""Fen `lo..hi` of transfer `row`. A fen is traced at most once: (row, lo) is a key."""

ENDS: Final = pa.schema(
    {"account": TEXT, "kind": TEXT, "fen": WHOLE, "claim": TEXT, "row": WHOLE, "lo": WHOLE}
)
"""Some fen of the piece (row, lo), and where they ended."""


@dataclass(frozen=True)
class Found:
    """What a store found: tables of PIECES and ENDS, and how many rounds it took."""

    pieces: pa.Table
    ends: pa.Table
    rounds: int


class Store(Protocol):
    """Movements somewhere, and the one question that can be put to them there."""

    def trace_fifo(
        self,
        seeds: Seeds,
        *,
        limits: Limits = NO_LIMITS,
        openings: Mapping[str, int] | None = None,
        known: Collection[str] | None = None,
        gap_kinds: Mapping[str, EndKind] | None = None,
    ) -> Found:
        """Trace by `fifo`, as the engine's `trace` does, and give its pieces and ends as tables.

        The rows of `seeds` are `seq` numbers. Raises InputError where the engine would.
        """
        ...


def movement_table(movements: Movements) -> pa.Table:
    """Write movements as the table that a store reads."""
    names = [*movements.accounts, ""]
    return pa.table(
        {
            "seq": range(len(movements)),
            "time": movements.time,
            "time_to": movements.time_to,
            "from_account": [names[code] for code in movements.from_account.tolist()],
            "to_account": [names[code] for code in movements.to_account.tolist()],
            "amount_fen": movements.amount_fen,
            "balance_from_fen": _unless(movements.balance_from_fen.tolist(), NO_BALANCE),
            "channel": [kind.value for kind in movements.channel],
            "currency": movements.currency,
            "reverses": _unless(movements.reverses.tolist(), NO_ROW),
        },
        schema=MOVEMENTS,
    )


def _unless(numbers: list[int], nothing: int) -> list[int | None]:
    return [None if number == nothing else number for number in numbers]


def found_of(trace: Trace) -> Found:
    """Write a trace of the engine as tables; its rounds are its hops."""
    pieces, ends = trace.pieces, trace.ends
    parents = [pieces[piece.parent] if piece.parent != NO_PIECE else None for piece in pieces]
    of_pieces = {
        **{name: [getattr(piece, name) for piece in pieces] for name in PIECES.names[:5]},
        "parent_row": [parent.row if parent else None for parent in parents],
        "parent_lo": [parent.lo if parent else None for parent in parents],
    }
    of_ends = {
        "account": [end.account for end in ends],
        "kind": [end.kind.value for end in ends],
        "fen": [end.fen for end in ends],
        "claim": [end.claim for end in ends],
        "row": [pieces[end.piece].row for end in ends],
        "lo": [pieces[end.piece].lo for end in ends],
    }
    return Found(
        pieces=pa.table(of_pieces, PIECES),
        ends=pa.table(of_ends, ENDS),
        rounds=1 + max((piece.hop for piece in pieces), default=-1),
    )
