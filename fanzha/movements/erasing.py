"""Erasure of what a case holds in the lake: rows, sources, and what dead processes left there."""

from __future__ import annotations

from django.db import transaction

from fanzha.movements import lake
from fanzha.movements.locking import CASE, FILES, lock


def erase_files(case_id: int) -> None:
    """Remove the case's folder when the transaction has committed, which erases its manifest.

    Waits for a running import or merge of the case. A process that dies between commit and removal
    leaves files that no manifest names: the orphan sweep removes them.
    """
    lock(CASE, case_id)
    lock(FILES, case_id)
    transaction.on_commit(lambda: lake.erase(case_id))
