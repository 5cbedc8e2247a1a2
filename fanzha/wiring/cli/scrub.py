"""The command that removes old copies of erased rows from the database's files."""

from __future__ import annotations

import typer

from fanzha.wiring.database import setup_django


def scrub_command() -> None:
    """Write the database's files anew, so that nothing erased stays in them; run it at night."""
    setup_django()
    from fanzha.wiring.scrubbing import scrub

    if scrub():
        typer.echo("The files of the database hold nothing that was erased.")
    else:
        typer.echo(
            "The tables are written anew; have the server's operator drop its old log (WAL)."
        )
