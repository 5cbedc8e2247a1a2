"""`fanzha simulate banks`: simulated banks behind one front-end, a process of their own."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from fanzha.simulation.banks.server import FrontEndServer

app = typer.Typer(help="Simulated worlds for demo, drills and tests.", no_args_is_help=True)

BAD_INPUT = 2
ORDER = "KIND[,bank=CODE][,count=N][,chance=P][,seconds=S][,code=C]"


@app.callback()
def simulate() -> None:
    """Run simulated worlds for demo, drills and tests."""


@app.command()
def banks(
    *,
    data: Annotated[Path, typer.Option(help="Folder of the banks' own ledger.")],
    token: Annotated[str, typer.Option(help="Bearer token of the front-end.")],
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8701,
    scenario: Annotated[str, typer.Option(help="A shipped name or a file.")] = "golden_day",
    control_token: Annotated[
        str, typer.Option(help="Token of /control/; else one is written to DATA/control.token.")
    ] = "",
    seed: Annotated[int | None, typer.Option(help="Another seed than the scenario's.")] = None,
    duplicate_check: Annotated[
        bool, typer.Option(help="Refuse a TransSerialNumber seen before.")
    ] = True,
    fault: Annotated[
        list[str] | None, typer.Option(help=f"Break something from the start: {ORDER}; repeatable.")
    ] = None,
    platform_key: Annotated[
        str, typer.Option(help="The platform's public key: both sides sign every body.")
    ] = "",
    wait: Annotated[
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
            faults=fault or (),
            platform_key=platform_key,
        )
    except CannotOpen as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None
    _tell(server)
    serve_until_signal(server)


@app.command()
def fault(
    url: Annotated[str, typer.Argument(help="Address of simulated banks that run.")],
    order: Annotated[str, typer.Argument(help=f"{ORDER}, or clear.")],
    control_token: Annotated[str, typer.Option(help="Token of /control/.")],
) -> None:
    """Break something at simulated banks, or (clear) mend everything; prints what is set."""
    import httpx

    from fanzha.simulation.banks.faults import FaultError, read_order

    try:
        answer = httpx.post(
            f"{url.rstrip('/')}/control/faults",
            json={"clear": True} if order == "clear" else read_order(order),
            headers={"Authorization": f"Bearer {control_token}"}, trust_env=False, timeout=10,
        )  # fmt: skip
        found = answer.json()
    except (httpx.HTTPError, FaultError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_INPUT) from None
    if not answer.is_success:
        typer.echo(found.get("error", str(answer.status_code)), err=True)
        raise typer.Exit(BAD_INPUT)
    for each in found["faults"]:
        left = f"{each['struck']} struck, {each['remaining']} left"
        typer.echo(f"{each['kind']} {each['bank'] or '*'}: {left}")


def _tell(server: FrontEndServer) -> None:
    world = server.world
    names = "、".join(bank.name for bank in world.scenario.banks.values())
    typer.echo(f"http://127.0.0.1:{server.server_port} {world.scenario.name}: {names}")
    if server.tokens.seal:
        typer.echo(f"signs with {server.tokens.seal.own.public}")
