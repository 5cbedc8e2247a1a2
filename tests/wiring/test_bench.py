"""`fanzha bench` and `make bench`: what they print. How fast this machine is, is not tested."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from bench import run, timing, tracing_index, tracing_reach, tracing_sweeps
from bench.goals import Goal, percentile, report
from bench.ground import AnswersDiffer, Ground
from bench.tracing_plain import held_by_queues
from fanzha.tracing.engine.sweeps import sweep_fifo
from fanzha.wiring.cli.bench import NAMES, bench_command
from fanzha.wiring.home import CHECKOUT

if TYPE_CHECKING:
    from typer.testing import Result

FAST = Goal("first page", 0.5, "s", target=1.0)
SLOW = Goal("whole list", 3.0, "s", target=1.0, peer=1.5)
UNJUDGED = Goal("follow", 2.0, "s", peer=8.0)


def bench_of(monkeypatch: pytest.MonkeyPatch, goals: list[Goal], *words: str) -> Result:
    """Run the command with a benchmark that measures nothing."""
    still = ModuleType("bench.desk")
    monkeypatch.setattr(still, "measure", {"small": goals}.__getitem__, raising=False)
    monkeypatch.setitem(sys.modules, "bench.desk", still)
    app = typer.Typer()
    app.command()(bench_command)
    return CliRunner().invoke(app, list(words))


def test_json_has_machine_size_and_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [FAST, UNJUDGED], "desk", "--json")

    told: dict[str, Any] = json.loads(done.stdout)
    assert done.exit_code == 0
    assert set(told) == {"machine", "size", "goals"}
    assert told["size"] == "small"
    assert set(told["machine"]) == {"cores", "memory_gib", "python", "postgresql"}
    assert told["goals"][0] == {
        "id": "first page", "ours": 0.5, "peer": None, "unit": "s", "ratio": 2.0, "target": 1.0,
        "met": True,
    }  # fmt: skip
    assert told["goals"][1]["ratio"] == 4.0
    assert told["goals"][1]["met"] is None


def test_a_missed_goal_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [FAST, SLOW], "desk", "--json")

    assert done.exit_code == 1
    assert json.loads(done.stdout)["goals"][1]["met"] is False


def test_without_json_a_table_names_every_goal(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [FAST, SLOW], "desk")

    assert "first page" in done.stdout
    assert "whole list" in done.stdout


def test_an_unknown_name_is_one_sentence_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [], "nothing")

    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == f"There is no benchmark nothing; there are {', '.join(NAMES)}.\n"


def test_an_unknown_size_is_one_sentence_and_exit_code_2(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [], "desk", "--size", "huge")

    assert done.exit_code == 2
    assert done.stderr == "There is no size huge; there are small and full.\n"


def test_every_name_has_a_benchmark() -> None:
    assert all((CHECKOUT / "bench" / f"{name}.py").exists() for name in NAMES)


def test_the_page_of_results_names_machine_and_goals_and_no_path() -> None:
    page = run.page({"desk": report("small", [FAST]), "start": report("small", [SLOW])})

    assert "| desk | first page | 0.5 |  | s | 2 | 1 | yes |" in page
    assert "| start | whole list | 3 | 1.5 | s | 0.5 | 1 | **no** |" in page
    assert "cores" in page
    assert str(CHECKOUT) not in page


@pytest.mark.parametrize(("percent", "expected"), [(50, 2), (75, 3), (95, 4), (100, 4)])
def test_a_percentile_is_a_value_that_was_measured(percent: float, expected: int) -> None:
    assert percentile([4, 1, 3, 2], percent) == expected


def test_only_tracing_takes_a_number_of_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    done = bench_of(monkeypatch, [], "desk", "--rows", "5")

    assert done.exit_code == 2
    assert done.stderr == "Only tracing takes a number of rows.\n"


def test_the_peers_of_tracing_give_the_same_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "FEWEST", 1)
    monkeypatch.setattr(timing, "MOST", 1)
    ground = Ground.of(3_000)

    sweeps = tracing_sweeps.goals_of(ground, full=False)
    cases = tracing_index.goals_of(ground, full=False)
    reach = tracing_reach.goals_of(ground, full=False, small=False)

    assert not [goal for goal in (*sweeps, *cases, *reach) if goal.target is not None]
    assert any("DuckDB SQL hops" in goal.id for goal in cases)
    assert any("recursive CTE" in goal.id for goal in reach)


def test_a_peer_that_answers_otherwise_is_not_timed(monkeypatch: pytest.MonkeyPatch) -> None:
    ground = Ground.of(3_000)
    monkeypatch.setattr(tracing_sweeps, "held_by_queues", lambda *_: np.zeros(3, np.int64))

    with pytest.raises(AnswersDiffer):
        tracing_sweeps.goals_of(ground, full=False)


def test_the_plain_peer_is_first_in_first_out() -> None:
    ground = Ground.of(3_000)
    held = held_by_queues(ground, ground.payments)
    swept = sweep_fifo(ground.columns, ground.payments, ground.city.opening_fen)

    assert held.sum() == swept.lots[:, 2].sum()
    assert held.sum() + swept.ended.sum() == ground.columns.amount_fen[ground.payments].sum()
