"""Rows by table, numbered here and written with COPY as the owner of the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from psycopg import Connection


class Rows:
    """Rows that wait to be written. Rows of one table always name the same columns."""

    def __init__(self) -> None:
        self.last: Counter[str] = Counter()
        self._waiting: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, table: str, **columns: Any) -> int:
        """Keep one row; its number."""
        self.last[table] += 1
        self._waiting[table].append({"id": self.last[table]} | columns)
        return self.last[table]

    def write(self, owner: Connection[Any]) -> None:
        """Copy what waits, tables in the order in which they first occurred."""
        with owner.cursor() as cursor:
            for table, rows in self._waiting.items():
                names = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
                text = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
                with cursor.copy(text) as copy:
                    for row in rows:
                        copy.write_row([_plain(value) for value in row.values()])
        self._waiting.clear()

    def continue_numbers(self, owner: Connection[Any]) -> None:
        """Let the tables' own numbers go on after ours, and measure the tables."""
        for table, last in self.last.items():
            owner.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, last])
        owner.execute("SELECT setval('cases_case_number', %s)", [self.last["cases_case"]])


def _plain(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value
