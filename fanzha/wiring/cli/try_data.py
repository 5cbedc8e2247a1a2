"""`fanzha try-data`: trace somebody else's laundering schemes, and say how much comes back."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated

import typer

from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.amlworld import Schemes, Score

FAULT = 2
NOT_THERE = gettext_noop("%(folder)s: no such folder or file.")
NO_FILE = gettext_noop(
    "%(folder)s: no file in the AMLworld format: a CSV with the columns timestamp, from_bank,"
    " from_account, to_bank, to_account, amount_paid, payment_currency, amount_received,"
    " receiving_currency and is_laundering, or a text of BEGIN LAUNDERING ATTEMPT blocks."
)
NO_SCHEME = gettext_noop(
    "%(folder)s: no row belongs to a pattern or is marked as laundering; add a patterns file."
)
MEANING = gettext_noop(
    "Seeds: every row of a scheme whose payer received nothing earlier in the scheme. Traced: rows"
    " and money that carry traced money under fifo. Maximum: rows, with their whole amounts, that"
    " the seeds reach in order of time inside one currency. Money: every scheme and currency"
    " counts once; --by-currency has the sums."
)


def try_data_command(
    folder: Annotated[Path, typer.Argument(help="Folder (or file) in the AMLworld format.")],
    *,
    by_currency: Annotated[
        bool, typer.Option("--by-currency", help="One line per shape and currency.")
    ] = False,
) -> None:
    """Trace the schemes of AMLworld-format files; print per shape what the trace recovers."""
    from fanzha.tracing.amlworld import is_amlworld, read
    from fanzha.tracing.files import BadFile

    if not folder.exists():
        _refuse(NOT_THERE % {"folder": folder})
    inside = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    likely = [path for path in inside if path.suffix.lower() in {".csv", ".txt"}]
    paths = [path for path in likely if path.is_file() and is_amlworld(path)]
    if not paths:
        _refuse(NO_FILE % {"folder": folder})
    try:
        files = [read(path) for path in paths]
    except BadFile as fault:
        _refuse(str(fault))
    for found in files:
        _print_file(found)
    if not any(found.schemes for found in files):
        _refuse(NO_SCHEME % {"folder": folder})
    _print_scores(files, by_currency=by_currency)


def _refuse(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(FAULT)


def _print_file(found: Schemes) -> None:
    rows = sum(map(len, found.schemes.values()))
    typer.echo(
        f"{found.path.name}: {found.rows:,} rows, {len(found.schemes):,} schemes of {rows:,} rows,"
        f" {len(found.background):,} background rows beside them"
    )


def _print_scores(files: list[Schemes], *, by_currency: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    heads = ("shape", "currency") if by_currency else ("shape",)
    table = Table(title="fifo", title_justify="left")
    for head in heads:
        table.add_column(head, no_wrap=True)
    for head in ("schemes", "networks", "rows", "seeds"):
        table.add_column(head, justify="right")
    for head in ("rows traced", "maximum", "money traced", "maximum"):
        table.add_column(head, justify="right")
    for key, line in sorted(_lines(files, by_currency=by_currency).items()):
        table.add_row(*map(Text, key), *line)
    console = Console(width=None if Console().is_terminal else 120)
    console.print(table)
    console.print(Text(MEANING))


def _lines(files: list[Schemes], *, by_currency: bool) -> Mapping[tuple[str, ...], list[str]]:
    """Make the table's lines from the scores, per shape or per shape and currency."""
    from fanzha.tracing.amlworld import score_networks

    groups: dict[tuple[str, ...], list[Score]] = {}
    for found in files:
        for (shape, currency), one in score_networks(found):
            key = (shape, currency) if by_currency else (shape,)
            groups.setdefault(key, []).append(one)
    return {key: _line(scores, summed=by_currency) for key, scores in groups.items()}


def _line(scores: list[Score], *, summed: bool) -> list[str]:
    rows = sum(one.rows for one in scores)
    counts = (
        len({one.scheme for one in scores}),
        len(scores),
        rows,
        sum(one.seeds for one in scores),
    )
    if summed:
        money = sum(one.money for one in scores)
        traced = _share(sum(one.traced_money for one in scores), money)
        reached = _share(sum(one.reached_money for one in scores), money)
    else:
        traced = sum(_share(one.traced_money, one.money) for one in scores) / len(scores)
        reached = sum(_share(one.reached_money, one.money) for one in scores) / len(scores)
    shares = (
        _share(sum(one.traced_rows for one in scores), rows),
        _share(sum(one.reached_rows for one in scores), rows),
        traced,
        reached,
    )
    return [f"{count:,}" for count in counts] + [f"{share:.1%}" for share in shares]


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
