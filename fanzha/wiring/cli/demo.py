"""`fanzha demo`: one day's story through the real doors, then the site stays up."""

from __future__ import annotations

import os
import shutil
import time
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.core.clock import story
from fanzha.wiring.home import home

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.wiring.demo import Demo

SET_UP_SECONDS = 6
MARKER = "made-by-fanzha-demo"
SPEED = 50.0
STORY_SECONDS = 3600.0
"""The story begins so long ago and catches up with the present at SPEED."""


def demo_command(
    port: Annotated[int, typer.Option(help="Port of the site on 127.0.0.1.")] = 8600,
    stay: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--stay/--leave", help="Leave the site running afterwards.")
    ] = True,
) -> None:
    """Play one day's story: reports, stops, statements, traces, a freeze; leave the site up."""
    started = time.monotonic()
    folder = _fresh_home(home() / "demo")
    os.environ["FANZHA_HOME"] = str(folder)
    os.environ["FANZHA_ORGANISATION"] = "LJ"
    lag = STORY_SECONDS - STORY_SECONDS / SPEED
    os.environ["FANZHA_STORY_CLOCK"] = story(begins_in=SET_UP_SECONDS, lag=lag, speed=SPEED)
    from fanzha.wiring.demo import Demo

    demo = Demo(port=port, folder=folder)
    try:
        _play(demo, started, stay=stay)
    finally:
        demo.end()


def _play(demo: Demo, started: float, *, stay: bool) -> None:
    from fanzha.core.clock import now
    from fanzha.simulation.demo.browser import PageUnlike
    from fanzha.wiring.postgres import DatabaseUnavailable
    from fanzha.wiring.processes import PortTaken, SiteSilent

    try:
        demo.set_up()
        demo.play()
        demo.show(time.monotonic() - started)
        if stay:
            demo.leave_running()
    except (DatabaseUnavailable, SiteSilent, PortTaken, PageUnlike) as problem:
        typer.echo(f"The demo stopped: {problem}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo(f"\nEnded at {now():%H:%M:%S}.")


def _fresh_home(folder: Path) -> Path:
    """An empty folder for this run; only what an earlier demo made is ever removed."""
    from fanzha.wiring.postgres import Postgres

    if folder.exists():
        if not (folder / MARKER).exists():
            typer.echo(f"{folder} was not made by a demo; set FANZHA_HOME elsewhere.", err=True)
            raise typer.Exit(1)
        Postgres(folder).stop()
        shutil.rmtree(folder)
    folder.mkdir(parents=True, mode=0o711)
    folder.chmod(0o711)
    (folder / MARKER).touch()
    return folder
