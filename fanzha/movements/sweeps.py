"""Sweep of the lake: files that an interrupted import wrote and no manifest row names."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.audit.rules import Ground
from fanzha.identity.acting import system_scope
from fanzha.identity.models import Unit
from fanzha.movements import actions, lake
from fanzha.movements.models import Statement

if TYPE_CHECKING:
    from datetime import datetime

NAME = "movements.orphans"
AGE = timedelta(hours=1)
"""An import takes seconds; a younger file may belong to one that has not committed yet."""


def remove_orphans(at: datetime) -> int:
    """Remove files older than an hour that no statement names; how many there were."""
    old = [file for file in lake.files() if file.at < at - AGE]
    if not old:
        return 0
    with system_scope(NAME) as system:
        named = _named([file.public_id for file in old])
        orphans = [file.name for file in old
                   if file.public_id not in named or file.name.endswith(lake.PART)]  # fmt: skip
        if orphans:
            actions.remove_orphans(
                system, orphans, at=at, ground=Ground("sweep", NAME, "no manifest row names them")
            )
    return len(orphans)


def _named(public_ids: list[str]) -> set[str]:
    """Which of the statements exist, under whichever root of the tree of units."""
    found: set[str] = set()
    for root in {path.split(".")[0] for path in Unit.objects.values_list("path", flat=True)}:
        with system_scope(NAME, root=root):
            statements = Statement.objects.filter(public_id__in=public_ids)
            found |= set(statements.values_list("public_id", flat=True))
    return found
