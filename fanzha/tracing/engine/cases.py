"""Trace cases on the index: payments in, pieces and ends out, as arrays or as a `Trace`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.columns import CODE_OF
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import EndKind, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from fanzha.tracing.engine.index import Index
    from fanzha.tracing.engine.lines import Lines, Matches
    from fanzha.tracing.engine.walking import Task

NEVER: Final = 2**63 - 1
PIECE_WIDTH, END_WIDTH = 7, 4
FIRST_ROOM: Final = 4_096
STEPS: Final = 65_536
"""So many pieces are handed on before `stop` is asked again."""


END_CODES: Final[dict[str, int]] = {
    "held": CODE_OF[EndKind.HELD],
    "unknown": CODE_OF[EndKind.UNKNOWN],
    "overdraft": CODE_OF[EndKind.OVERDRAFT],
    "returned": CODE_OF[EndKind.RETURNED_TO_VICTIM],
    "beyond": CODE_OF[EndKind.BEYOND_LIMITS],
    "exchanged": CODE_OF[EndKind.CURRENCY_EXCHANGE],
}


@dataclass(frozen=True, eq=False)
class Walked:
    """What became of all cases. Case `c` has the pieces from `firsts[c]` to `firsts[c + 1]`.

    `pieces` (row, lo, hi, seed, parent, hop, payer) and `ends` (account, kind as a place in KINDS,
    fen, piece), int64. `seed` counts the payments of all cases. The pieces from `waiting` on were
    not handed on when `stop` ended the walk.
    """

    pieces: NDArray[np.int64]
    ends: NDArray[np.int64]
    firsts: NDArray[np.int64]
    waiting: int

    @property
    def finished(self) -> bool:
        """Whether every piece was followed to its end."""
        return self.waiting == len(self.pieces)


def walk_cases(
    index: Index,
    cases: Sequence[Sequence[int]],
    *,
    limits: Limits = NO_LIMITS,
    stops: Mapping[int, EndKind] | None = None,
    stop: Callable[[], bool] | None = None,
    matches: Matches | None = None,
) -> Walked:
    """Walk every case (its payments' rows) on the index by FIFO, or by LIFO with its `matches`.

    `stops` names accounts that are not followed and the kind of end of what reaches them. `stop` is
    asked every so often and ends the walk. Raises InputError for a payment that is no row.
    """
    lines = index.lines
    walker = Walker(lines, index.matches if matches is None else matches, index.columns.accounts)
    return walker.walk(cases, limits=limits, stops=stops, stop=stop)


class Walker:
    """The lines with room to write on, kept between cases."""

    def __init__(self, lines: Lines, matches: Matches, accounts: int) -> None:
        self.lines = lines
        self.matches = matches
        self.rows = len(lines.base.fen) + len(lines.more.fen)
        self.followed = np.full(accounts, 255, np.uint8)
        self.pieces = np.empty((FIRST_ROOM, PIECE_WIDTH), np.int64)
        self.ends = np.empty((FIRST_ROOM, END_WIDTH), np.int64)

    def walk(
        self,
        cases: Sequence[Sequence[int]],
        *,
        limits: Limits = NO_LIMITS,
        stops: Mapping[int, EndKind] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Walked:
        """Walk the cases; see `walk_cases`."""
        task = self.task(cases, limits, stops or {})
        if limits.max_transfers is not None:
            self._set_horizons(task, limits.max_transfers)
        return self._walk(task, stop)

    def _walk(self, task: Task, stop: Callable[[], bool] | None) -> Walked:
        from fanzha.tracing.engine.walking import AT, DONE, ENDS, NO_ROOM, PIECES, Sheet, walk

        state, count = np.zeros(4, np.int64), len(task.bounds) - 1
        firsts = np.zeros(count + 1, np.int64)
        steps = -1 if stop is None else STEPS
        said = NO_ROOM
        while said != DONE:
            said = walk(task, Sheet(self.pieces, self.ends, firsts, state), steps)
            if said == NO_ROOM:
                self._make_room(int(state[PIECES]), int(state[ENDS]))
            elif said != DONE and stop is not None and stop():
                break
        firsts[count] = state[PIECES]
        return Walked(
            pieces=self.pieces[: state[PIECES]].copy(),
            ends=self.ends[: state[ENDS]].copy(),
            firsts=firsts,
            waiting=int(state[AT]),
        )

    def _make_room(self, pieces: int, ends: int) -> None:
        """Double what is more than half full."""
        if 2 * pieces >= len(self.pieces):
            self.pieces = np.resize(self.pieces, (2 * len(self.pieces), PIECE_WIDTH))
        if 2 * ends >= len(self.ends):
            self.ends = np.resize(self.ends, (2 * len(self.ends), END_WIDTH))

    def task(
        self, cases: Sequence[Sequence[int]], limits: Limits, stops: Mapping[int, EndKind]
    ) -> Task:
        """Put the cases into the form that a walk reads."""
        from fanzha.tracing.engine.walking import Rules, Task

        bounds = np.zeros(len(cases) + 1, np.int64)
        np.cumsum([len(rows) for rows in cases], out=bounds[1:])
        payments = [row for rows in cases for row in sorted(rows)]
        if payments and not 0 <= min(payments) <= max(payments) < self.rows:
            raise InputError("a payment is no row", field="id")
        stopped = self.followed
        if stops:
            stopped = self.followed.copy()
            stopped[list(stops)] = [CODE_OF[kind] for kind in stops.values()]
        rules = Rules(
            stop=stopped,
            horizon=np.full(len(cases), NEVER, np.int64),
            min_fen=limits.min_amount_fen,
            max_hops=NEVER if limits.max_hops is None else limits.max_hops,
            window=-1 if limits.hop_window is None else limits.hop_window,
            **END_CODES,
        )
        return Task(self.lines, self.matches, rules, np.array(payments, np.int64), bounds)

    def _set_horizons(self, task: Task, most: int) -> None:
        """Find per case the transfer that comes after the first `most`."""
        from fanzha.tracing.engine.horizon import horizon
        from fanzha.tracing.engine.walking import Sheet

        for case in range(len(task.bounds) - 1):
            found = -1
            while found < 0:
                heap = np.empty(len(self.pieces), np.int64)
                state, firsts = np.array([case, 0, 0, 0]), np.zeros(case + 1, np.int64)
                sheet = Sheet(self.pieces, self.ends, firsts, state)
                found = horizon(task, sheet, heap, most)
                if found < 0:
                    self._make_room(len(self.pieces), len(self.ends))
            task.rules.horizon[case] = found
