"""Opens the simulated banks on a folder and serves them until a signal."""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from fanzha.core.signing import Key, Seal, read_public
from fanzha.simulation.banks.faults import FaultError, read_order
from fanzha.simulation.banks.scenario import ScenarioError, find, load
from fanzha.simulation.banks.server import FrontEndServer, Tokens
from fanzha.simulation.banks.store import Store
from fanzha.simulation.banks.world import World

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LOCKS: list[int] = []
"""Open locks of this process: the folder is ours until the process ends, however it ends."""


class CannotOpen(Exception):
    """The banks cannot be opened; the sentence says why."""


def open_banks(
    *,
    port: int,
    scenario: str,
    data: Path,
    tokens: tuple[str, str],
    seed: int | None = None,
    check_duplicates: bool = True,
    wait: bool = False,
    faults: Sequence[str] = (),
    platform_key: str = "",
) -> FrontEndServer:
    """Open ledger and doors; `tokens` are front and control ("" = made). Raises CannotOpen.

    `platform_key`: the platform's public key, where both sides sign.
    """
    try:
        story = load(find(scenario))
        data.mkdir(parents=True, exist_ok=True)
        _lock(data)
        world = World(
            Store(data / "ledger.sqlite3"), story, seed=seed, check_duplicates=check_duplicates
        )
        front, control = tokens
        for each in faults:
            world.order_fault(read_order(each))
        seal = _seal(data, platform_key) if platform_key else None
        shown = Tokens(front, control or _kept_secret(data / "control.token"), seal)
        server = FrontEndServer(port, world, shown)
    except (ScenarioError, FaultError, OSError, OverflowError, sqlite3.DatabaseError) as error:
        raise CannotOpen(str(error)) from None
    if not wait:
        world.start()
    return server


def serve_until_signal(server: FrontEndServer) -> None:
    """Serve until SIGTERM or SIGINT, then close the ledger; an ordered restart opens it again."""
    ended = threading.Event()

    def end(_signal: int, _frame: Any) -> None:
        ended.set()
        server.stop()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, end)
    while True:
        try:
            server.serve()
        finally:
            server.world.store.close()
        if server.away_seconds is None or ended.wait(server.away_seconds):
            return
        server = FrontEndServer(server.server_port, server.world.reopened(), server.tokens)


def _lock(data: Path) -> None:
    handle = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise CannotOpen(f"Other simulated banks run on {data} already.") from None
    _LOCKS.append(handle)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text().strip()


def _seal(data: Path, platform_key: str) -> Seal:
    try:
        read_public(platform_key)
    except ValueError:
        raise CannotOpen("The platform's key is no Ed25519 public key in Base64.") from None
    return Seal(Key(_kept_secret(data / "signing.secret")), platform_key)
