"""Facts that cases announces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HubDecided:
    """An officer decided, or took back, that money be followed through a hub."""

    decision_id: str
    case_id: int
