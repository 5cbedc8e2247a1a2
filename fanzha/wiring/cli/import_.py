"""`fanzha import`: read statement files; with --case into a case, with --dry-run nowhere."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fanzha.core.clock import local
from fanzha.core.masking import mask_account
from fanzha.core.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from fanzha.identity.models import Officer
    from fanzha.movements.profile import Profile
    from fanzha.movements.sheets import Table

HOME_CURRENCY = "CNY"
FILES = (
    "Statement files: CSV, TSV, TXT, XLS, XLSX, HTML, or zips of them. A workbook with several "
    "tables and a zip give one entry per table, named FILE/TABLE."
)
PROFILE = "A layout (YAML) to read by, besides those that come with the program; with --dry-run."
FAULT = 2
"""Exit code when a file was refused; the others were still read."""


def import_command(
    files: Annotated[list[Path], typer.Argument(help=FILES)],
    *,
    case: Annotated[str, typer.Option(help="Number of the case.")] = "",
    as_: Annotated[str, typer.Option("--as", help="Log-in name of the officer.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only read; no database.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    password: Annotated[str, typer.Option(help="Opens locked workbooks and zips.")] = "",
    profile: Annotated[list[Path] | None, typer.Option(help=PROFILE)] = None,
) -> None:
    """Import bank statements: what was kept, what was there before, what could not be read."""
    by = None
    if not dry_run:
        if not case or not as_:
            _refuse("Name the case (--case) and the officer (--as), or only read (--dry-run).")
        if profile:
            _refuse("A case is read by saved layouts: save this one where a statement is added.")
        by = _officer(as_)
    saved = tuple(_profile(path) for path in profile or ())
    reports = [told for file in files for told in _each(file, by, case, password, saved)]
    if as_json:
        typer.echo(json.dumps(reports, ensure_ascii=False, default=_iso))
    else:
        for each in reports:
            if "error" not in each:
                _print_lines(each)
    for each in reports:
        if "error" in each:
            typer.echo(each["error"]["message"], err=True)
            if "proposal" in each and not as_json:
                _print_proposal(each["proposal"])
    if any("error" in each for each in reports):
        raise typer.Exit(FAULT)


def _each(
    file: Path, by: Officer | None, case: str, password: str, saved: Sequence[Profile]
) -> Iterator[dict[str, Any]]:
    """One report for each table of a file; `sha256` is the file's as it was given."""
    from fanzha.core.refusal import Refusal
    from fanzha.movements import sheets
    from fanzha.movements.columnar import is_large
    from fanzha.movements.columnar.blocks import sha256_of

    told: dict[str, Any] = {"file": str(file)}
    try:
        if is_large(file) and (found := _large(file, file.name, by, case, saved)):
            yield told | {"sha256": sha256_of(file)} | found
            return
        content = file.read_bytes()
        told["sha256"] = hashlib.sha256(content).hexdigest()
        for table in sheets.tables(content, str(file), password=password):
            yield _one(table, told | {"file": table.name}, by, case, saved)
    except OSError as error:
        message = f"{file}: {error.strerror}"
        yield told | {"error": {"code": "Unreadable", "message": message}}
    except Refusal as refusal:
        yield told | {"error": {"code": refusal.code, "message": str(refusal)}}


def _one(
    table: Table, told: dict[str, Any], by: Officer | None, case: str, saved: Sequence[Profile]
) -> dict[str, Any]:
    """Read or import one table in its own transaction: a refused one takes nothing back."""
    from fanzha.core.refusal import Refusal

    name = "/".join(filter(None, [table.file_name, table.inside]))
    try:
        if by:
            return told | _import(table.content, name, by, case, table)
        return told | _read(table, name, saved)
    except Refusal as refusal:
        return told | {"error": {"code": refusal.code, "message": str(refusal)}}


def _large(
    source: bytes | Path, name: str, by: Officer | None, case: str, saved: Sequence[Profile]
) -> dict[str, Any]:
    """The report of a large text, whose rows are never held; empty: read it row by row."""
    from fanzha.movements.columnar.whole import read_columns
    from fanzha.movements.marking import Marking
    from fanzha.movements.rules import NotAStatement

    if by:
        return _import(source, name, by, case)

    def look(tables: Iterator[pa.Table]) -> Marking:
        marking = Marking()
        for table in tables:
            marking.add(table)
        return marking

    try:
        read = read_columns(source, name, look, saved=saved)
    except NotAStatement:
        return {}
    if read is None:
        return {}
    found, marking = read
    counts = {
        "profile": found.profile,
        "read": found.read,
        "kept": found.kept,
        "duplicate": found.duplicates,
        "rejected": len(found.rejects),
        "skipped": found.skipped,
    }
    return counts | _figures(found.sums, found.times, found.checks) | marking.told()


def _read(table: Table, name: str, saved: Sequence[Profile]) -> dict[str, Any]:
    from fanzha.movements import marks
    from fanzha.movements.columnar import is_large
    from fanzha.movements.companions import Companion, read_table
    from fanzha.movements.rules import NotAStatement

    if is_large(table.content) and (found := _large(table.content, name, None, "", saved)):
        return found

    try:
        reading = read_table(table.content, name, saved=saved)
    except NotAStatement as refusal:
        error = {"code": refusal.code, "message": str(refusal)}
        return {"error": error} | _proposal(table)
    counts = {
        "profile": reading.profile,
        "read": reading.read,
        "kept": reading.kept if isinstance(reading, Companion) else len(reading.kept),
        "duplicate": reading.duplicates,
        "rejected": len(reading.rejects),
        "skipped": reading.skipped,
    }
    if isinstance(reading, Companion):
        return counts | _facts(reading.counts, reading.accounts)
    figures = _figures(reading.sums, reading.times, reading.account_checks())
    return counts | figures | marks.told(reading.kept)


def _proposal(table: Table) -> dict[str, Any]:
    """How the table could be read; nothing is read by it before a person has saved it."""
    from fanzha.movements.proposing import propose

    found = propose(table)
    if found is None:
        return {}
    columns = [
        {"column": each.name, "as": each.canonical, "confidence": each.confidence,
         "because": each.because}
        for each in found.columns if each.canonical
    ]  # fmt: skip
    proposal = {
        "header_row": found.header_row,
        "columns": columns,
        "directions": dict(found.directions),
        "sign": found.sign,
    }
    return {"proposal": proposal}


def _import(
    content: bytes | Path, name: str, by: Officer, case: str, table: Table | None = None
) -> dict[str, Any]:
    from fanzha.cases import queries as cases
    from fanzha.core import clock
    from fanzha.desk.importing import import_into
    from fanzha.identity.acting import acting_for

    with acting_for(by, origin="console"):
        statement = import_into(
            by, cases.by_number(case), content, name=name, at=clock.now(), why="fanzha import",
            table=table,
        )  # fmt: skip
    times = statement.first, statement.last
    counts = {
        "profile": statement.profile,
        "read": statement.rows_read,
        "kept": statement.rows_kept,
        "duplicate": statement.rows_duplicate,
        "rejected": statement.rows_rejected,
        "skipped": statement.rows_skipped,
        "statement": statement.public_id,
    }
    if "facts" in statement.sums:
        facts = Counter(each["kind"] for each in statement.sums["facts"])
        return counts | _facts(facts, statement.sums["about"])
    return counts | _figures(statement.sums, times, statement.sums["accounts"])


def _facts(counts: Mapping[str, int], accounts: Iterable[str]) -> dict[str, Any]:
    """A table that moves no money has facts in the place of sums."""
    nothing = _figures({"in": {}, "out": {}, "unknown": {}}, (None, None), ())
    return nothing | {"accounts": list(accounts), "facts": dict(counts)}


def _figures(
    sums: Mapping[str, Mapping[str, int]],
    times: tuple[datetime | None, datetime | None],
    checks: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """Sums are minor units per currency, over kept rows that did not fail; never added up."""
    checks = list(checks)
    balances = ("account", "currency", "opening_fen", "closing_fen")
    breaks = ("account", "currency", "breaks", "row", "missing_fen")
    return {
        "sum_in_fen": sums["in"],
        "sum_out_fen": sums["out"],
        "sum_unknown_fen": sums["unknown"],
        "first": times[0],
        "last": times[1],
        "accounts": sorted({each["account"] for each in checks}),
        "balance_breaks": [
            {name: each[name] for name in breaks} for each in checks if each["breaks"]
        ],
        "balances": [
            {name: each[name] for name in balances}
            for each in checks if (each["opening_fen"], each["closing_fen"]) != (None, None)
        ],
    }  # fmt: skip


def _profile(path: Path) -> Profile:
    """A layout from a file; ends the command with a sentence that names file and key."""
    import yaml

    from fanzha.movements.profile import parsed

    try:
        return parsed(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        _refuse(f"{path}: {error.strerror}")
    except (yaml.YAMLError, UnicodeDecodeError):
        _refuse(f"{path} is no YAML.")
    except KeyError as error:
        _refuse(f"{path}: the key {error.args[0]} is missing.")
    except (AttributeError, TypeError, ValueError, re.error) as error:
        _refuse(f"{path} is no layout: {error}.")


def _officer(username: str) -> Officer:
    from fanzha.wiring import database

    database.setup_django()
    database.start()
    from fanzha.identity.models import Officer

    found = Officer.objects.select_related("unit").filter(username=username, is_active=True).first()
    return found or _refuse(f"There is no officer {username}.")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAULT)


def _iso(moment: datetime) -> str:
    return local(moment).isoformat()


def _print_lines(report: Mapping[str, Any]) -> None:
    """A few lines that a person can check against the file."""
    counts = "read {read} = kept {kept} + duplicate {duplicate} + rejected {rejected}"
    typer.echo(f"{report['file']}: {counts.format_map(report)}; skipped {report['skipped']}")
    for kind, count in report.get("facts", {}).items():
        typer.echo(f"  {kind} {count}")
    for name in ("in", "out", "unknown"):
        for currency, minor in report[f"sum_{name}_fen"].items():
            amount = format_yuan(minor) if currency == HOME_CURRENCY else minor
            typer.echo(f"  {name} {amount} {currency}")
    for each in report["balance_breaks"]:
        where = f"{mask_account(each['account'])}, row {each['row']}"
        typer.echo(f"  balances disagree {each['breaks']} times, first at {where}")


def _print_proposal(proposal: Mapping[str, Any]) -> None:
    """The mapping that a person could save; the file was not read by it."""
    typer.echo(f"  header in row {proposal['header_row']}; proposed, not read:", err=True)
    for each in proposal["columns"]:
        told = f"{each['column']} -> {each['as']} ({each['confidence']:.0%}, {each['because']})"
        typer.echo(f"    {told}", err=True)
