"""Processes of one machine: started together, restarted when one dies, ended together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PR_SET_PDEATHSIG = 1
RESTART_PAUSE_SECONDS = 0.5
END_SECONDS = 8.0


@dataclass
class Process:
    """One process: its name, its arguments after `python -m fanzha`, what its environment adds."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C is for us to hand on, in order."""
        self.running = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "fanzha", *self.arguments],
            env={**os.environ, **self.environment},
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if self.quiet else None,
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one thread runs when we start processes
        )

    @property
    def alive(self) -> bool:
        """True while it runs."""
        return self.running is not None and self.running.poll() is None


class SiteSilent(RuntimeError):
    """The site did not answer in time."""


class PortTaken(RuntimeError):
    """Somebody else listens on the port."""


class Supervisor:
    """Keeps processes running until it is told to stop."""

    def __init__(self, processes: Sequence[Process]) -> None:
        self.processes = list(processes)
        self.stopping = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start all, and from now on take Ctrl-C as the wish to end."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        for process in self.processes:
            process.start()

    def add(self, processes: Sequence[Process]) -> None:
        """Start more processes and keep them too; nothing when all is about to end."""
        for process in () if self.stopping else processes:
            self.processes.append(process)
            process.start()

    def __exit__(self, *_: object) -> None:
        self.end()

    def watch(self, seconds: float | None = None) -> None:
        """Restart what dies, until a signal comes or the time is over."""
        ends = None if seconds is None else time.monotonic() + seconds
        while not self.stopping and (ends is None or time.monotonic() < ends):
            self.restart_dead()
            time.sleep(RESTART_PAUSE_SECONDS)

    def restart_dead(self) -> list[str]:
        """Restart every process that has died; their names."""
        dead = [process for process in self.processes if not process.alive]
        for process in dead:
            process.start()
        return [process.name for process in dead]

    def wait_for_site(self, port: int, *, seconds: float = 30) -> None:
        """Wait until the site answers; raises SiteSilent."""
        import httpx  # slow, and only whoever waits needs it

        ends = time.monotonic() + seconds
        with httpx.Client(trust_env=False, timeout=2) as client:
            while time.monotonic() < ends and not self.stopping:
                try:
                    if client.get(f"http://127.0.0.1:{port}/login/").is_success:
                        return
                except httpx.HTTPError:
                    time.sleep(0.05)
        if not self.stopping:
            raise SiteSilent(f"the site did not answer on port {port} within {seconds:g} s")

    def end(self) -> None:
        """Ask every process to end, the last started first; insist after a while."""
        for process in reversed(self.processes):
            if process.alive and process.running:
                process.running.terminate()
        ends = time.monotonic() + END_SECONDS
        for process in self.processes:
            if process.running is None:
                continue
            try:
                process.running.wait(timeout=max(0.1, ends - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.running.kill()
                process.running.wait()

    def _stop(self, *_: object) -> None:
        self.stopping = True


def platform_processes(port: int) -> list[Process]:
    """Site, workers and gateway."""
    workers = int(os.environ.get("FANZHA_WORKERS", "1"))
    return [
        Process("web", ["web", "--port", str(port)]),
        *(Process("worker", ["worker"]) for _ in range(workers)),
        Process("gateway", ["gateway"]),
    ]


def _die_with_parent() -> None:
    # A supervisor that is killed must not leave a worker behind that nobody knows of.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
