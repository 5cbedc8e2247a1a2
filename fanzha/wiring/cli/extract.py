"""`fanzha extract`: recognise a text from standard input; needs no database."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from fanzha.intake.recognition import Recognition


def extract_command(
    as_json: Annotated[  # noqa: FBT002 - Typer makes flags of booleans
        bool, typer.Option("--json", help="Print JSON instead of a table.")
    ] = False,
    at: Annotated[
        str | None,
        typer.Option("--at", help="When it was told, ISO 8601; without a zone Asia/Shanghai."),
    ] = None,
) -> None:
    """Mark amounts, times, accounts and the like in a text on standard input."""
    from fanzha.intake.recognition import recognise

    moment = _moment(at)
    found = recognise(_text(sys.stdin.buffer.read()), moment)
    if as_json:
        line = json.dumps(found.as_dict(), ensure_ascii=False) + "\n"
        sys.stdout.buffer.write(line.encode("utf-8", "surrogatepass"))
        sys.stdout.buffer.flush()
    else:
        _print(found)


def _moment(text: str | None) -> datetime:
    from fanzha.core import clock

    if text is None:
        return clock.now()
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=clock.ZONE)
        clock.local(moment)
    except (ValueError, OverflowError):
        raise _refuse(f"--at {text!r} is not a time like 2026-03-18T11:47:00+08:00.") from None
    return moment


def _text(raw: bytes) -> str:
    """UTF-8, else GB18030; every code point counts, a byte order mark and CRLF included."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _refuse("The text on standard input is neither UTF-8 nor GB18030.")


def _refuse(sentence: str) -> typer.Exit:
    typer.echo(sentence, err=True)
    return typer.Exit(2)


def _print(found: Recognition) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("Place", "Kind", "Text", "Value")
    for span in found.spans:
        row: list[Any] = [f"{span.start}-{span.end}", span.kind, repr(span.text), span.value]
        table.add_row(*map(str, row))
    console = Console()
    console.print(table, markup=False)
    kind = found.fraud_type
    console.print(f"{kind.code or '-'} {kind.name or ''} {kind.reason}", markup=False)
