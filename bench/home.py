"""A throw-away FANZHA_HOME: nothing that is measured touches an installation."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN_SERVER = ("FANZHA_DATABASE_URL", "FANZHA_OWNER_DATABASE_URL")


@contextmanager
def throw_away_home() -> Iterator[Path]:
    """An empty home with the embedded server; stopped and removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="fanzha-bench-"))
    # The server's system user passes through the folder; nobody lists it.
    folder.chmod(0o711)
    before = {name: os.environ.pop(name, None) for name in (*OWN_SERVER, "FANZHA_HOME")}
    os.environ["FANZHA_HOME"] = str(folder)
    try:
        yield folder
    finally:
        _stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _stop(folder: Path) -> None:
    from fanzha.wiring.postgres import Postgres

    server = Postgres(folder)
    if (server.data / "PG_VERSION").exists():
        server.stop()


def free_port() -> int:
    """A port of the loopback that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number
