"""The store in DuckDB: Arrow tables or Parquet files, on one machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from fanzha.tracing.stores.rounds import IbisStore

if TYPE_CHECKING:
    import pyarrow as pa

    from fanzha.tracing.stores.asked import Query


class DuckStore(IbisStore):
    """Movements in DuckDB, or read by it; `close` ends the connection."""

    dialect = "duckdb"

    def __init__(self, movements: pa.Table | Path | str, *, memory_limit: str = "") -> None:
        """`movements` is a table (base.MOVEMENTS), or the name or pattern of Parquet files."""
        self.connection = duckdb.connect()
        if memory_limit:
            self.connection.execute("SET memory_limit = ?", [memory_limit])
        if isinstance(movements, (str, Path)):
            self.connection.read_parquet(str(movements)).create_view("movements")
        else:
            self.put("movements", movements)

    def put(self, name: str, table: pa.Table) -> None:
        """Hand a small table to the machine, in place of the last one of that name."""
        self.connection.register(name, table)

    def keep(self, name: str, query: Query) -> None:
        """Compute a table once; it stays on the machine in place of the last one of that name."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {query.sql}")

    def fetch(self, query: Query) -> pa.Table:
        """Compute a table and bring it here; sums of fen are wider there, and checked here."""
        return self.connection.execute(query.sql).to_arrow_table().cast(query.schema)

    def close(self) -> None:
        """End the connection."""
        self.connection.close()
