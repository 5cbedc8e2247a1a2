"""Limits of a trace: they end what is followed, they never change whose money is whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine.model import InputError

if TYPE_CHECKING:
    from fanzha.tracing.engine.model import Movements


@dataclass(frozen=True)
class Limits:
    """What is followed, all bounds inclusive; None: without bound.

    `min_amount_fen` is that of the whole transfer; `max_hops` counts the victim's payment as 0;
    `hop_window` is seconds from the arrival of the traced money to the onward transfer;
    `max_transfers` counts onward transfers that carry traced money, in order of their leaving.
    """

    min_amount_fen: int = 0
    max_hops: int | None = None
    hop_window: int | None = None
    max_transfers: int | None = None

    def __post_init__(self) -> None:
        for name in ("min_amount_fen", "max_hops", "hop_window", "max_transfers"):
            if (getattr(self, name) or 0) < 0:
                raise InputError(f"the limit {name} is negative", field=name)

    def follow(self, movements: Movements, row: int, *, hop: int, arrived: int) -> bool:
        """Tell whether `row` is followed as hop `hop` for money that arrived then (seconds)."""
        if movements.amount_fen[row] < self.min_amount_fen:
            return False
        if self.max_hops is not None and hop > self.max_hops:
            return False
        return self.hop_window is None or int(movements.time[row]) - arrived <= self.hop_window


NO_LIMITS: Final = Limits()
