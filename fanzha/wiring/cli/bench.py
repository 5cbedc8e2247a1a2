"""`fanzha bench`: measure one thing on this machine; the benchmarks stand in the checkout."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanzha.wiring.home import CHECKOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("desk", "tracing", "movements", "instructions", "start", "faults", "layout", "flow")
SIZES = ("small", "full")
FAULT = 2
"""Exit code for a name or a size that does not exist; 1 says that a goal was missed."""


def bench_command(
    name: Annotated[str, typer.Argument(help=f"What to measure: {', '.join(NAMES)}.")],
    *,
    size: Annotated[str, typer.Option(help="small (at most five minutes) or full.")] = "small",
    rows: Annotated[int, typer.Option(min=0, help="Tracing only: so many movements.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure one thing against its goals; exit code 1 when a goal is missed."""
    if name not in NAMES:
        _refuse(f"There is no benchmark {name}; there are {', '.join(NAMES)}.")
    if size not in SIZES:
        _refuse(f"There is no size {size}; there are {' and '.join(SIZES)}.")
    if not (CHECKOUT / "bench" / f"{name}.py").exists():
        _refuse("The benchmarks stand in the folder bench of a checkout, which is not here.")
    sys.path.insert(0, str(CHECKOUT))
    if rows and name != "tracing":
        _refuse("Only tracing takes a number of rows.")
    more = {"rows": rows} if rows else {}
    goals = import_module(f"bench.{name}").measure(size, **more)
    found = import_module("bench.goals").report(f"{rows} rows" if rows else size, goals)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _print(found)
    if any(goal["met"] is False for goal in found["goals"]):
        raise typer.Exit(1)


def _refuse(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAULT)


def _print(found: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    facts = ", ".join(f"{key} {value}" for key, value in found["machine"].items())
    table = Table(title=f"{found['size']}: {facts}", title_justify="left")
    table.add_column("goal")
    for head in ("ours", "peer", "unit", "ratio", "target", "met"):
        table.add_column(head, justify="right")
    words = {True: "yes", False: "NO", None: "-"}
    for goal in found["goals"]:
        figures = ["-" if goal[key] is None else f"{goal[key]:g}" for key in ("ours", "peer")]
        rest = ["-" if goal[key] is None else f"{goal[key]:g}" for key in ("ratio", "target")]
        table.add_row(goal["id"], *figures, goal["unit"], *rest, words[goal["met"]])
    Console().print(table)
