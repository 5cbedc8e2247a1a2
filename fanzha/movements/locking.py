"""Locks on what a case holds in the lake, until the end of the transaction."""

from __future__ import annotations

from django.db import connection

CASE = "movements.case"
"""Two imports into one case would not see each other's rows and count overlaps twice."""
FILES = "movements.files"
"""One merge at a time, and none while the case is erased."""


def lock(what: str, case_id: int) -> None:
    """Wait for whoever holds the lock; it ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [what, case_id])
