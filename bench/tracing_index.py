"""Cases on the index, beside the same hops in DuckDB's SQL."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from bench.goals import Goal, percentile
from bench.ground import same
from bench.timing import race
from fanzha.tracing import mapped
from fanzha.tracing.engine.cases import Walker, walk_cases
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.index import build_with
from fanzha.tracing.engine.mixed import Mixer
from fanzha.tracing.engine.recent import grow

if TYPE_CHECKING:
    from bench.ground import Ground

P50_MS, P99_MS = 0.05, 1.0
TIMES_SQL = 30
MOST_SCANS = 60
TRIES = 5
STATEMENT_ROWS = 1_000
SHARED_CASES = 20
MILLISECONDS = 1_000

HOP = """
CREATE OR REPLACE TEMP TABLE fresh AS
SELECT p.kase, o.row, greatest(p.start + p.lo, o.co) - o.co AS lo,
       least(p.start + p.hi, o.ce) - o.co AS hi, o.payee, o.start
FROM pieces p JOIN outflows o
  ON o.account = p.payee AND o.co < p.start + p.hi AND o.ce > p.start + p.lo AND o.row > p.row
"""
ONWARD = """
CREATE OR REPLACE TEMP TABLE pieces AS
SELECT f.kase, f.row, f.lo, f.hi, f.payee, f.start FROM fresh f
ANTI JOIN payments s ON s.kase = f.kase AND s.row = f.row
"""


def goals_of(ground: Ground, *, full: bool) -> list[Goal]:
    """Build, one case, all cases, and what a new statement costs."""
    goals = [
        *_build(ground, full=full),
        *_one_case(ground, full=full),
        *_late(ground),
        _disk(ground),
    ]
    if ground.huge:
        return [*goals, _walked(ground)]
    return [*goals, *_other_rules(ground), _all_cases(ground, full=full)]


def _build(ground: Ground, *, full: bool) -> list[Goal]:
    build, scan = race(lambda: build_with(ground.columns, ground.city.opening_fen), ground.scan)
    return [
        Goal("sequential scan of the columns", scan.best * MILLISECONDS, "ms"),
        Goal("index build", build.best, "s"),
        Goal(
            "index build in scans", build.best / scan.best, "scans",
            target=MOST_SCANS if full else None,
        ),
        Goal("bytes per movement, columns and index", ground.index.bytes_per_movement, "B"),
    ]  # fmt: skip


def _one_case(ground: Ground, *, full: bool) -> list[Goal]:
    """Every case on its own, called as a program calls it: rows in, pieces and ends out."""
    index = ground.index
    walker = Walker(index.lines, index.matches, index.columns.accounts)
    found = _each(lambda case: walker.walk([case]), ground.cases, tries=TRIES)
    return [
        Goal("one FIFO case, p50", percentile(found, 50), "ms", target=P50_MS if full else None),
        Goal("one FIFO case, p99", percentile(found, 99), "ms", target=P99_MS if full else None),
    ]


def _other_rules(ground: Ground) -> list[Goal]:
    index = ground.index
    newest = Walker(index.lines, index.newest_first, index.columns.accounts)
    lifo = _each(lambda case: newest.walk([case]), ground.cases, tries=TRIES)
    mixer = Mixer(index)
    shared = _each(
        lambda case: mixer.share(case, list(range(len(case)))), ground.cases[:SHARED_CASES], tries=2
    )
    return [
        Goal("one LIFO case, p50", percentile(lifo, 50), "ms"),
        Goal("one LIFO case, p99", percentile(lifo, 99), "ms"),
        Goal("one pro-rata case, p50", percentile(shared, 50), "ms"),
        Goal("one pro-rata case, longest", max(shared), "ms"),
    ]


def _each(work: Any, cases: list[tuple[int, ...]], *, tries: int) -> list[float]:
    """The best time of every case, in ms."""
    best = [float("inf")] * len(cases)
    for _ in range(tries):
        for at, case in enumerate(cases):
            begun = time.perf_counter()
            work(case)
            best[at] = min(best[at], (time.perf_counter() - begun) * MILLISECONDS)
    return best


def _walked(ground: Ground) -> Goal:
    taken = race(lambda: walk_cases(ground.index, ground.cases))[0]
    return Goal(f"all {len(ground.cases)} cases walked", taken.best, "s")


def _disk(ground: Ground) -> Goal:
    """Open a written index and walk one case: what a program pays that did not build it."""
    with TemporaryDirectory(prefix="fanzha-bench-") as parent:
        folder = Path(parent) / "index"
        mapped.write(ground.index, folder)
        taken = race(lambda: walk_cases(mapped.read(folder), ground.cases[:1]))[0]
    return Goal("index on disk, opened and one case", taken.best * MILLISECONDS, "ms")


def _all_cases(ground: Ground, *, full: bool) -> Goal:
    sql = _Sql(ground)
    walked = walk_cases(ground.index, ground.cases)
    case = np.searchsorted(walked.firsts, np.arange(len(walked.pieces)), side="right") - 1
    ours = np.column_stack([case, walked.pieces[:, :3]])
    same("hops in SQL", ours[np.lexsort(ours.T[::-1])], sql.pieces())
    mine, theirs = race(lambda: walk_cases(ground.index, ground.cases), sql.follow)
    name = f"all {len(ground.cases)} cases walked (DuckDB SQL hops)"
    return Goal(
        name, mine.best, "s", peer=theirs.best, target=TIMES_SQL if full else None, on_ratio=True
    )


class _Sql:
    """The same lines as tables; each round is one join on account and overlap."""

    def __init__(self, ground: Ground) -> None:
        index, columns = ground.index, ground.columns
        self.base = duckdb.connect()
        account = np.repeat(np.arange(columns.accounts), np.diff(index.bounds))
        real = index.out[:, 1] >= 0
        row = index.out[real, 1]
        outflows = {
            "account": account[real],
            "row": row,
            "co": index.out[real, 0],
            "ce": index.out[real, 0] + columns.amount_fen[row],
            "payee": columns.to_account[row],
            "start": index.start[row],
        }
        kase = np.repeat(np.arange(len(ground.cases)), [len(case) for case in ground.cases])
        paid = np.array([row for case in ground.cases for row in sorted(case)])
        payments = {
            "kase": kase,
            "row": paid,
            "lo": np.zeros(len(paid), np.int64),
            "hi": columns.amount_fen[paid],
            "payee": columns.to_account[paid],
            "start": index.start[paid],
        }
        self._table("outflows", outflows)
        self._table("payments", payments)

    def _table(self, name: str, columns: dict[str, Any]) -> None:
        self.base.register("given", pa.table(columns))
        self.base.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
        self.base.unregister("given")

    def follow(self, *, keep: bool = False) -> int:
        """Hop until no money moves; how many rounds it took."""
        self.base.execute("CREATE OR REPLACE TEMP TABLE pieces AS SELECT * FROM payments")
        self.base.execute("CREATE OR REPLACE TEMP TABLE found AS SELECT * FROM pieces")
        rounds = 0
        while self.base.execute("SELECT count(*) FROM pieces").fetchone() != (0,):
            self.base.execute(HOP)
            self.base.execute(ONWARD)
            if keep:
                self.base.execute("INSERT INTO found SELECT * FROM pieces")
            rounds += 1
        return rounds

    def pieces(self) -> np.ndarray:
        """All pieces (case, row, lo, hi), sorted."""
        self.follow(keep=True)
        found = self.base.execute(
            "SELECT kase, row, lo, hi FROM found ORDER BY kase, row, lo, hi"
        ).fetchnumpy()
        return np.column_stack([np.asarray(found[name]) for name in ("kase", "row", "lo", "hi")])


def _late(ground: Ground) -> list[Goal]:
    """A statement of one account's last rows comes late: until it is searchable."""
    columns = ground.columns
    chance = np.random.default_rng(1)
    accounts = chance.integers(0, columns.accounts, (STATEMENT_ROWS, 2), np.int32)
    accounts[:, 0] = 0
    accounts[:, 1] = np.where(accounts[:, 1] == 0, 1, accounts[:, 1])
    statement = Columns.of(
        np.sort(chance.choice(columns.time, STATEMENT_ROWS)), accounts[:, 0].copy(),
        accounts[:, 1].copy(), chance.integers(1, 10**6, STATEMENT_ROWS),
        accounts=columns.accounts,
    )  # fmt: skip
    taken = race(lambda: grow(ground.index, statement).walker())[0]
    return [Goal(f"{STATEMENT_ROWS} late rows searchable", taken.best * MILLISECONDS, "ms")]
