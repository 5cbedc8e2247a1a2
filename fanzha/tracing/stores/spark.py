"""The store on Spark, for what no single machine holds; needs the extra `spark` and Java 17."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

import ibis
from pyspark.sql import SparkSession

from fanzha.tracing.stores.rounds import IbisStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from ibis.expr.types import Table
    from pyspark.sql import DataFrame


def local_session(
    *,
    cores: int = 2,
    memory: str = "1g",
    folder: str = "",
    settings: Mapping[str, str] | None = None,
) -> SparkSession:
    """Start Spark in this machine, listening on 127.0.0.1 only, or take the one that runs.

    `folder` is where it writes what does not fit into `memory`; `settings` are Spark's own.
    """
    chosen = {
        "spark.master": f"local[{cores}]",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": memory,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": str(cores),
        "spark.sql.catalogImplementation": "in-memory",
    }
    if folder:
        chosen |= {"spark.local.dir": folder, "spark.sql.warehouse.dir": folder}
    builder = SparkSession.builder.appName("fanzha")
    for name, value in (chosen | dict(settings or {})).items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


class SparkStore(IbisStore):
    """Movements that a Spark session reads: `movements` is a table or the path of Parquet files."""

    def __init__(self, session: SparkSession, movements: pa.Table | str) -> None:
        self.session = session
        self.numbers = count()
        self.machine = ibis.pyspark.connect(session)
        there = (
            self.machine.read_parquet(movements)
            if isinstance(movements, str)
            else self.put(movements)
        )
        super().__init__(there)

    def put(self, table: pa.Table) -> Table:
        """Hand a small table to the machine; Spark knows its size and sends it to every worker."""
        return self._view("put", self.session.createDataFrame(table))

    def keep(self, expression: Table) -> Table:
        """Compute a table once, when it is first read; it stays on the machine."""
        query = self.machine.compile(expression)
        return self._view("kept", self.session.sql(query).cache())

    def forget(self, table: Table) -> None:
        """Let the machine forget a table that was put or kept there."""
        name = table.get_name()
        if name.startswith("kept"):
            self.session.catalog.uncacheTable(name)
        self.session.catalog.dropTempView(name)

    def fetch(self, expression: Table) -> pa.Table:
        """Compute a table and bring it here as Arrow: whole numbers stay whole beside nulls."""
        return self.session.sql(self.machine.compile(expression)).toArrow()

    def _view(self, kind: str, frame: DataFrame) -> Table:
        name = f"{kind}_{id(self)}_{next(self.numbers)}"
        frame.createOrReplaceTempView(name)
        return self.machine.table(name)
