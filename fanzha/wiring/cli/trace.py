"""`fanzha trace`: where the money of some payments went, from CSV files, without a database."""

from __future__ import annotations

import json
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fanzha.core.money import format_yuan
from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping

FAULT = 2
"""Exit code for bad input; nothing is printed on stdout then."""

MOST_NOTES = 20
_MORE_NOTES = gettext_noop("%(count)d more notes: --json has them all.")
_ONLY_FIFO = gettext_noop("This release traces by fifo only, not by %(rule)s.")


def trace_command(
    *,
    movements: Annotated[Path, typer.Option(help="CSV of all rows.")],
    seeds: Annotated[Path, typer.Option(help="CSV of the victims' payments: id[,claim].")],
    rule: Annotated[str, typer.Option(help="Tracing rule.")] = "fifo",
    openings: Annotated[
        Path | None, typer.Option(help="CSV of own money before the first row.")
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="CSV of accounts whose rows are known; others end.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace victims' payments through movements: who holds how much, what left, what is unknown."""
    from fanzha.tracing.engine import RULE_VERSIONS, input_sha256, trace
    from fanzha.tracing.files import BadFile, read_trace_files, report

    if rule not in RULE_VERSIONS:
        _refuse(_ONLY_FIFO % {"rule": rule})
    try:
        files = read_trace_files(movements, seeds, openings, known)
    except BadFile as fault:
        _refuse(str(fault))
    result = trace(
        files.movements, files.seeds, rule=rule, openings=files.openings, known=files.known
    )
    digest = input_sha256(files.movements, files.seeds, openings=files.openings, known=files.known)
    record = report(result, digest)
    if as_json:
        typer.echo(json.dumps(record))
    else:
        _print_table(record)


def _refuse(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAULT)


def _print_table(record: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    seeded = format_yuan(record["seeded_fen"])
    table = Table(title=f"{record['rule']}: {seeded}", title_justify="left")
    table.add_column("account", overflow="fold")
    table.add_column("end")
    table.add_column("yuan", justify="right", no_wrap=True)
    table.add_column("by claim", overflow="fold")
    for end in sorted(record["ends"], key=lambda end: -end["fen"]):
        claims = "  ".join(f"{name} {format_yuan(fen)}" for name, fen in end["by_claim"].items())
        table.add_row(
            Text(end["account"]), Text(end["kind"]), format_yuan(end["fen"]), Text(claims)
        )
    console.print(table)
    for note in record["notes"][:MOST_NOTES]:
        console.print(Text(f"{note['kind']}: {note['text']}"))
    if len(record["notes"]) > MOST_NOTES:
        console.print(_MORE_NOTES % {"count": len(record["notes"]) - MOST_NOTES})
    console.print(Text(f"{record['engine']}, {record['version']}, input {record['input_sha256']}"))
