"""Commands that run the platform: up, web, worker, gateway, migrate."""

from __future__ import annotations

import signal
import sys
import threading
from typing import Annotated

import typer

from fanzha.wiring.database import migrate, setup_django, start
from fanzha.wiring.processes import Supervisor, platform_processes

Port = Annotated[int, typer.Option(help="Port of the site on 127.0.0.1.")]


def up_command(port: Port = 8600) -> None:
    """Start database, site, worker and gateway; Ctrl-C ends them all."""
    setup_django()
    start_database()
    site, *others = platform_processes(port)
    # The site first, while the tables are made: whoever starts the platform waits for a page.
    with Supervisor([site]) as supervisor:
        migrate()
        from fanzha.wiring.cli.admin import first_administrator

        first = first_administrator()
        if first:
            typer.echo(f"First log-in: {first[0]}  one-time password: {first[1]}")
        supervisor.wait_for_site(port)
        supervisor.add(others)
        typer.echo(f"fanzha runs on http://127.0.0.1:{port} - Ctrl-C ends it.")
        supervisor.watch()
    stop_database()


def prepare() -> None:
    """Start the database and bring its tables up to date; a clear sentence when it cannot be."""
    start_database()
    migrate()


def start_database() -> None:
    """Start the database; a clear sentence and exit 1 when it cannot be."""
    from fanzha.wiring.postgres import DatabaseUnavailable

    try:
        start()
    except DatabaseUnavailable as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from None


def stop_database() -> None:
    """Stop the embedded server; an own server is left alone."""
    from django.conf import settings
    from django.db import connections

    connections.close_all()
    if settings.USES_EMBEDDED:
        settings.EMBEDDED.stop()


def web_command(port: Port = 8600) -> None:
    """Serve the site alone."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        "fanzha.wiring.wsgi:application", address="127.0.0.1", port=port,
        interface=Interfaces.WSGI, workers=2, blocking_threads=4, log_access=False,
        log_level=LogLevels.warning, respawn_failed_workers=True,
    ).serve()  # fmt: skip


def worker_command() -> None:
    """Run jobs alone."""
    setup_django()
    from fanzha.wiring.worker import run

    run()


def gateway_command() -> None:
    """Poll the front-ends and take up messages that are due, alone."""
    setup_django()
    from fanzha.channels.bank_gateway.poller import run

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run(stop)
    sys.exit(0)


def migrate_command() -> None:
    """Start the embedded database if it does not run, and bring the tables up to date."""
    setup_django()
    prepare()
    typer.echo("The tables are up to date.")
