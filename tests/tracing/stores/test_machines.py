"""What a machine beside the engine adds: numbers instead of names, files, bounds of its own."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from fanzha.tracing.engine import InputError, Seeds
from fanzha.tracing.stores import odd
from fanzha.tracing.stores.base import movement_table
from fanzha.tracing.stores.duck import DuckStore
from tests.tracing.networks import movements_of, row

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.tracing.stores import Store

ROWS = [
    row("a", 1, "V", "A", 5),
    row("self", 2, "A", "A", 5),
    row("usd", 3, "V", "A", 5, currency="USD"),
    row("b", 4, "A", "B", 4),
    row("back", 5, "B", "A", 3, reverses="b"),
]


def held_in(store: Store, *, known: set[str] | None) -> dict[str, int]:
    """What is held of the payment `a`, by account."""
    found = store.trace_fifo(Seeds((0,), ("V",)), known=known)
    sums: dict[str, int] = {}
    for end in found.ends.to_pylist():
        if end["kind"] == "held":
            sums[end["account"]] = sums.get(end["account"], 0) + end["fen"]
    return sums


@pytest.mark.parametrize(
    ("rows", "problem"),
    [((7,), "no movement has the number 7"), ((1,), "own account"), ((0, 2), "several currencies")],
)
def test_payments_that_cannot_be_traced_are_refused(rows: tuple[int, ...], problem: str) -> None:
    store = DuckStore(movement_table(movements_of(ROWS)))
    with pytest.raises(InputError, match=problem):
        store.trace_fifo(Seeds(rows, ("V",) * len(rows)))


def test_more_rows_with_reversals_than_fit_beside_the_machine_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(odd, "MOST_ODD_ROWS", 2)
    store = DuckStore(movement_table(movements_of(ROWS)))
    with pytest.raises(InputError, match="more than 2 rows"):
        store.trace_fifo(Seeds((0,), ("V",)))


def test_files_and_tables_give_the_same(tmp_path: Path) -> None:
    table, path = movement_table(movements_of(ROWS)), tmp_path / "movements.parquet"
    pq.write_table(table, path)
    for source in (table, path, str(path)):
        assert held_in(DuckStore(source), known=None) == {"A": 4, "B": 1}


def test_one_store_answers_one_question_after_the_other() -> None:
    store = DuckStore(movement_table(movements_of(ROWS)))
    assert held_in(store, known=None) == {"A": 4, "B": 1}
    assert held_in(store, known={"A"}) == {"A": 1}
    assert held_in(store, known=None) == {"A": 4, "B": 1}


def test_the_command_for_small_files_loads_no_machine() -> None:
    code = (
        "import sys, fanzha.wiring.cli.trace, fanzha.tracing.files, fanzha.tracing.engine;"
        "print(sorted({'ibis', 'duckdb', 'pyspark', 'pyarrow'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout == "[]\n"
