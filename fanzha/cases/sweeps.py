"""Sweep of closed cases: those kept long enough are put before a person, who may erase them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.audit.rules import Ground
from fanzha.cases import actions, queries
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from datetime import datetime

NAME = "cases.retention"
BATCH = 100


def propose_erasures(at: datetime) -> int:
    """Propose the erasures that have become due; how many are new. None is carried out."""
    ground = Ground("sweep", NAME, "the time of keeping is over")
    with system_scope(NAME) as system:
        due = queries.erasures_due(at).filter(erasure_proposed_at=None)[:BATCH]
        return sum(actions.propose_erasure(system, case, at=at, ground=ground) for case in due)
