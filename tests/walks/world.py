"""A whole small world for stories: simulated banks in a process of their own, the platform here."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx
from django.db import transaction

from fanzha.audit.rules import Ground
from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import FrontEnd as Client
from fanzha.channels.bank_gateway.models import FrontEnd
from fanzha.channels.bank_gateway.poller import poll_once
from fanzha.channels.bank_gateway.tasks import take_up_due
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.institutions import actions as institutions
from fanzha.simulation.banks.scenario import load
from fanzha.wiring.worker import run as run_worker
from tests.cast import populate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN, CONTROL = "test-token", "test-control"
SETUP = Ground("test", "", "set-up")


class World:
    """The banks' side by its control door, the platform's side by its jobs and polls."""

    def __init__(self, folder: Path, scenario: Path, *, options: tuple[str, ...] = ()) -> None:
        self.folder, self.scenario_file, self.options = folder, scenario, options
        self.scenario = load(scenario)
        self.port = self.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None
        self._door = httpx.Client(trust_env=False, timeout=10)

    @staticmethod
    def free_port() -> int:
        """A port of 127.0.0.1 that nobody uses."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    def start_banks(self) -> None:
        """Start (or start again) the simulator on the same ledger."""
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "fanzha", "simulate", "banks", "--data", str(self.folder),
                "--token", TOKEN, "--control-token", CONTROL, "--port", str(self.port),
                "--scenario", str(self.scenario_file), *self.options,
            ],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.wait(self._answers, "the banks listen")

    def kill_banks(self) -> None:
        """Kill -9."""
        assert self.process
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        """Stop the simulator."""
        self._door.close()
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=10)

    def control(self, name: str, **body: Any) -> Any:
        """Call the control door: GET without a body, POST with one."""
        headers = {"Authorization": f"Bearer {CONTROL}"}
        url = f"{self.url}/control/{name}"
        if body:
            answer = self._door.post(url, json=body, headers=headers)
        else:
            answer = self._door.get(url, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def connect(self) -> None:
        """Register the scenario's banks with the platform."""
        for bank in self.scenario.banks.values():
            with system_scope("test") as system:
                institutions.register(
                    system, code=bank.code, name=bank.name, card_prefixes=[bank.prefix],
                    at=clock.now(), ground=SETUP,
                )  # fmt: skip
                gateway.connect(
                    system, institution_code=bank.code, url=self.url, token=TOKEN,
                    poll_seconds=0.1, at=clock.now(), ground=SETUP,
                )  # fmt: skip

    def turn(self) -> None:
        """One round of the platform: jobs, polls, jobs."""
        take_up_due()
        run_worker(wait=False)
        front_end = FrontEnd.objects.get()
        with Client(front_end.url, front_end.token, timeout=2) as client:
            poll_once(front_end, client)
        run_worker(wait=False)

    def until(self, condition: Callable[[], bool], what: str, *, seconds: float = 30) -> None:
        """Turn until the condition holds."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, f"waited in vain until {what}"
            self.turn()
            time.sleep(0.05)

    def wait(self, condition: Callable[[], bool], what: str, *, seconds: float = 20) -> None:
        """Wait without turning."""
        ends = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < ends, f"waited in vain until {what}"
            time.sleep(0.02)

    def _answers(self) -> bool:
        try:
            return self._door.get(f"{self.url}/control/health").status_code < 500
        except httpx.HTTPError:
            return False


@contextmanager
def world(folder: Path, scenario: Path, *options: str) -> Iterator[World]:
    """Banks running, cast and institutions committed."""
    with transaction.atomic():
        populate()
    made = World(folder, scenario, options=options)
    try:
        made.start_banks()
        made.connect()
        yield made
    finally:
        made.end()
