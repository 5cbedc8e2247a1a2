"""The store in DuckDB: Arrow tables, Parquet files or a database file of one machine."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import ibis

from fanzha.tracing.stores.rounds import IbisStore

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from ibis.expr.types import Table


class DuckStore(IbisStore):
    """Movements in DuckDB, or read by it; `close` ends the connection."""

    def __init__(self, movements: pa.Table | Path | str, *, memory_limit: str = "") -> None:
        """`movements` is a table (base.MOVEMENTS) or a Parquet file, folder or pattern of it."""
        self.connection = duckdb.connect()
        self.numbers = count()
        if memory_limit:
            self.connection.execute("SET memory_limit = ?", [memory_limit])
        self.machine = ibis.duckdb.from_connection(self.connection)
        super().__init__(self._movements(movements))

    def _movements(self, movements: pa.Table | Path | str) -> Table:
        if isinstance(movements, (str, Path)):
            return self.machine.read_parquet(str(movements))
        return self.put(movements)

    def put(self, table: pa.Table) -> Table:
        """Hand a small table to the machine."""
        return self._table("put", lambda name: self.connection.register(name, table))

    def keep(self, expression: Table) -> Table:
        """Compute a table once; it stays on the machine."""
        query = self.machine.compile(expression)
        return self._table(
            "kept", lambda name: self.connection.execute(f"CREATE TEMP TABLE {name} AS {query}")
        )

    def forget(self, table: Table) -> None:
        """Let the machine forget a table that was put or kept there."""
        name = table.get_name()
        if name.startswith("put"):
            self.connection.unregister(name)
        else:
            self.connection.execute(f"DROP TABLE {name}")

    def fetch(self, expression: Table) -> pa.Table:
        """Compute a table and bring it here."""
        return self.machine.to_pyarrow(expression)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()

    def _table(self, kind: str, make: Callable[[str], object]) -> Table:
        name = f"{kind}_{next(self.numbers)}"
        make(name)
        return self.machine.table(name)
