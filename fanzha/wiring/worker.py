"""The worker: runs the jobs.

The library's own command swaps the connector of the one app for its asynchronous one, so a job that
tells a fact would tell it outside its transaction. Here the worker is a second app that shares the
tasks: what a job defers still lives and dies with the job's transaction (tested).
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import TYPE_CHECKING

import psycopg
from procrastinate.contrib.django import app
from procrastinate.contrib.django.db_cleanup import DjangoApp
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params

from fanzha.outbox.stalled import HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS, revive_stalled

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)
CONCURRENCY = 4
WATCH_SECONDS = 1.0
WATCH_NAME = "fanzha worker watch"


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
    if wait:
        threading.Thread(target=end_with_the_database, daemon=True).start()
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


def end_with_the_database(end: Callable[[int], object] = os._exit) -> None:
    """End this process when the database goes away; whoever started it starts it again.

    The library notes the end of a job once. If the database is away at that moment the job stays
    `doing` under a worker that still beats, so nobody tries it again, and its lock holds back what
    follows. A worker that dies with the database leaves only jobs that are revived.
    """
    try:
        parameters = connector_params() | {"application_name": WATCH_NAME, "autocommit": True}
        with psycopg.connect(**parameters) as connection:
            while True:
                connection.execute("SELECT 1")
                time.sleep(WATCH_SECONDS)
    except psycopg.OperationalError:
        logger.exception("the database went away: the worker ends, to be started again")
        end(1)
