"""Reads that pages repeat all day: the database plans them once per connection.

With row-level security on every table, planning a statement takes several times as long as running
it. Statements written out here and there would be read by nobody: only the busiest are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg import Cursor
from psycopg.rows import dict_row

from fanzha.scope.current import ScopeMissing, current

if TYPE_CHECKING:
    from collections.abc import Mapping

Row = dict[str, Any]


class _Prepared(Cursor[Row]):
    """A cursor whose statements are prepared, unless a pooler may hand on the connection."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> _Prepared:
        keeps_connection = connection.settings_dict["CONN_MAX_AGE"] != 0
        return super().execute(query, params, prepare=keeps_connection)


def rows(sql: str, **facts: object) -> list[Row]:
    """The rows of a constant statement with `%(name)s` for its facts, in the scope in force.

    JSON comes as text, sums of fen must be cast to bigint. Raises ScopeMissing.
    """
    if current() is None:
        raise ScopeMissing(f"no scope is set, but a page reads: {sql[:60]}")
    connection.ensure_connection()
    cursor: Any = _Prepared(connection.connection, row_factory=dict_row)
    watched = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    with watched(cursor) as reading:
        reading.execute(sql, _plain(facts))
        found: list[Row] = reading.fetchall()
        return found


def _plain(facts: Mapping[str, object]) -> dict[str, Any]:
    """Sets of states become lists of plain text, always in the same order."""
    return {
        name: sorted(map(str, fact)) if isinstance(fact, frozenset) else fact
        for name, fact in facts.items()
    }
