"""The worker: runs the jobs.

The library's own command swaps the connector of the one app for its asynchronous one, so a job that
tells a fact would tell it outside its transaction. Here the worker is a second app that shares the
tasks: what a job defers still lives and dies with the job's transaction (tested).
"""

from __future__ import annotations

from procrastinate.contrib.django import app
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.django_connector import DjangoConnector

from fanzha.outbox.stalled import HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS, revive_stalled

CONCURRENCY = 4


def make_app() -> DjangoApp:
    """An app for running jobs; deferring stays with the Django connection of each thread."""
    app.perform_import_paths()  # type: ignore[no-untyped-call] # the library leaves it untyped
    assert isinstance(app.connector, DjangoConnector)
    worker_app = DjangoApp(connector=app.connector.get_worker_connector())
    worker_app.tasks = app.tasks
    worker_app.periodic_registry = app.periodic_registry
    return worker_app


def run(*, wait: bool = True, concurrency: int = CONCURRENCY) -> None:
    """Run jobs until told to stop; with `wait` False, until none is left."""
    revive_stalled()
    worker_app = make_app()
    with worker_app.open():
        worker_app.run_worker(
            concurrency=concurrency,
            wait=wait,
            fetch_job_polling_interval=1.0,
            update_heartbeat_interval=HEARTBEAT_SECONDS,
            stalled_worker_timeout=STALLED_AFTER_SECONDS,
            shutdown_graceful_timeout=5.0,
            delete_jobs="successful",
            install_signal_handlers=wait,
        )
