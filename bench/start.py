"""From `fanzha up` to the first page, in whole processes: on a new home, and on one that exists."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from statistics import median

import httpx

from bench.goals import Goal
from bench.home import free_port, throw_away_home

REPEATS = {"small": 3, "full": 7}
TARGET_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
OK = 200


class NoPage(RuntimeError):
    """The site showed no page in time, or ended."""


def measure(size: str) -> list[Goal]:
    """A new home and the same one again, the database stopped in between; medians."""
    new, again = [], []
    for _ in range(REPEATS[size]):
        with throw_away_home():
            new.append(_seconds_to_first_page())
            again.append(_seconds_to_first_page())
    return [
        Goal("up to first page, existing home", median(again), "s", target=TARGET_SECONDS),
        Goal("up to first page, new home", median(new), "s", target=TARGET_SECONDS),
    ]


def _seconds_to_first_page() -> float:
    """Start, wait for the whole log-in page, end with Ctrl-C."""
    port = free_port()
    begun = time.monotonic()
    running = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "fanzha", "up", "--port", str(port)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for_page(running, port)
        return time.monotonic() - begun
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def _wait_for_page(running: subprocess.Popen[bytes], port: int) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=5) as client:
        while time.monotonic() < ends and running.poll() is None:
            try:
                page = client.get("/login/")
            except httpx.HTTPError:
                time.sleep(0.02)
                continue
            if page.status_code == OK and "</html>" in page.text:
                return
    raise NoPage(f"no page on port {port}")
