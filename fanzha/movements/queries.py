"""Reads of movements. Rows of the lake are reached through manifest rows in scope, only so."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q

from fanzha.core.recent import Store
from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.movements import disagreeing, keeping, lake, ordering
from fanzha.movements.arrays import transfer_table
from fanzha.movements.columnar.placed import raw_of
from fanzha.movements.decisions import IdentityDecision, PairDecision
from fanzha.movements.disagreeing import Disagreement, disagreements
from fanzha.movements.duplicates import Told, mark_across
from fanzha.movements.firm_tables import shared
from fanzha.movements.gathered import Gathered, Version, Witnessed, gathered, recent
from fanzha.movements.groups import Decided, Names, groups
from fanzha.movements.joined import CaseTransfers, Known, Transfer, Unresolved
from fanzha.movements.leg import ROW, Source, told_rows
from fanzha.movements.models import Piece, Statement
from fanzha.movements.originals import kept_with
from fanzha.movements.pairing import UNJUDGED, Judged
from fanzha.movements.row import COLUMNS, hash_of
from fanzha.movements.transfers import Joined, join_told, uncollected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa
    from django.db.models import QuerySet

    from fanzha.movements.joined import Where
    from fanzha.movements.rules import Reading

__all__ = [
    "CaseTransfers",
    "Disagreement",
    "Gathered",
    "Known",
    "Transfer",
    "Unresolved",
    "Version",
    "Witnessed",
]

NAMES = ("card_key", "account_key", "holder_name")
_disagreements = Store(most=100)
MERGE = 8
"""A history opens fewer files than this at each level; a row is written again once a level."""


class StatementNotFound(NotFound):
    """No such statement, or none that the officer may see."""

    message = gettext_noop("There is no statement %(statement)s that you may see.")


def statements_of_case(case_id: int) -> QuerySet[Statement]:
    """The statements of a case in the order in which they were imported."""
    return Statement.objects.filter(case_id=case_id).order_by("id")


def by_public_id(public_id: str) -> Statement:
    """The statement; raises StatementNotFound."""
    found = Statement.objects.filter(public_id=public_id).first()
    if found is None:
        raise StatementNotFound(statement=public_id)
    return found


def of_id(statement_id: int) -> Statement:
    """The statement that an announcement names."""
    return Statement.objects.get(pk=statement_id)


def rows(statement_ids: Iterable[int], *, kept: bool = False) -> list[dict[str, Any]]:
    """All canonical rows of these statements (those in scope), each with its `statement`.

    `raw` may have been left where it stands: `row` fetches it.
    """
    statements = list(Statement.objects.filter(pk__in=list(statement_ids)).order_by("id"))
    found = _rows(statements, COLUMNS, kept=kept)
    return [
        {
            "statement": each.public_id,
            "file_name": each.file_name,
            "file_sha256": each.file_sha256,
            "profile": each.profile,
        }
        | row
        for each in statements
        for row in found[each.public_id]
    ]


def row(statement: Statement, row_no: int) -> dict[str, Any] | None:
    """One row with its raw cells and their hash: where every figure leads back to."""
    found: dict[str, Any]
    for found in lake.row(_files([statement]), row_no).to_pylist():
        raw = found["raw"]
        if found["raw_at"]:
            raw = raw or raw_of(_kept(statement), found["raw_at"], found["raw_names"], row_no)
        return found | {"raw": raw, "row_sha256": hash_of(raw, found["row_sha256"])}
    return None


def columns_of(
    statements: Iterable[Statement], columns: Sequence[str], *, kept: bool = True
) -> pa.Table:
    """Columns of the rows of these statements, with `statement` (public id), `row_no`, `txn_time`.

    By statement, then row; `kept` leaves out rows that another row tells already.
    """
    return lake.read(_files(statements), columns, kept=kept)


def history(
    account: str | Collection[str],
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    columns: Sequence[str] = COLUMNS,
) -> pa.Table:
    """The rows of an account (its own_key, or several numbers of it) in whatever is in scope.

    `since` <= time < `until`; by time, with `statement` (public id) and `row_no`. Reads only the
    files and the parts of files in which the account can stand.
    """
    keys = {account} if isinstance(account, str) else set(account)
    held = Q(pk__in=())
    for bucket in {ordering.bucket_of(key) for key in keys}:
        # Two conditions for two partial indexes: files of few accounts are found exactly.
        held |= Q(low=F("high")) & Q(low=bucket)
        held |= Q(low__lt=F("high"), low__lte=bucket, high__gte=bucket)
    pieces = Piece.objects.filter(held)
    if since:
        pieces = pieces.filter(last__gte=since)
    if until:
        pieces = pieces.filter(first__lt=until)
    return lake.history(_wanted(pieces), keys, columns, since=since, until=until)


def _files(statements: Iterable[Statement]) -> lake.Wanted:
    return _wanted(Piece.objects.filter(statement__in=list(statements)))


def _wanted(pieces: QuerySet[Piece]) -> lake.Wanted:
    """Which statements' rows to read from which files, by what the scope shows."""
    # Two reads: joined under two policies the database starts from all statements.
    listed = list(pieces.values_list("name", "statement_id").distinct())
    seen = Statement.objects.filter(pk__in={statement for _, statement in listed})
    public_ids = dict(seen.values_list("pk", "public_id"))
    wanted: dict[str, set[str]] = defaultdict(set)
    for name, statement in listed:
        if statement in public_ids:
            wanted[name].add(public_ids[statement])
    return wanted


def _rows(
    statements: Sequence[Statement], columns: Sequence[str], *, kept: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Rows by the public id of their statement."""
    found: dict[str, list[dict[str, Any]]] = {each.public_id: [] for each in statements}
    for row in columns_of(statements, columns, kept=kept).to_pylist():
        found[row.pop(ordering.STATEMENT)].append(row)
    return found


LEAVING = (
    "row_no", "txn_time", "time_precision", "amount_fen", "balance_fen", "direction", "success",
    "own_key", "card_key", "account_key",
)  # fmt: skip


def outgoing(statement: Statement) -> list[dict[str, Any]]:
    """Rows by which money left, each told once: time, amount, balance after it, account numbers."""
    found = _rows([statement], LEAVING)[statement.public_id]
    return [row for row in found if row["direction"] == "out" and row["success"] != "failed"]


def source_of(statement: Statement) -> bytes | None:
    """The file as it came; None for a reply, whose message the gateway keeps."""
    path = _kept(statement)
    return path.read_bytes() if path.exists() else None


def _kept(statement: Statement) -> Path:
    return lake.source_path(lake.source_name(statement.case_id, kept_with(statement)))


def cut_off(message_ids: Iterable[int]) -> bool:
    """Whether one of the statements that came by these messages ended before it was complete."""
    sources = [f"message:{each}" for each in message_ids]
    return Statement.objects.filter(source__in=sources, truncated=True).exists()


def transfers_of_case(case_id: int) -> CaseTransfers:
    """All rows of the case's statements joined into transfers, in order, as a trace needs them."""
    return joined_case(case_id).case


def transfer_columns(case_id: int) -> pa.Table:
    """The transfers of a case as columns (arrays.transfer_table): what tracing's stores read."""
    return transfer_table(transfers_of_case(case_id).transfers)


def joined_case(case_id: int) -> Joined:
    """The transfers of a case, and how their rows were paired."""
    statements, version = _version(case_id)
    return _join(statements, version)


def gathered_of_case(case_id: int) -> Gathered:
    """The transfers of a case as a table, kept in this process; it must not be changed."""
    statements, version = _version(case_id)
    return recent.made(
        version,
        lambda: (
            keeping.kept(case_id, version) or gathered(version, _join(statements, version).case)
        ),
    )


def disagreements_of(version: Version) -> tuple[Disagreement, ...]:
    """Where statements of one account disagree about a time that both cover."""
    return _disagreements.made(version.sources, lambda: _disagreeing(version.sources))


def _disagreeing(sources: Sequence[Source]) -> tuple[Disagreement, ...]:
    import pyarrow.compute as pc

    layouts = {each.public_id: each.profile for each in sources}
    if len(layouts) < 2:  # noqa: PLR2004 - it takes two to disagree
        return ()
    statements = Statement.objects.filter(public_id__in=layouts)
    table = columns_of(statements, disagreeing.COLUMNS, kept=False)
    pairs = table.group_by(["own_key", ordering.STATEMENT]).aggregate([])
    told = pc.value_counts(pairs["own_key"])
    several = told.filter(pc.greater(told.field("counts"), 1)).field("values")
    return disagreements(table.filter(pc.is_in(table["own_key"], several)).to_pylist(), layouts)


def version_of_case(case_id: int) -> Version:
    """What the transfers of a case are made of."""
    return _version(case_id)[1]


def _version(case_id: int) -> tuple[list[Statement], Version]:
    statements = list(statements_of_case(case_id))
    sources = tuple(_source(each) for each in statements)
    return statements, Version(sources, _judged(case_id, statements), decided(case_id))


def _join(statements: Sequence[Statement], version: Version) -> Joined:
    with uncollected():
        return join_told(version.sources, told_rows(columns_of(statements, ROW)), *version[1:])


def decided(case_id: int) -> Decided:
    """The numbers of the case that persons decided to be, and not to be, one account."""
    found = IdentityDecision.objects.filter(case_id=case_id, undone_at=None)
    pairs = list(found.values_list("one", "other", "same"))
    return Decided(
        frozenset((one, other) for one, other, same in pairs if same),
        frozenset((one, other) for one, other, same in pairs if not same),
    )


def _judged(case_id: int, statements: Sequence[Statement]) -> Judged:
    """The rows that persons decided to be, and not to be, one transfer.

    A row that another tells too by now stands for that one.
    """
    found = list(PairDecision.objects.filter(case_id=case_id, undone_at=None))
    if not found:
        return UNJUDGED
    of_bytes = {each.file_sha256: each for each in statements}
    named = {sha for each in found for sha in (each.out_sha256, each.in_sha256)}
    again: dict[Where, Where] = {}
    table = columns_of([of_bytes[sha] for sha in named if sha in of_bytes], ("dup_of",), kept=False)
    for name, number, told in zip(
        *(table.column(each).to_pylist() for each in (ordering.STATEMENT, "row_no", "dup_of")),
        strict=True,
    ):
        if told:
            statement, _, row_no = told.rpartition(":")
            again[name, number] = (statement or name, int(row_no))

    def where(sha256: str, row_no: int) -> Where:
        statement = of_bytes.get(sha256)
        here = (statement.public_id if statement else "", row_no)
        return again.get(here, here)

    pairs = [(where(d.out_sha256, d.out_row), where(d.in_sha256, d.in_row), d.same) for d in found]
    return Judged(
        frozenset((out, into) for out, into, same in pairs if same),
        frozenset((out, into) for out, into, same in pairs if not same),
    )


def names_of(statements: Sequence[Statement]) -> set[Names]:
    """The numbers and holders that the rows of these statements give to accounts."""
    table = columns_of(statements, NAMES).group_by(list(NAMES)).aggregate([])
    return {Names(*(row[name] for name in NAMES)) for row in table.to_pylist()}


def merges_due(case_id: int | None = None) -> list[tuple[int, int]]:
    """Cases and levels with MERGE files or more of an import, or as many runs of merges."""
    pieces = Piece.objects.all() if case_id is None else Piece.objects.filter(case_id=case_id)
    levels = pieces.values("case_id", "level").annotate(
        files=Count("name", distinct=True), runs=Count("run", distinct=True)
    )
    many = Q(level=0, files__gte=MERGE) | Q(level__gt=0, runs__gte=MERGE)
    return list(levels.filter(many).order_by("level", "case_id").values_list("case_id", "level"))


def told_before(case_id: int, layout: str) -> tuple[list[Told], set[Names]]:
    """What the case's statements told already, in the order of import, and the accounts' names.

    Not the rows of tables that with this `layout` are views of one firm's money: those are told
    again, and all stay, since it is one of the tables as a whole that counts (firm_tables.once).
    """
    statements = list(statements_of_case(case_id))
    columns = (*(name for name in Told._fields if name != "ref"), "row_no", *NAMES)
    found = _rows(statements, columns)
    told, names = [], set()
    for each in statements:
        names |= numbers(each)
        beside = bool(shared({layout, each.layout}))
        for row in found[each.public_id]:
            ref = f"{each.public_id}:{row.pop('row_no')}"
            names.add(Names(row.pop("card_key"), row.pop("account_key"), row.pop("holder_name")))
            if not beside:
                told.append(Told(ref=ref, **row))
    return told, names


def mark_duplicates(reading: Reading, case_id: int) -> None:
    """Mark the rows that the case's statements told already."""
    earlier, names = told_before(case_id, reading.profile.partition("@")[0])
    if not earlier:
        return
    names |= {Names(row.card_key, row.account_key, row.holder_name) for row in reading.rows}
    group, _ = groups(names)
    mark_across(reading.rows, earlier, group)


def numbers(statement: Statement) -> set[Names]:
    """The numbers that a reply as a whole gives to accounts."""
    return {Names(*each) for each in statement.sums.get("numbers", ())}


def _source(statement: Statement) -> Source:
    replied = statement.source.startswith("message:")
    told = numbers(statement)
    # A reply that names other accounts only says nothing about the one that was asked for.
    asked = not told or any(statement.account in each[:2] for each in told)
    return Source(
        public_id=statement.public_id,
        file_sha256=statement.file_sha256,
        profile=statement.layout,
        account=statement.account if replied and asked else "",
        institution_code=statement.institution_code,
        until=statement.until if replied else None,
        balance_fen=statement.balance_fen if replied else None,
        truncated=statement.truncated,
        numbers=tuple(sorted(told)),
    )
