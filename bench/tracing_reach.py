"""Who can have been touched by one payment: beside a scan, DuckDB, Polars and Raphtory.

Every peer is given its rows in its own form beforehand. Time is the row's number: strict.
"""

from __future__ import annotations

from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.goals import Goal
from bench.ground import same
from bench.timing import once, race
from fanzha.tracing.engine.sweeps import reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from bench.ground import Ground

    Touched = NDArray[np.int64]
    Peer = tuple[Callable[[], Any], Callable[[Any], Touched]]
    """What is timed, and how its answer is read afterwards."""

OF_SCAN, TIMES_DUCKDB, TIMES_POLARS, TIMES_RAPHTORY = 0.33, 25, 60, 1_000
LONG_SECONDS = 2.0
MOST_RAPHTORY_ROWS = 2_000_000
MOST_HOPS = 1_000_000
CTE = """
WITH RECURSIVE r(account, seq) USING KEY (account) AS (
  SELECT payee, row FROM rows WHERE row = {payment}
  UNION
  SELECT t.payee, min(t.row) FROM r JOIN rows t ON t.payer = r.account AND t.row > r.seq
  LEFT JOIN recurring.r k ON k.account = t.payee
  WHERE k.seq IS NULL OR t.row < k.seq GROUP BY t.payee
) SELECT account FROM r ORDER BY account
"""


def goals_of(ground: Ground, *, full: bool, small: bool) -> list[Goal]:
    """Ours beside every peer that is installed."""
    payment = ground.first_mixed_payment
    touched = np.flatnonzero(reach(ground.columns, [payment]))
    ours, scan = race(lambda: reach(ground.columns, [payment]), ground.scan)
    name = f"reach of one payment, {len(touched)} accounts"
    goals = [
        Goal(
            f"{name} (scan)", ours.best, "s", peer=scan.best,
            target=OF_SCAN if full else None, on_ratio=True,
        )
    ]  # fmt: skip
    if ground.huge:
        return goals
    peers: list[tuple[str, Any, int | None]] = [
        ("DuckDB recursive CTE", _duckdb, TIMES_DUCKDB if full else None)
    ]
    if find_spec("polars"):
        peers.append(("Polars joins", _polars, TIMES_POLARS if full else None))
    if find_spec("raphtory") and len(ground.columns) <= MOST_RAPHTORY_ROWS:
        peers.append(("Raphtory", _raphtory, TIMES_RAPHTORY if small else None))
    for peer, made, target in peers:
        work, read = made(ground, payment)
        state: list[Any] = []
        # The first try is timed too: some peers are too slow for another.
        first = once(partial(_into, state, work))
        same(f"reach by {peer}", touched, read(state.pop()))
        taken = first if first.best > LONG_SECONDS else race(work)[0]
        goals.append(
            Goal(
                f"{name} ({peer})", ours.best, "s", peer=taken.best, target=target, on_ratio=True
            )
        )  # fmt: skip
    return goals


def _into(found: list[Any], work: Callable[[], Any]) -> None:
    found.append(work())


def _between(ground: Ground) -> dict[str, NDArray[Any]]:
    """The rows between two accounts."""
    rows = ground.columns
    wanted = np.flatnonzero((rows.from_account >= 0) & (rows.to_account >= 0))
    paid = np.array(ground.first_mixed_payment)
    wanted = np.union1d(wanted, paid)
    return {"row": wanted, "payer": rows.from_account[wanted], "payee": rows.to_account[wanted]}


def _duckdb(ground: Ground, payment: int) -> Peer:
    base = duckdb.connect()
    base.register("given", pa.table(_between(ground)))
    base.execute("CREATE TABLE rows AS SELECT * FROM given")
    asked = CTE.format(payment=payment)
    return lambda: base.execute(asked).fetchnumpy()["account"], np.asarray


def _polars(ground: Ground, payment: int) -> Peer:
    import polars as pl  # type: ignore[import-not-found] # only where benchmarks run

    rows = pl.DataFrame(_between(ground))
    start = rows.filter(pl.col("row") == payment).select(account="payee", seq="row")

    def joins() -> Any:
        best = fresh = start
        while len(fresh):
            near = (
                fresh.join(rows, left_on="account", right_on="payer")
                .filter(pl.col("row") > pl.col("seq"))
                .group_by("payee")
                .agg(pl.col("row").min())
                .select(account="payee", seq="row")
            )
            fresh = (
                near.join(best, on="account", how="left", suffix="_before")
                .filter(pl.col("seq_before").is_null() | (pl.col("seq") < pl.col("seq_before")))
                .select("account", "seq")
            )
            best = pl.concat([best, fresh]).group_by("account").agg(pl.col("seq").min())
        return best

    return joins, lambda best: best["account"].sort().to_numpy()


def _raphtory(ground: Ground, payment: int) -> Peer:
    from raphtory import (  # type: ignore[import-not-found] # only where benchmarks run
        Graph,
        algorithms,
    )

    graph = Graph()
    graph.load_edges(pa.table(_between(ground)), time="row", src="payer", dst="payee")
    account = int(ground.columns.to_account[payment])

    def follow() -> Any:
        return algorithms.temporally_reachable_nodes(graph, MOST_HOPS, payment, [account])

    def read(state: Any) -> Touched:
        touched = (int(node.name) for node, found in state.items() if found["reachable_nodes"])
        return np.array(sorted(touched), np.int64)

    return follow, read
