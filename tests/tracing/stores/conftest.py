"""The stores under test; Spark is started once, and only if something asks for it."""

from __future__ import annotations

import gc
import os
import shutil
import warnings
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from fanzha.tracing.stores.base import movement_table
from fanzha.tracing.stores.memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fanzha.tracing.engine import Movements
    from fanzha.tracing.stores import Store

    MakeStore = Callable[[Movements], Store]

SMALL = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    # Small tables take longer to compile for than to walk through.
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
    "spark.log.level": "OFF",
}


@pytest.fixture(scope="session")
def spark_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Spark for all tests."""
    if not os.environ.get("CI"):
        if find_spec("pyspark") is None:
            pytest.skip("pyspark is not installed (the extra `spark`)")
        if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
            pytest.skip("Java is not installed (openjdk-17-jre-headless)")
    from fanzha.tracing.stores.spark import local_session

    session = local_session(folder=str(tmp_path_factory.mktemp("spark")), settings=SMALL)
    yield session
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        session.stop()
        gc.collect()


SPARK = pytest.param(
    "spark",
    marks=[
        pytest.mark.spark,
        pytest.mark.timeout(600),
        # pyspark leaves the sockets that bring results to the garbage collector.
        pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    ],
)


@pytest.fixture(params=["memory", "duckdb", SPARK])
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """Put movements into one store after the other, each its own way: rows, tables, Parquet."""
    if request.param == "memory":
        return MemoryStore
    if request.param == "duckdb":
        from fanzha.tracing.stores.duck import DuckStore

        return lambda movements: DuckStore(movement_table(movements))
    session = request.getfixturevalue("spark_session")

    def in_spark(movements: Movements) -> Store:
        from fanzha.tracing.stores.spark import SparkStore

        pq.write_table(movement_table(movements), tmp_path / "movements.parquet")
        return SparkStore(session, str(tmp_path / "movements.parquet"))

    return in_spark
