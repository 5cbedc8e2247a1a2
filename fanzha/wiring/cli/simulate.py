"""`fanzha simulate banks`: simulated banks behind one front-end, a process of their own."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fanzha.simulation.banks.server import FrontEndServer

app = typer.Typer(help="Simulated worlds for demo, drills and tests.", no_args_is_help=True)

BAD_INPUT = 2


@app.callback()
def simulate() -> None:
    """Run simulated worlds for demo, drills and tests."""


@app.command()
def banks(
    data: Annotated[Path, typer.Option(help="Folder of the banks' own ledger.")],
    token: Annotated[str, typer.Option(help="Bearer token of the front-end.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8701,
    scenario: Annotated[str, typer.Option(help="A shipped name or a file.")] = "golden_day",
    control_token: Annotated[
        str, typer.Option(help="Token of /control/; else one is written to DATA/control.token.")
    ] = "",
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's.")] = None,
    duplicate_check: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option(help="Refuse a TransSerialNumber seen before.")
    ] = True,
    wait: Annotated[  # noqa: FBT002 - a flag of the command line
        bool, typer.Option("--wait", help="Begin the story only at POST /control/start.")
    ] = False,
) -> None:
    """Serve several banks on 127.0.0.1 until SIGTERM or Ctrl-C."""
    from fanzha.simulation.banks.run import CannotOpen, open_banks, serve_until_signal

    try:
        server = open_banks(
            port=port,
            scenario=scenario,
            data=data,
            tokens=(token, control_token),
            seed=seed,
            check_duplicates=duplicate_check,
            wait=wait,
        )
    except CannotOpen as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None
    _tell(server)
    serve_until_signal(server)


def _tell(server: FrontEndServer) -> None:
    world = server.world
    names = "、".join(bank.name for bank in world.scenario.banks.values())
    typer.echo(f"http://127.0.0.1:{server.server_port} {world.scenario.name}: {names}")
