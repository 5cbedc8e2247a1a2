"""Real PostgreSQL for every test, as the app role, which row-level security binds.

The embedded server in a folder of its own, or a server that FANZHA_DATABASE_URL and
FANZHA_OWNER_DATABASE_URL name.
"""

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
os.environ["FANZHA_CONNECTION_SECONDS"] = "0"
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


@pytest.fixture
def committed(database: None) -> Iterator[None]:
    """For tests with several connections or processes: really committed, emptied afterwards."""
    _empty()
    yield
    from django.db import connections

    connections.close_all()
    _empty()


def _empty() -> None:
    import psycopg
    from django.conf import settings

    parts = settings.DATABASES["owner"]
    with psycopg.connect(
        host=parts["HOST"], dbname=parts["NAME"], user=parts["USER"], password=parts["PASSWORD"]
    ) as owner:
        names = owner.execute(
            "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename NOT IN"
            " ('django_migrations', 'django_content_type', 'auth_permission')"
        ).fetchone()
        assert names
        for action in ("DISABLE", "ENABLE"):
            for table in ("audit_entry", "audit_block"):
                owner.execute(f"ALTER TABLE {table} {action} TRIGGER USER")
            if action == "DISABLE":
                owner.execute(f"TRUNCATE {names[0]} RESTART IDENTITY CASCADE")
