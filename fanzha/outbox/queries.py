"""Reads of the outbox: whether anything told has still to be worked out."""

from __future__ import annotations

from django.db import connection


def has_work() -> bool:
    """Whether a job waits or is being done; the sweeps, which never end, do not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
            " AND task_name NOT LIKE 'sweep.%')"
        )
        return bool(cursor.fetchone()[0])
