"""Run every small benchmark, each in a process of its own, and write the table of results.

python -m bench.run --out bench/RESULTS.md
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fanzha.wiring.cli.bench import NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

LONGEST_SECONDS = 300
"""A small benchmark takes no longer."""
HEAD = """\
# Benchmarks

Written by `make bench`: every small benchmark on one machine. One alone: `fanzha bench NAME`.
A ratio above 1 is good: the peer's time over ours, or without a peer the target over ours.
The desk is used by 20 officers at once, each of whom reads a page for about two seconds; with `no
pause`, 20 requests are open at every moment. The load runs on the same cores.
"""


def main() -> int:
    """Measure and write; 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    reports = {name: measured(name) for name in NAMES}
    given.out.write_text(page(reports), "utf-8")
    goals = [goal for each in reports.values() for goal in each["goals"]]
    return 1 if any(goal["met"] is False for goal in goals) else 0


def measured(name: str) -> dict[str, Any]:
    """The report of one small benchmark."""
    print(f"bench {name} ...", file=sys.stderr, flush=True)
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "fanzha", "bench", name, "--json"],
        stdout=subprocess.PIPE, check=False, timeout=LONGEST_SECONDS,
    )  # fmt: skip
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"bench {name} ended with {done.returncode}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def page(reports: Mapping[str, Mapping[str, Any]]) -> str:
    """The page of results: the machine, then one table."""
    machine = next(iter(reports.values()))["machine"]
    facts = "{cores} cores, {memory_gib} GiB, Python {python}, PostgreSQL {postgresql}"
    lines = [
        HEAD,
        f"Machine: {facts.format(**machine)}.\n",
        "| Benchmark | Goal | Ours | Peer | Unit | Ratio | Target | Met |",
        "|---|---|---:|---:|---|---:|---:|---|",
    ]
    for name, report in reports.items():
        lines += _rows(name, report["goals"])
    return "\n".join(lines) + "\n"


def _rows(name: str, goals: Iterable[Mapping[str, Any]]) -> list[str]:
    words = {True: "yes", False: "**no**", None: ""}
    return [
        f"| {name} | {goal['id']} | {_figure(goal['ours'])} | {_figure(goal['peer'])}"
        f" | {goal['unit']} | {_figure(goal['ratio'])} | {_figure(goal['target'])}"
        f" | {words[goal['met']]} |"
        for goal in goals
    ]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


if __name__ == "__main__":
    raise SystemExit(main())
