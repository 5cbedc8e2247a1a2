"""`fanzha trace`: where the money of some payments went, from CSV files, without a database."""

from __future__ import annotations

import json
import sys
from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from fanzha.core.money import format_yuan
from fanzha.core.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.tracing.engine import Movements, Trace
    from fanzha.tracing.replays import Question

FAULT = 2
"""Exit code for bad input; nothing is printed on stdout then. 1: a replay gave other figures."""

MOST_NOTES = 20
_MORE_NOTES = gettext_noop("%(count)d more notes: --json has them all.")
_NO_RULE = gettext_noop("There is no rule %(rule)s; there are %(rules)s, and all.")
_NO_FORMAT = gettext_noop("There is no format %(form)s; there are %(forms)s.")
_MISSING = gettext_noop("--movements and --seeds are needed.")
_TO_FILE = gettext_noop("XLSX goes into a file: name it by --out.")

app = typer.Typer(
    invoke_without_command=True,
    help="Trace victims' payments through movements: who holds how much, what left or is unknown.",
)


@app.callback()
def trace_command(
    context: typer.Context,
    *,
    movements: Annotated[Path | None, typer.Option(help="CSV of all rows.")] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="CSV of the victims' payments: id[,claim].")
    ] = None,
    rule: Annotated[str, typer.Option(help="Tracing rule; all: every rule side by side.")] = "fifo",
    openings: Annotated[
        Path | None, typer.Option(help="CSV of own money before the first row.")
    ] = None,
    known: Annotated[
        Path | None, typer.Option(help="CSV of accounts whose rows are known; others end.")
    ] = None,
    groups: Annotated[
        Path | None, typer.Option(help="CSV account,group: accounts that are one.")
    ] = None,
    limits: Annotated[
        str, typer.Option(help="min_amount_fen=..,hop_window=PT24H,max_hops=..,max_transfers=..")
    ] = "",
    backward: Annotated[
        str, typer.Option(help="The reason for counting what was paid out before (fifo, lifo).")
    ] = "",
    flow_rule: Annotated[
        str, typer.Option(help="Which flow tells a valuation where claim money arrived.")
    ] = "fifo",
    budget: Annotated[str, typer.Option(help="Stop after this span of time, like PT30S.")] = "",
    shapes: Annotated[bool, typer.Option("--shapes", help="Name the shapes of the flow.")] = False,
    form: Annotated[str, typer.Option("--format", help="json, csv, xlsx or graphml.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; default: stdout.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Trace victims' payments through movements: who holds how much, what left, what is unknown."""
    if context.invoked_subcommand is not None:
        return
    if movements is None or seeds is None:
        _refuse(_MISSING)
    form = form or ("json" if as_json else "")
    _check(rule, form, out)
    inputs = {
        "movements": movements, "seeds": seeds, "openings": openings, "known": known,
        "groups": groups,
    }  # fmt: skip
    try:
        question = _question(limits, backward, flow_rule, budget)
        record, result = _answer(rule, question, inputs, shapes=shapes)
        _give(record, result.movements, form, out)
    except Refusal as fault:
        _refuse(str(fault))


@app.command("verify")
def verify_command(
    result: Annotated[Path, typer.Argument(help="A JSON result of one rule.")],
) -> None:
    """Trace a stored result again and say whether its figures hold."""
    from fanzha.tracing.replays import differences, replay, replayed_words

    try:
        stored, trace, record = replay(result)
    except Refusal as fault:
        _refuse(str(fault))
    typer.echo(replayed_words(record, trace))
    found = differences(stored, record)
    typer.echo("The result does NOT hold: " + "; ".join(found) if found else "The result holds.")
    if found:
        raise typer.Exit(1)


@app.command("explain")
def explain_command(
    result: Annotated[Path, typer.Argument(help="A JSON result of one rule.")],
    *,
    end: Annotated[int, typer.Option(help="The end to explain, numbered from 0 as in `ends`.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Tell by which rows the money of one end came."""
    from fanzha.tracing.replays import explain, replay

    try:
        found = explain(replay(result)[1], end)
    except Refusal as fault:
        _refuse(str(fault))
    typer.echo(json.dumps(found) if as_json else _explained(found))


def _check(rule: str, form: str, out: Path | None) -> None:
    from fanzha.tracing.engine import RULE_VERSIONS
    from fanzha.tracing.exports import FORMATS

    if rule not in (*RULE_VERSIONS, "all"):
        _refuse(_NO_RULE % {"rule": rule, "rules": ", ".join(RULE_VERSIONS)})
    if form and form not in FORMATS:
        _refuse(_NO_FORMAT % {"form": form, "forms": ", ".join(FORMATS)})
    if form == "xlsx" and out is None:
        _refuse(_TO_FILE)


def _question(limits: str, backward: str, flow_rule: str, budget: str) -> Question:
    from fanzha.core import clock
    from fanzha.tracing.asking import read_limits, read_span
    from fanzha.tracing.replays import Question

    until = clock.monotonic() + read_span(budget) if budget else None
    return Question(
        limits=read_limits(limits),
        backward_reason=backward.strip(),
        flow_rule=flow_rule,
        stop=None if until is None else lambda: clock.monotonic() > until,
    )


def _answer(
    rule: str, question: Question, inputs: Mapping[str, Path | None], *, shapes: bool
) -> tuple[dict[str, Any], Trace]:
    from fanzha.tracing.engine import RULE_VERSIONS, InputError
    from fanzha.tracing.files import BadFile, read_trace_files
    from fanzha.tracing.replays import ask
    from fanzha.tracing.reports import side_by_side
    from fanzha.tracing.shapes import shape_records

    given = {name: path for name, path in inputs.items() if path is not None}
    files = read_trace_files(**given)
    names = {name: str(path) for name, path in given.items()}
    rules = list(RULE_VERSIONS) if rule == "all" else [rule]
    try:
        answers = [ask(files, each, question.under(each, of=rule), names) for each in rules]
    except InputError as error:
        raise BadFile(given["movements"], str(error), field=error.field) from None
    record = side_by_side([each for _, each in answers]) if rule == "all" else answers[0][1]
    if shapes:
        record["shapes"] = shape_records(answers[0][0])
    return record, answers[0][0]


def _give(record: Mapping[str, Any], movements: Movements, form: str, out: Path | None) -> None:
    from fanzha.tracing.exports import exported

    if not form:
        _print_table(record)
        return
    raw = exported(record, form, movements)
    if out is not None:
        out.write_bytes(raw)
    else:
        sys.stdout.buffer.write(raw + b"\n")


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAULT)


def _print_table(record: Mapping[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    if record["rule"] == "all":
        console.print(_side_by_side(record["table"]))
        return
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
    for one in record["ranges"]:
        span = f"{format_yuan(one['low_fen'])} - {format_yuan(one['high_fen'])}"
        console.print(Text(f"range: {one['account']} {one['kind']} {one['claim']}: {span}"))
    for note in record["notes"][:MOST_NOTES]:
        console.print(Text(f"{note['kind']}: {note['text']}"))
    if len(record["notes"]) > MOST_NOTES:
        console.print(_MORE_NOTES % {"count": len(record["notes"]) - MOST_NOTES})
    console.print(Text(f"{record['engine']}, {record['version']}, input {record['input_sha256']}"))


def _side_by_side(rows: Sequence[Mapping[str, Any]]) -> Any:
    from rich.table import Table

    table = Table(title="held, in yuan, by every rule", title_justify="left")
    table.add_column("rule")
    for row in rows:
        table.add_column(row["claim"], justify="right")
    for rule in rows[0]["held_fen"] if rows else ():
        table.add_row(rule, *(format_yuan(row["held_fen"][rule]) for row in rows))
    for name, head in (("min_fen", "least"), ("max_fen", "most"), ("seeded_fen", "paid")):
        table.add_row(head, *(format_yuan(row[name]) for row in rows))
    return table


def _explained(found: Mapping[str, Any]) -> str:
    end = found["end"]
    lines = [f"{end['account']} {end['kind']} {format_yuan(end['fen'])} ({found['rule']})"]
    for way in found.get("ways", []):
        lines.append(f"{format_yuan(way['fen'])} of {way['claim']}:")
        lines += [_row_line(row) for row in way["rows"]]
    lines += [
        f"{_row_line(row)}; traced {format_yuan(row['traced_fen'])},"
        f" of which came here {format_yuan(row['came_here_fen'])}"
        for row in found.get("rows", [])
    ]
    return "\n".join(lines)


def _row_line(row: Mapping[str, Any]) -> str:
    ends = f"{row['from_account'] or '-'} > {row['to_account'] or '-'}"
    return f"  {row['id']}: {ends}, {format_yuan(row['amount_fen'])}"
