"""Writes of movements: importing a statement, sweeping what an interrupted import left behind."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fanzha.core import clock
from fanzha.core.ids import new_public_id
from fanzha.identity.acting import action, record
from fanzha.movements import companions, duplicates, lake, merging, originals, queries, rules
from fanzha.movements.columnar import is_large
from fanzha.movements.columnar.across import Across, names_of
from fanzha.movements.columnar.blocks import guess_of, sha256_of
from fanzha.movements.columnar.stream import Stream
from fanzha.movements.columnar.whole import read_columns
from fanzha.movements.digest import digest_of
from fanzha.movements.events import StatementImported
from fanzha.movements.groups import Names, groups
from fanzha.movements.learning import saved_profiles
from fanzha.movements.locking import CASE, FILES, lock
from fanzha.movements.models import Piece, Statement
from fanzha.movements.reply import numbers_of, read_reply, stated_balance
from fanzha.outbox.announce import announce
from fanzha.scope.current import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from fanzha.audit.rules import Ground
    from fanzha.channels.bank_gateway.replies import StatementReply
    from fanzha.identity.acting import Actor, System
    from fanzha.movements.columnar.blocks import Source
    from fanzha.movements.rules import Reading
    from fanzha.movements.sheets import Table


@action("statement.import", system=True)
def import_statement(
    by: Actor,
    content: Source,
    *,
    file_name: str,
    case_id: int,
    at: datetime,
    ground: Ground,
    table: Table | None = None,
) -> Statement:
    """Import one table of a known layout into a case; the same bytes are refused.

    A table beside a statement (companions) brings facts about accounts and no rows. A large text,
    best given as its path, is read in columns. `table` tells of the workbook or archive that
    `content` stands in, which is kept as it came.
    """
    _refuse_repeated(case_id, sha256_of(content), file_name)
    whole = bool(table and table.whole)
    statement = _imported(content, file_name, case_id, at, whole=whole)
    if table and whole:
        originals.keep(statement, table)
    return statement


def _imported(
    content: Source, file_name: str, case_id: int, at: datetime, *, whole: bool
) -> Statement:
    if is_large(content) and (
        statement := _in_columns(content, file_name, case_id, at, whole=whole)
    ):
        return statement
    content = content.read_bytes() if isinstance(content, Path) else content
    reading = companions.read_table(content, file_name, saved=saved_profiles())
    if isinstance(reading, companions.Companion):
        return _store_companion(reading, case_id, at, content)
    return _store(
        reading, case_id, at, account=_fits(reading.accounts), source="file", content=content
    )


@action("statement.import", system=True)
def import_reply(
    by: Actor,
    reply: StatementReply,
    raw: bytes,
    *,
    message_id: int,
    account: str,
    institution_code: str,
    case_id: int,
    at: datetime,
    ground: Ground,
    until: datetime | None = None,
) -> Statement:
    """Import the rows of a 100302; `until` is up to when the bank answered (default: `at`).

    A reply that was cut off answers only up to its last row.
    """
    reading = read_reply(reply, raw, message_id=message_id, account=account)
    _refuse_repeated(case_id, reading.file_sha256, reading.file_name)
    return _store(
        reading,
        case_id,
        at,
        account=account,
        source=f"message:{message_id}",
        institution_code=institution_code,
        until=reading.times[1] if reading.truncated else until or at,
        numbers=numbers_of(reply, account),
        stated=stated_balance(reply, account),
    )


@action("statement.import", system=True)
def remove_orphans(by: System, names: Sequence[str], *, at: datetime, ground: Ground) -> None:
    """Remove files of the lake that no manifest row names (sweeps.py finds them)."""
    for name in names:
        lake.remove(name)
    record("lake", "orphans", files=list(names))


@action("statement.import", system=True)
def merge_files(by: System, case_id: int, level: int, *, at: datetime, ground: Ground) -> bool:
    """Put few large files in the place of a case's many; False where another merge was first.

    Readers see before or after; the files that were are swept an hour later.
    """
    lock(FILES, case_id)
    due = (case_id, level) in queries.merges_due(case_id)
    pieces = Piece.objects.filter(case_id=case_id, level=level)
    listed = list(pieces.values_list("name", "rows")) if due else []
    names, rows = sorted({name for name, _ in listed}), sum(count for _, count in listed)
    if due:
        run = new_public_id("M", settings.ORGANISATION)
        stored = merging.merge(case_id, run, names)
        assert sum(each.rows for each in stored) == rows, "a merge keeps every row"
        statements = {each.public_id: each for each in queries.statements_of_case(case_id)}
        lake.retire(names)
        pieces.filter(name__in=names).delete()
        _list(statements, stored, run=run, level=level + 1)
    record("lake", "merge", case_id=case_id, files=len(names), rows=rows)
    return due


def _refuse_repeated(case_id: int, sha256: str, file_name: str) -> None:
    lock(CASE, case_id)
    first = Statement.objects.filter(case_id=case_id, file_sha256=sha256).first()
    if first:
        raise rules.AlreadyImported(
            file=file_name,
            statement=first.public_id,
            first_file=first.file_name,
            at=clock.local(first.imported_at).isoformat(sep=" ", timespec="minutes"),
        )


def _in_columns(
    content: Source, file_name: str, case_id: int, at: datetime, *, whole: bool
) -> Statement | None:
    """Import a delimited text of any size; None: it is for the row-by-row reader.

    `whole`: not these bytes are kept but the file they were in, so that rows carry their cells.
    """
    scope = current()
    assert scope is not None, "actions run in a scope"

    def store(tables: Iterator[pa.Table]) -> tuple[str, list[lake.Stored]]:
        public_id = new_public_id("S", settings.ORGANISATION)
        return public_id, lake.write(case_id, public_id, tables)

    def across(tables: Iterator[pa.Table]) -> Callable[[pa.Table], pa.Table]:
        group, _ = groups(names | names_of(tables))
        return Across(duplicates.Earlier(earlier, group)).mark

    saved = saved_profiles()
    encoding = guess_of(content)
    if not encoding:
        return None
    try:
        layout = Stream(content, encoding, file_name, str, saved=saved).reader.profile.name
        earlier, names = queries.told_before(case_id, layout)
        read = read_columns(
            content,
            file_name,
            store,
            saved=saved,
            raw=whole,
            across=across if earlier else None,
        )
    except rules.NotAStatement:  # it may still be a companion of one
        return None
    if read is None:
        return None
    told, (public_id, stored) = read
    lake.keep_source(case_id, public_id, content)
    first, last = told.times
    statement = Statement.objects.create(
        **told.manifest(), public_id=public_id, case_id=case_id, account=_fits(told.accounts),
        source="file", imported_at=at, first=first, last=last, until=last,
        balance_fen=_closing(told.checks), unit_path=scope.path,
    )  # fmt: skip
    _enter(statement, stored)
    return statement


def _enter(statement: Statement, stored: Sequence[lake.Stored]) -> None:
    """Put a new statement's files into the manifest, into the audit, and tell of it."""
    _list({statement.public_id: statement}, stored, run=statement.public_id)
    record(
        "statement", statement.public_id, case_id=statement.case_id, sha256=statement.file_sha256,
        read=statement.rows_read, kept=statement.rows_kept, duplicate=statement.rows_duplicate,
        rejected=statement.rows_rejected,
    )  # fmt: skip
    announce(StatementImported(statement.pk, statement.case_id))


def _store(
    reading: Reading,
    case_id: int,
    at: datetime,
    *,
    account: str,
    source: str,
    institution_code: str = "",
    until: datetime | None = None,
    numbers: tuple[Names, ...] = (),
    stated: int | None = None,
    content: bytes | None = None,
) -> Statement:
    """Mark duplicates, put the rows into the lake, then the manifest row that makes them count."""
    scope = current()
    assert scope is not None, "actions run in a scope"
    queries.mark_duplicates(reading, case_id)
    public_id = new_public_id("S", settings.ORGANISATION)
    if content is not None:
        lake.keep_source(case_id, public_id, content)
    first, last = reading.times
    checks = reading.account_checks()
    table = lake.table_of(reading.rows)
    statement = Statement.objects.create(
        **_manifest(reading, checks, numbers, digest_of(table)),
        public_id=public_id,
        case_id=case_id,
        account=account,
        institution_code=institution_code,
        source=source,
        imported_at=at,
        first=first,
        last=last,
        until=until or last,
        balance_fen=stated if stated is not None else _closing(checks),
        unit_path=scope.path,
    )
    _enter(statement, lake.write(case_id, public_id, table))
    return statement


def _store_companion(
    companion: companions.Companion, case_id: int, at: datetime, content: bytes
) -> Statement:
    scope = current()
    assert scope is not None, "actions run in a scope"
    public_id = new_public_id("S", settings.ORGANISATION)
    lake.keep_source(case_id, public_id, content)
    statement = Statement.objects.create(
        file_name=companion.file_name.replace("\0", "")[:200],
        file_sha256=companion.file_sha256,
        profile=companion.profile,
        rows_read=companion.read,
        rows_kept=companion.kept,
        rows_duplicate=companion.duplicates,
        rows_rejected=len(companion.rejects),
        rows_skipped=companion.skipped,
        sums=companion.as_json(),
        rejects=[rules.reject_json(each) for each in companion.rejects],
        findings=[],
        public_id=public_id,
        case_id=case_id,
        account=_fits(companion.accounts),
        source="companion",
        imported_at=at,
        unit_path=scope.path,
    )
    record(
        "statement", public_id, case_id=case_id, sha256=companion.file_sha256,
        read=companion.read, kept=companion.kept, duplicate=companion.duplicates,
        rejected=len(companion.rejects),
    )  # fmt: skip
    announce(StatementImported(statement.pk, case_id))
    return statement


def _list(
    statements: Mapping[str, Statement], stored: Sequence[lake.Stored], *, run: str, level: int = 0
) -> None:
    """Put files into the manifest: from now on their rows count."""
    Piece.objects.bulk_create(
        Piece(
            case_id=statements[each.statement].case_id, statement=statements[each.statement],
            name=each.name, run=run, level=level, low=each.low, high=each.high, rows=each.rows,
            first=each.first, last=each.last, unit_path=statements[each.statement].unit_path,
        )
        for each in stored
    )  # fmt: skip


def _manifest(
    reading: Reading, checks: Sequence[dict[str, Any]], numbers: Sequence[Names], rows_sha256: str
) -> dict[str, Any]:
    """What the reading alone tells of the manifest row."""
    return {
        "file_name": reading.file_name.replace("\0", "")[:200],
        "file_sha256": reading.file_sha256,
        "profile": reading.profile,
        "rows_read": reading.read,
        "rows_kept": len(reading.kept),
        "rows_duplicate": reading.duplicates,
        "rows_rejected": len(reading.rejects),
        "rows_skipped": reading.skipped,
        "sums": reading.sums
        | {
            "accounts": checks,
            "numbers": [list(each) for each in numbers],
            "rows_sha256": rows_sha256,
        },
        "rejects": [rules.reject_json(each) for each in reading.rejects],
        "findings": [each.as_json() for each in reading.findings],
        "truncated": reading.truncated,
    }


def _fits(accounts: Sequence[str]) -> str:
    return accounts[0][:60] if accounts else ""


def _closing(checks: Sequence[dict[str, Any]]) -> int | None:
    """The last balance, where the statement is about one account in the home currency."""
    return checks[0]["closing_fen"] if len(checks) == 1 and checks[0]["currency"] == "CNY" else None
