"""A campaign of faults: what breaks at random, and what both ledgers say afterwards.

Stops, freezes, queries, extensions and releases go through twelve simulated banks. Meanwhile site,
worker, gateway, banks and database are killed with -9 and the banks break in every way they know,
once with their duplicate check on and once off. Any violation makes the benchmark fail.

Without the check the banks lose no answers: an answer is then the only evidence of an uncertain
delivery, and no sender can tell a lost request from a lost answer (decision 0013).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from bench.goals import Goal
from bench.home import throw_away_home

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_SECONDS = {"tiny": 200, "small": 200, "full": 1900}
"""One campaign, drafting and both ledgers included, never takes longer."""


def measure(size: str) -> list[Goal]:
    """Play the campaign with the banks' duplicate check, then without it."""
    return [goal for check in (True, False) for goal in campaign(size, check=check)]


def campaign(size: str, *, check: bool) -> list[Goal]:
    """One campaign in a home and a process of its own."""
    with throw_away_home():
        done = subprocess.run(  # noqa: S603 - our own module
            [sys.executable, "-m", "bench.faults_play", size, "check" if check else "no check"],
            stdout=subprocess.PIPE, check=False, timeout=LONGEST_SECONDS[size],
        )  # fmt: skip
    if done.returncode or not done.stdout:
        raise SystemExit(f"the campaign ended with {done.returncode}")
    return _goals("" if check else "no check: ", json.loads(done.stdout))


def _goals(name: str, told: Mapping[str, Any]) -> list[Goal]:
    return [
        *(Goal(f"{name}{each}", count, "times") for each, count in told["counts"].items()),
        *(
            Goal(f"{name}{each}", count, "violations", target=0)
            for each, count in told["checks"].items()
        ),
    ]
