"""One FIFO trace wherever the rows lie (存储后端): in memory, in DuckDB, on Spark.

A store answers one question, `trace_fifo`, with two tables. The hop is written once, in Ibis
expressions, and runs unchanged on DuckDB and on Spark; the memory store is the engine itself, and
one conformance suite holds all of them to its rows. No store knows another rule than `fifo`, none
writes notes or ranges, and none decides what may be held.
"""

from fanzha.tracing.stores.base import Found, Store, found_of

__all__ = ["Found", "Store", "found_of"]
