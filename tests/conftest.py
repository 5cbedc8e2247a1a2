"""Real PostgreSQL for every test: the embedded server in a folder of its own, or a server named by
FANZHA_DATABASE_URL and FANZHA_OWNER_DATABASE_URL. Tests run as the app role, which RLS binds."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

if "FANZHA_TEST_HOME" not in os.environ:
    _home = Path(tempfile.mkdtemp(prefix="fanzha-test-"))
    _home.chmod(0o711)
    os.environ["FANZHA_TEST_HOME"] = str(_home)
os.environ["FANZHA_HOME"] = os.environ["FANZHA_TEST_HOME"]
os.environ["DJANGO_SETTINGS_MODULE"] = "fanzha.wiring.settings"

from fanzha.wiring.database import setup_django

setup_django()
pytest_plugins = ["tests.cast"]


@pytest.fixture(scope="session")
def database() -> Iterator[None]:
    """A migrated database; ended and removed after the run."""
    from django.conf import settings
    from django.db import connections

    from fanzha.wiring.database import migrate
    from fanzha.wiring.home import ensure_home
    from fanzha.wiring.postgres import Postgres

    server = Postgres(Path(os.environ["FANZHA_HOME"]), durable=False)
    if settings.USES_EMBEDDED:
        ensure_home()
        server.start()
        atexit.register(_remove, server)
        server.ensure_database(settings.DATABASES["default"]["NAME"])
    migrate()
    yield
    connections.close_all()


def _remove(server: object) -> None:
    server.stop()  # type: ignore[attr-defined] # a Postgres
    shutil.rmtree(os.environ["FANZHA_HOME"], ignore_errors=True)
