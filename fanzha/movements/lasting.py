"""Keeping what was made of a case's rows for other processes; it is no record and nobody's act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from fanzha.movements import keeping
from fanzha.movements.locking import FILES, lock
from fanzha.movements.queries import version_of_case

if TYPE_CHECKING:
    from fanzha.movements.gathered import Gathered


def keep_gathered(case_id: int, found: Gathered) -> None:
    """Keep the table of a case, unless the case has changed or was erased meanwhile.

    An erasure waits for the lock and removes the folder after us; after it there are no statements
    and nothing is written.
    """
    if found.table.num_rows < keeping.LEAST_ROWS:
        return
    with transaction.atomic():
        lock(FILES, case_id)
        if found.version.sources and version_of_case(case_id) == found.version:
            keeping.keep(case_id, found)
