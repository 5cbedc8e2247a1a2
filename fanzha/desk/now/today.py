"""The figures of today over the desk: reports, how fast stops took effect, where money stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.core import clock
from fanzha.desk.flow.bar import bar
from fanzha.desk.now import reads

if TYPE_CHECKING:
    from datetime import datetime

PROMPT = timedelta(minutes=15)
"""A stop in effect so soon after the report counts as prompt (the centre's own goal; assumed)."""


@dataclass(frozen=True)
class Today:
    """Counts of reports and sums in fen since midnight."""

    reports: int
    stoppable: int
    prompt: int
    stopped_fen: int
    frozen_fen: int
    transit_fen: int
    gone_fen: int
    unknown_fen: int

    @property
    def held_fen(self) -> int:
        """Stopped and frozen."""
        return self.stopped_fen + self.frozen_fen

    @property
    def prompt_share(self) -> str:
        """The share of prompt stops with one decimal; empty when there was nothing to stop."""
        return f"{self.prompt * 1000 // self.stoppable / 10:.1f}" if self.stoppable else ""


def today(at: datetime) -> Today:
    """The figures of the reports since midnight in the centre's zone."""
    midnight = clock.local(at).replace(hour=0, minute=0, second=0, microsecond=0)
    told = reads.reports(midnight, PROMPT)
    sums = dict.fromkeys(("stopped", "frozen", "transit", "gone", "unknown"), 0)
    for figures in {row["case_id"]: row["figures"] for row in told if row["figures"]}.values():
        parts = bar(figures)
        for name in sums:
            sums[name] += parts[name]
    return Today(
        reports=len(told),
        stoppable=sum(row["stoppable"] for row in told),
        prompt=sum(row["stoppable"] and row["prompt"] for row in told),
        **{f"{name}_fen": fen for name, fen in sums.items()},
    )
