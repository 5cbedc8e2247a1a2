"""`fanzha trace` as a process of its own: fast, and without a kernel for small inputs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import sys; from fanzha.wiring.cli import main; main()"
LOADED = (
    "import sys\n"
    "import fanzha.tracing.engine, fanzha.tracing.files\n"
    "print([name for name in ('numba', 'django', 'pandas', 'duckdb') if name in sys.modules])"
)


@pytest.mark.slow
def test_a_thousand_rows_take_at_most_a_second(tmp_path: Path) -> None:
    chance = Random(7)
    rows = ["id,time,from_account,to_account,amount_fen"]
    for at in range(1000):
        payer, payee = chance.sample(range(60), 2)
        rows.append(f"r{at},{at},A{payer},A{payee},{chance.randint(1, 10**7)}")
    (tmp_path / "rows.csv").write_text("\n".join(rows))
    (tmp_path / "seeds.csv").write_text("id\nr0\nr10\nr20\n")
    arguments = ["--movements", str(tmp_path / "rows.csv"), "--seeds", str(tmp_path / "seeds.csv")]
    command = [sys.executable, "-c", PROGRAM, "trace", *arguments, "--json"]
    # The first run may have to write byte code, and the machine may be busy once.
    seconds = []
    for _ in range(3):
        begin = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=True)
        seconds.append(time.perf_counter() - begin)
    report = json.loads(done.stdout)
    assert sum(end["fen"] for end in report["ends"]) == report["seeded_fen"]
    assert min(seconds) <= 1


@pytest.mark.slow
def test_small_inputs_load_nothing_heavy() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, check=True)
    assert done.stdout.decode().strip() == "[]"
