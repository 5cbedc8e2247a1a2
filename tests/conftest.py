"""Real PostgreSQL for every test, as the app role, which row-level security binds.

The embedded server in a folder of its own, one for each process that runs tests; or the one server
that FANZHA_DATABASE_URL and FANZHA_OWNER_DATABASE_URL name, which one process has to itself.
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

os.environ["FANZHA_HOME"] = tempfile.mkdtemp(prefix="fanzha-test-")
os.environ["FANZHA_CONNECTION_SECONDS"] = "0"
os.environ["DJANGO_SETTINGS_MODULE"] = "fanzha.wiring.settings"

from fanzha.wiring.database import setup_django

HOME = Path(os.environ["FANZHA_HOME"])
HOME.chmod(0o711)
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
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

    if settings.USES_EMBEDDED:
        ensure_home()
        server = Postgres(HOME, durable=False)
        server.start()
        atexit.register(server.stop)
        server.ensure_database(settings.DATABASES["default"]["NAME"])
    elif "PYTEST_XDIST_WORKER" in os.environ:
        pytest.exit("A server that FANZHA_DATABASE_URL names serves one process: run with -n 0.")
    migrate()
    yield
    connections.close_all()


@pytest.fixture
def committed(database: None) -> Iterator[None]:
    """For tests with several connections or processes: really committed, emptied afterwards."""
    _empty()
    yield
    from django.db import connections

    connections.close_all()
    _empty()


@pytest.fixture
def bank(db: None) -> None:
    """A bank with a front-end that nobody serves."""
    from tests import build

    build.bank()


@pytest.fixture
def own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty lake of this test's own."""
    from django.conf import settings

    monkeypatch.setattr(settings, "LAKE", tmp_path / "lake")
    return tmp_path / "lake"


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
