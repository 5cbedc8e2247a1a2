"""Sweeps of the lake: files that no manifest row names, and many small files that become few."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.audit.rules import Ground
from fanzha.identity.acting import system_scope
from fanzha.identity.models import Unit
from fanzha.movements import actions, lake, queries
from fanzha.movements.models import Piece, Statement

if TYPE_CHECKING:
    from datetime import datetime

NAME = "movements.orphans"
MERGE = "movements.merge"
AGE = timedelta(hours=1)
"""An import takes seconds; a younger file may belong to one that has not committed yet."""


def remove_orphans(at: datetime) -> int:
    """Remove files older than an hour that no manifest row names; how many there were."""
    old = [file for file in lake.files() if file.at < at - AGE]
    if not old:
        return 0
    with system_scope(NAME) as system:
        named = _named(old)
        orphans = [file.name for file in old if file.name not in named]
        if orphans:
            actions.remove_orphans(
                system, orphans, at=at, ground=Ground("sweep", NAME, "no manifest row names them")
            )
    return len(orphans)


def _named(old: list[lake.Written]) -> set[str]:
    """Which of the files hold a statement's rows or its source, under whichever root of units."""
    stems = [file.stem for file in old if file.name.endswith(lake.SOURCE)]
    found: set[str] = set()
    for root in _roots():
        with system_scope(NAME, root=root):
            pieces = Piece.objects.filter(name__in=[file.name for file in old])
            found |= set(pieces.values_list("name", flat=True))
            statements = Statement.objects.filter(public_id__in=stems)
            ids = statements.values_list("case_id", "public_id")
            found |= {lake.source_name(*each) for each in ids}
    return found


def merge_files(at: datetime) -> int:
    """Merge the files of every case that has gathered many; how many cases had."""
    merged = 0
    for root in _roots():
        with system_scope(MERGE, root=root):
            due = queries.merges_due()
        for case_id, level in due:
            # One case, one transaction: what was merged stays so, whatever happens to the next.
            with system_scope(MERGE, root=root) as system:
                merged += actions.merge_files(
                    system, case_id, level, at=at, ground=Ground("sweep", MERGE, "many small files")
                )
    return merged


def _roots() -> set[str]:
    return {path.split(".")[0] for path in Unit.objects.values_list("path", flat=True)}
