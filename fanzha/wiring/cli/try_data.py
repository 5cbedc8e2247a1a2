"""`fanzha try-data`: trace somebody else's laundering schemes, and say how much comes back."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - Typer reads the annotations when it runs
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from fanzha.tracing.amlworld import Schemes, Score
    from fanzha.tracing.shapes_measured import Verdict

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
SHAPES_MEANING = gettext_noop(
    "Shapes: a scheme is traced as one network, its first-hop rows as payments, with the background"
    " beside it, all currencies at the rates of tracing/data/rates.yaml. A hit: the largest shape"
    " found bears the scheme's label; for a label that is no shape, none was found. Precision: hits"
    " among the schemes given that name. Recall: hits among the schemes with that label; fair"
    " recall leaves out those with too few rows to show it. Two schemes of one form can bear"
    " two labels: out and back again in two rows is always a cycle here."
)
NO_RULE = gettext_noop("%(text)r is none of %(kinds)s")
NO_PART = gettext_noop("%(text)r is no part: 0/2 is the first of two, 1/2 the second.")


def try_data_command(
    folder: Annotated[Path, typer.Argument(help="Folder (or file) in the AMLworld format.")],
    *,
    by_currency: Annotated[
        bool, typer.Option("--by-currency", help="One line per shape and currency.")
    ] = False,
    part: Annotated[
        str, typer.Option(help="Shapes of schemes in part k of n, drawn by their ids: 0/2, 1/2.")
    ] = "0/1",
    rule: Annotated[str, typer.Option(help="Flow rule under which shapes are named.")] = "fifo",
) -> None:
    """Trace the schemes of AMLworld-format files; print what comes back, and how they are named."""
    from fanzha.tracing.amlworld import is_amlworld, read
    from fanzha.tracing.engine.model import FLOW_RULES
    from fanzha.tracing.files import BadFile

    parts = _part(part)
    if rule not in FLOW_RULES:
        _refuse(NO_RULE % {"text": rule, "kinds": ", ".join(FLOW_RULES)})
    if not folder.exists():
        _refuse(NOT_THERE % {"folder": folder})
    inside = [folder] if folder.is_file() else sorted(folder.rglob("*"))
    likely = [path for path in inside if path.suffix.lower() in {".csv", ".txt"}]
    paths = [path for path in likely if path.is_file() and is_amlworld(path)]
    if not paths:
        _refuse(NO_FILE % {"folder": folder})
    try:
        files = read(paths)
    except BadFile as fault:
        _refuse(str(fault))
    for found in files:
        _print_file(found)
    if not any(found.schemes for found in files):
        _refuse(NO_SCHEME % {"folder": folder})
    _print_scores(files, by_currency=by_currency)
    _print_shapes(files, parts, rule)


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and int(part) < int(parts)):
        _refuse(NO_PART % {"text": text})
    return int(part), int(parts)


def _refuse(sentence: str) -> NoReturn:
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


def _print_shapes(files: list[Schemes], part: tuple[int, int], rule: str) -> None:
    from rich.console import Console
    from rich.text import Text

    from fanzha.tracing.shapes_measured import NONE, verdicts

    found = [verdict for file in files for verdict in verdicts(file, part, rule)]
    if not found:
        return
    named = sum(verdict.named != NONE for verdict in found)
    console = Console(width=None if Console().is_terminal else 120)
    console.print(
        f"shapes under {rule}, part {part[0]}/{part[1]}: {len(found):,} labelled schemes,"
        f" {named:,} named, {sum(verdict.right for verdict in found):,} hits"
    )
    _print_confusion(console, found)
    _print_qualities(console, found)
    console.print(Text(SHAPES_MEANING))


def _print_confusion(console: Console, found: Sequence[Verdict]) -> None:
    from rich.table import Table

    from fanzha.tracing.shapes import Kind
    from fanzha.tracing.shapes_measured import NONE, confusion

    names = [*sorted(Kind), NONE]
    table = Table(title="label (down), name given (across)", title_justify="left")
    table.add_column("label", no_wrap=True)
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for label, counts in confusion(found).items():
        table.add_row(_label(label), *(f"{counts[name] or '.'}" for name in names))
    console.print(table)


def _print_qualities(console: Console, found: Sequence[Verdict]) -> None:
    from rich.table import Table

    from fanzha.tracing.shapes_measured import qualities

    table = Table(title="precision and recall", title_justify="left")
    table.add_column("label", no_wrap=True)
    for head in ("schemes", "too small", "named so", "hits", "precision", "recall", "fair recall"):
        table.add_column(head, justify="right")
    for line in qualities(found):
        counts = (line.schemes, line.schemes - line.fair, line.named, line.right)
        shares = (line.precision, line.recall, line.fair_recall)
        cells = [f"{count:,}" for count in counts]
        cells += ["-" if share is None else f"{share:.1%}" for share in shares]
        table.add_row(_label(line.label), *cells)
    console.print(table)


def _label(label: str) -> str:
    """The label as the files write it."""
    return label.upper().replace("_", "-")
