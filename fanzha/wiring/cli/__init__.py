"""The `fanzha` command. Each command is imported only when called, so small ones start fast."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "up": "fanzha.wiring.cli.run:up_command",
    "demo": "fanzha.wiring.cli.demo:demo_command",
    "web": "fanzha.wiring.cli.run:web_command",
    "worker": "fanzha.wiring.cli.run:worker_command",
    "gateway": "fanzha.wiring.cli.run:gateway_command",
    "migrate": "fanzha.wiring.cli.run:migrate_command",
    "first-run": "fanzha.wiring.cli.admin:first_run_command",
    "unit": "fanzha.wiring.cli.admin:units",
    "officer": "fanzha.wiring.cli.admin:officers",
    "institution": "fanzha.wiring.cli.admin:institutions",
    "audit": "fanzha.wiring.cli.admin:audit",
    "trace": "fanzha.wiring.cli.trace:app",
    "try-data": "fanzha.wiring.cli.try_data:try_data_command",
    "extract": "fanzha.wiring.cli.extract:extract_command",
    "import": "fanzha.wiring.cli.import_:import_command",
    "simulate": "fanzha.wiring.cli.simulate:app",
    "certify": "fanzha.wiring.cli.certify:certify_command",
    "scrub": "fanzha.wiring.cli.scrub:scrub_command",
    "bench": "fanzha.wiring.cli.bench:bench_command",
}
"""Command -> where it is: a function, or a group of commands (a Typer)."""


def build(names: list[str]) -> typer.Typer:
    """A Typer with the named commands only."""
    cli = typer.Typer(
        name="fanzha", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="fanzha (反诈): the platform of a city's anti-scam centre.",
    )  # fmt: skip

    @cli.callback()
    def group() -> None:
        """Hold the commands together even when there is one."""

    for name in names:
        module, attribute = COMMANDS[name].split(":")
        found = getattr(import_module(module), attribute)
        if isinstance(found, typer.Typer):
            cli.add_typer(found, name=name)
        else:
            cli.command(name)(found)
    return cli


def main() -> None:
    """Run the command that the arguments name."""
    wanted = [argument for argument in sys.argv[1:2] if argument in COMMANDS]
    build(wanted or list(COMMANDS))()
