"""Reads that pages repeat all day, which the database plans once per connection.

With row-level security on every table, planning a statement takes several times as long as running
it. So the busiest reads are written out as constant statements. Where a pooler hands connections
on, settings leave them unprepared.
"""

from __future__ import annotations

from typing import Any

from django.db import connection
from psycopg import Cursor
from psycopg.rows import dict_row

from fanzha.scope.current import ScopeMissing, current

Row = dict[str, Any]


def rows(sql: str, **facts: Any) -> list[Row]:
    """The rows of a constant statement with `%(name)s` for its facts, in the scope in force.

    It is planned without knowing the facts: a time wants a bound at either end, a state to be
    written out, or the plan is the one for half the table.

    JSON comes as text, sums of fen must be cast to bigint. Raises ScopeMissing.
    """
    if current() is None:
        raise ScopeMissing(f"no scope is set, but a page reads: {sql[:60]}")
    connection.ensure_connection()
    # Bound by the server, unlike Django's cursors: only so can the statement stay the same.
    cursor: Any = Cursor(connection.connection, row_factory=dict_row)
    watched = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with watched(cursor) as reading:
        reading.execute(sql, facts)
        found: list[Row] = reading.fetchall()
        return found
