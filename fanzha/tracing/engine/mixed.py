"""Trace a case by rolling pro rata on the index: shares in floating point, with a stated bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.cases import NEVER, Walker
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import InputError
from fanzha.tracing.engine.pro_rata import ROUNDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fanzha.tracing.engine.index import Index
    from fanzha.tracing.engine.mixing import Mix
    from fanzha.tracing.engine.model import EndKind
    from fanzha.tracing.engine.walking import Task

FIRST_ROOM: Final = 4_096


@dataclass(frozen=True, eq=False)
class Shared:
    """Shares of one case in fen (floating), each off by at most `largest_deviation_fen`.

    `rows` (row, claim) carry `carried`; `ends` (account, kind as a place in KINDS, claim) hold
    `ended`, several entries of one name adding up. They sum to what every claim paid.
    """

    rows: NDArray[np.int64]
    carried: NDArray[np.float64]
    ends: NDArray[np.int64]
    ended: NDArray[np.float64]
    largest_deviation_fen: float


class Mixer:
    """An index with room to work in, kept between cases."""

    def __init__(self, index: Index) -> None:
        if index.columns.special:
            raise InputError("reversals, other currencies and second times need the plain engine")
        self.index = index
        self.walker = Walker(index.lines, index.matches, index.columns.accounts)
        self.slot_of = np.full(index.columns.accounts, -1, np.int32)
        self.room = FIRST_ROOM

    def share(
        self,
        payments: Sequence[int],
        claims: Sequence[int],
        *,
        limits: Limits = NO_LIMITS,
        stops: Mapping[int, EndKind] | None = None,
    ) -> Shared:
        """Trace payments (rows, ascending) of claims (numbers from 0) through the whole index.

        Raises InputError for `hop_window`: it asks for every lot's own arrival.
        """
        from fanzha.tracing.engine.mixing import mix_case

        if limits.hop_window is not None:
            raise InputError("a hop window under rolling_pro_rata needs the plain engine")
        task = self.walker.task([payments], limits, stops or {})
        while True:
            mix = self._mix(claims, limits)
            done = mix_case(task, mix)
            if done:
                shared = self._shared(mix, task)
            self.slot_of[mix.account[: mix.state[0]]] = -1
            if done:
                return shared
            self.room *= 4

    def _mix(self, claims: Sequence[int], limits: Limits) -> Mix:
        from fanzha.tracing.engine.mixing import Mix

        hops = 1 if limits.max_hops is None else limits.max_hops + 1
        kinds = (max(claims, default=0) + 1) * hops
        return Mix(
            balances=self.index.balances,
            claims=np.array(claims, np.int64),
            hops=hops,
            most=NEVER if limits.max_transfers is None else limits.max_transfers,
            slot_of=self.slot_of,
            account=np.empty(self.room, np.int64),
            following=np.empty(self.room, np.int64),
            share=np.zeros((self.room, kinds)),
            moved=np.zeros(kinds),
            heap=np.empty(self.room, np.int64),
            rows=np.empty((self.room, 2), np.int64),
            carried=np.empty(self.room),
            ends=np.empty((self.room + 3 * kinds, 3), np.int64),
            ended=np.empty(self.room + 3 * kinds),
            state=np.zeros(6, np.int64),
        )

    def _shared(self, mix: Mix, task: Task) -> Shared:
        """Add what still lies in accounts to the ends."""
        slots, _, rows, ends, _, _ = mix.state.tolist()
        share = mix.share[:slots].reshape(slots, len(mix.moved) // mix.hops, mix.hops).sum(axis=2)
        slot, claim = np.nonzero(share > 0)
        still = np.stack([mix.account[slot], np.full(len(slot), task.rules.held), claim], axis=1)
        paid = float(self.index.columns.amount_fen[task.payments].sum())
        return Shared(
            rows=mix.rows[:rows].copy(),
            carried=mix.carried[:rows].copy(),
            ends=np.concatenate([mix.ends[:ends], still]),
            ended=np.concatenate([mix.ended[:ends], share[slot, claim]]),
            largest_deviation_fen=paid * 2 * ROUNDINGS * rows / 2**53,
        )
