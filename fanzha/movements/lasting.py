"""Keeping what was made of a case's rows for other processes; it is no record and nobody's act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from fanzha.movements import keeping, lake
from fanzha.movements.locking import FILES, lock
from fanzha.movements.queries import version_of_case

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.movements.gathered import Gathered


def keep(case_id: int, found: Gathered, beside: Mapping[str, tuple[str, bytes]]) -> None:
    """Keep a long table of a case and, by kind, name and bytes of what was made of it.

    Nothing is kept when the case has changed or was erased meanwhile. An erasure waits for the lock
    and removes the folder after us; after it there are no statements and nothing is written.
    """
    if found.table.num_rows < keeping.LEAST_ROWS:
        return
    with transaction.atomic():
        lock(FILES, case_id)
        if found.version.sources and version_of_case(case_id) == found.version:
            keeping.keep(case_id, found)
            for kind, (name, content) in beside.items():
                lake.keep_made(case_id, kind, name, content)


def kept(case_id: int, found: Gathered, kind: str, name: str) -> bytes | None:
    """What was kept beside a long table, if it is the last of its kind."""
    if found.table.num_rows < keeping.LEAST_ROWS:
        return None
    return lake.made(case_id, kind, name)
