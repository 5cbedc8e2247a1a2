"""FANZHA_HOME: the one folder in which an installation keeps everything it writes."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent


def home() -> Path:
    """FANZHA_HOME, or `var/` in the checkout; for root a folder that a system user can reach.

    Under root the database server runs as a system user of its own, which cannot enter a checkout
    in root's private folders, and nothing outside FANZHA_HOME is opened for it.
    """
    named = os.environ.get("FANZHA_HOME")
    if named:
        return Path(named).resolve()
    if os.geteuid() == 0:
        tag = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
        return Path("/var/lib/fanzha") / tag
    return CHECKOUT / "var"


def ensure_home() -> Path:
    """Make the folder if it is not there: others may pass through it, not list it."""
    folder = home()
    folder.mkdir(parents=True, exist_ok=True, mode=0o755)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o711)
    return folder


def secret(name: str) -> str:
    """A random secret kept in FANZHA_HOME, readable by its owner only; made on first use."""
    path = ensure_home() / name
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
