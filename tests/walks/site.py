"""The whole platform as processes for stories in a browser: site, worker, gateway, banks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from fanzha.identity.models import Officer
from fanzha.scope.guard import open_action

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.walks.world import World

PASSWORD = "invented-for-this-test-7"


class Site:
    """Processes of the platform, each in a group of its own, killed and started at will."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.port = world.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start one; the site also has to answer."""
        extra = ["--port", str(self.port)] if name == "web" else []
        self.running[name] = subprocess.Popen(
            [sys.executable, "-m", "fanzha", name, *extra],
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )
        if name == "web":
            self.world.wait(self._answers, "the site answers", seconds=60)

    def kill(self, name: str) -> None:
        """Kill -9 of the process and all its children."""
        process = self.running[name]
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/login/", trust_env=False, timeout=2).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def site(world: World, *names: str) -> Iterator[Site]:
    """Start the named processes; the cast may log in with PASSWORD."""
    token = open_action.set("tests.site")
    try:
        for officer in Officer.objects.all():
            officer.set_password(PASSWORD)
            officer.save(update_fields=["password"])
    finally:
        open_action.reset(token)
    made = Site(world)
    try:
        for name in names:
            made.start(name)
        yield made
    finally:
        for name in made.running:
            made.kill(name)
