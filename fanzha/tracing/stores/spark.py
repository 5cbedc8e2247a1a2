"""The store on Spark, for what no single machine holds; needs the extra `spark` and Java 17."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import SparkSession

from fanzha.tracing.stores.rounds import IbisStore

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from pyspark.sql import DataFrame

    from fanzha.tracing.stores.asked import Query


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
    """Movements that a Spark session reads; tables of two stores do not get in each other's way."""

    dialect = "pyspark"

    def __init__(self, session: SparkSession, movements: pa.Table | str) -> None:
        """`movements` is a table (base.MOVEMENTS), or the path of Parquet files."""
        self.session = session.newSession()
        self.kept: dict[str, DataFrame] = {}
        if isinstance(movements, str):
            self.session.read.parquet(movements).createTempView("movements")
        else:
            self.put("movements", movements)

    def put(self, name: str, table: pa.Table) -> None:
        """Hand a small table to the machine: Spark knows its size and sends it to every worker."""
        self.session.createDataFrame(table).createOrReplaceTempView(name)

    def keep(self, name: str, query: Query) -> None:
        """Compute a table once, when it is first read; it stays on the machine."""
        if name in self.kept:
            self.kept[name].unpersist()
        self.kept[name] = self.session.sql(query.sql).cache()
        self.kept[name].createOrReplaceTempView(name)

    def fetch(self, query: Query) -> pa.Table:
        """Compute a table and bring it here as Arrow: whole numbers stay whole beside nulls."""
        return self.session.sql(query.sql).toArrow().cast(query.schema)
