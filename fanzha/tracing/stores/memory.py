"""The store in memory: the engine itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.tracing.engine import trace
from fanzha.tracing.engine.limits import NO_LIMITS
from fanzha.tracing.stores.base import Found, found_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from fanzha.tracing.engine import EndKind, Movements, Seeds
    from fanzha.tracing.engine.limits import Limits


class MemoryStore:
    """Movements of this process."""

    def __init__(self, movements: Movements) -> None:
        self.movements = movements

    def trace_fifo(
        self,
        seeds: Seeds,
        *,
        limits: Limits = NO_LIMITS,
        openings: Mapping[str, int] | None = None,
        known: Collection[str] | None = None,
        gap_kinds: Mapping[str, EndKind] | None = None,
    ) -> Found:
        """Trace by `fifo`; see base.Store."""
        return found_of(
            trace(
                self.movements, seeds, limits=limits,
                openings=openings, known=known, gap_kinds=gap_kinds,
            )
        )  # fmt: skip
