"""A burst of reports: from the approval of a package until its messages are with the banks.

Every report brings one package of eight stops, spread over twelve simulated banks, and one head
approves one package after the other. Site aside, everything runs as in a centre: workers, gateway
and banks in processes of their own, on the same cores as the approvals.

python -m bench.burst small|full
"""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING

from bench.goals import Goal, percentile
from bench.home import free_port, throw_away_home

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from fanzha.wiring.processes import Process

REPORTS = {"small": 30, "full": 500}
FIRST, FIRST_SECONDS = 100, 2.0
WAITS_SECONDS = {"small": 60.0, "full": 1200.0}
"""After so long the burst ends, whatever is still on its way."""
SETTLED_SECONDS = 3.0
"""A centre's processes started long ago."""
TOKEN = "t-front"  # noqa: S105 - of simulated banks
PASSWORD = "only-for-the-burst"  # noqa: S105 - nobody logs in


def measure(size: str) -> list[Goal]:
    """Draft, start everything, approve as fast as one can, wait until all is handed over."""
    with throw_away_home() as home:
        os.environ["FANZHA_LOG"] = "ERROR"
        os.environ.setdefault("FANZHA_WORKERS", "2")
        from fanzha.wiring.cli.run import prepare
        from fanzha.wiring.database import setup_django
        from fanzha.wiring.processes import Supervisor

        setup_django()
        prepare()
        banks, urls = _banks(home, REPORTS[size])
        _draft(REPORTS[size], urls)
        with Supervisor([*banks, *_ours()]):
            _wait_for(_workers_beat, 30)
            time.sleep(SETTLED_SECONDS)
            begun = time.monotonic()
            _approve_all()
            approved = time.monotonic() - begun
            _wait_for(lambda: not _waiting(), WAITS_SECONDS[size])
            return [Goal("burst: approving it took", approved, "s"), *_figures()]


def _banks(home: Path, reports: int) -> tuple[list[Process], list[str]]:
    from bench import faults_city
    from fanzha.wiring.processes import Process

    ports = [free_port() for _ in range(faults_city.FRONT_ENDS)]
    accounts = -(-reports * faults_city.PACKAGE // faults_city.BANKS)
    processes = []
    for front_end, port in enumerate(ports):
        story = home / f"story-{front_end}.yaml"
        faults_city.write_scenario(story, front_end, accounts)
        arguments = [
            "simulate", "banks", "--data", str(home / f"banks-{front_end}"), "--token", TOKEN,
            "--port", str(port), "--scenario", str(story),
        ]  # fmt: skip
        processes.append(Process("banks", arguments, quiet=True))
    return processes, [f"http://127.0.0.1:{port}" for port in ports]


def _ours() -> list[Process]:
    from fanzha.wiring.processes import platform_processes

    return [each for each in platform_processes(0) if each.name != "web"]


def _draft(reports: int, urls: Sequence[str]) -> None:
    from bench import faults_city
    from fanzha.instructions.rules import Kind

    faults_city.found(PASSWORD, urls, TOKEN)
    accounts = -(-reports * faults_city.PACKAGE // faults_city.BANKS)
    for number, some in islice(enumerate(faults_city.batches(accounts)), reports):
        faults_city.draft(some, number, lambda _: (Kind.STOP,))


def _approve_all() -> None:
    from bench.faults_city import WHY, officer
    from fanzha.core import clock
    from fanzha.identity.acting import acting_for
    from fanzha.instructions import actions
    from fanzha.instructions.models import Package

    zhao = officer("zhao")
    with acting_for(zhao):
        packages = list(Package.objects.order_by("pk"))
    for package in packages:
        with acting_for(zhao):
            actions.approve(zhao, package, at=clock.now(), ground=WHY)


def _workers_beat() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM procrastinate_workers)")
        return bool(cursor.fetchone()[0])


def _waiting() -> bool:
    from fanzha.identity.acting import system_scope
    from fanzha.instructions.models import Instruction
    from fanzha.instructions.rules import State

    with system_scope("bench"):
        return Instruction.objects.filter(state__in=[State.APPROVED, State.SENT]).exists()


def _wait_for(done: object, seconds: float) -> None:
    assert callable(done)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends and not done():
        time.sleep(0.5)


def _figures() -> list[Goal]:
    from fanzha.channels.bank_gateway.models import Message
    from fanzha.identity.acting import system_scope
    from fanzha.instructions.models import Instruction

    with system_scope("bench"):
        approved = dict(Instruction.objects.values_list("application_id", "approved_at"))
        delivered = Message.objects.filter(outgoing=True, state=Message.State.DELIVERED)
        handed = {
            number: at for number, at in delivered.values_list("application_id", "settled_at") if at
        }
    spans = sorted(
        (at, (handed[number] - at).total_seconds())
        for number, at in approved.items()
        if at and number in handed
    )
    ranked = [span for _, span in spans]
    return [
        Goal("burst: never handed over", len(approved) - len(spans), "messages", target=0),
        *_paces("first 100", ranked[:FIRST], FIRST_SECONDS),
        *_paces("the rest", ranked[FIRST:]),
        Goal(
            "burst: throughput per core",
            _throughput(list(approved.values()), handed),
            "messages/s",
        ),
    ]


def _paces(whose: str, spans: Sequence[float], target: float | None = None) -> list[Goal]:
    """Three percentiles; the middle one is what was promised."""
    name = f"burst: approved to handed over, {whose}"
    return [
        Goal(f"{name} p{percent}", percentile(spans, percent), "s", target=goal)
        for percent, goal in ((50, None), (95, target), (99, None))
    ]


def main() -> None:
    """Measure and print JSON."""
    print(json.dumps([asdict(goal) for goal in measure(sys.argv[1])]))


def _throughput(approved: Sequence[datetime | None], handed: dict[str, datetime]) -> float:
    begun = min(at for at in approved if at)
    seconds = (max(handed.values()) - begun).total_seconds()
    return len(handed) / seconds / len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
