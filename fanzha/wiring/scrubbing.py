"""Scrubbing the database: what was deleted leaves its files too.

PostgreSQL keeps deleted rows in its files until they are written over, and copies of them in its
write-ahead log. After an erasure the tables are written anew and the old log is dropped. Tables are
locked one after the other while this runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from django.conf import settings

if TYPE_CHECKING:
    from fanzha.wiring.postgres import Postgres

OLD_COPIES = (
    # Clusters that were set up by an earlier version lack these two settings.
    "ALTER SYSTEM SET wal_recycle = off",
    "ALTER SYSTEM SET log_min_error_statement = panic",
    "SELECT pg_reload_conf()",
    "SELECT pg_switch_wal()",
    "CHECKPOINT",
)


def scrub() -> bool:
    """Write every table anew and drop old copies; False where the log is for the server's operator.

    A server of one's own has its own superuser, who alone may drop its log.
    """
    parts = settings.DATABASES["owner"]
    with psycopg.connect(
        host=parts["HOST"], port=parts["PORT"] or None, dbname=parts["NAME"], user=parts["USER"],
        password=parts["PASSWORD"], autocommit=True,
    ) as owner:  # fmt: skip
        owner.execute("VACUUM (FULL, ANALYZE)")
        # Analysing put new samples of every column in the place of the old ones.
        owner.execute("VACUUM FULL pg_statistic")
    if not settings.USES_EMBEDDED:
        return False
    server: Postgres = settings.EMBEDDED
    for statement in OLD_COPIES:
        server.as_superuser(statement)
    server.forget_log()
    return True
