"""A walk on the index as a `Trace`, so that every report and screen reads it like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fanzha.tracing.engine.columns import KINDS
from fanzha.tracing.engine.given import Given
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import NO_ROW, OUTSIDE, Seeds
from fanzha.tracing.engine.result import End, Piece, Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from fanzha.tracing.engine.cases import Walked
    from fanzha.tracing.engine.columns import Columns


def trace_of(
    columns: Columns,
    walked: Walked,
    case: int,
    *,
    claims: Mapping[int, str] | None = None,
    rule: str = "fifo",
    limits: Limits = NO_LIMITS,
) -> Trace:
    """Tell one case of a walk; its movements are the rows that carry traced money.

    Their ids are row numbers, their accounts codes. `claims` names payments by row; else each is
    called by its number. There are no notes: they come with the lines of the plain engine.
    """
    first, last = int(walked.firsts[case]), int(walked.firsts[case + 1])
    mine = walked.pieces[first:last]
    movements = columns.movements(_with_originals(columns, np.unique(mine[:, 0])))
    named = claims or {}
    payments = mine[mine[:, 4] < 0, 0].tolist()
    seeds = Seeds.of(movements, [(str(row), named.get(row, str(row))) for row in payments])
    claim_of = dict(zip((movements.ids[row] for row in seeds.rows), seeds.claims, strict=True))
    pieces: list[Piece] = []
    for row, lo, hi, _, parent, hop, _ in mine.tolist():
        name = str(row)
        claim = pieces[parent - first].claim if parent >= 0 else claim_of[name]
        above = parent - first if parent >= 0 else parent
        pieces.append(Piece(movements.row_of[name], lo, hi, claim, above, hop))
    ends = walked.ends[(walked.ends[:, 3] >= first) & (walked.ends[:, 3] < last)]
    return Trace(
        given=Given(movements=movements, seeds=seeds, rule=rule, limits=limits),
        pieces=tuple(pieces),
        ends=tuple(
            End(
                "" if account == OUTSIDE else str(account), KINDS[kind], fen,
                pieces[piece - first].claim, piece - first,
            )
            for account, kind, fen, piece in ends.tolist()
        ),
        notes=(),
    )  # fmt: skip


def _with_originals(columns: Columns, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Add what the rows reverse, and what that reverses."""
    while len(columns.reverses):
        originals = columns.reverses[rows]
        wider = np.union1d(rows, originals[originals != NO_ROW])
        if len(wider) == len(rows):
            break
        rows = wider
    return rows
