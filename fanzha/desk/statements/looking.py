"""What a file holds, before anything of it is imported: its tables, as they would be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from fanzha.core.masking import mask_account, mask_name, mask_numbers
from fanzha.core.refusal import Refusal
from fanzha.desk.statements import words
from fanzha.desk.words import say
from fanzha.movements import queries, rules, sheets
from fanzha.movements.companions import Companion, read_table
from fanzha.movements.proposing import propose

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fanzha.movements.models import Statement
    from fanzha.movements.profile import Profile
    from fanzha.movements.reading import Reject
    from fanzha.movements.row import Row
    from fanzha.movements.rules import Reading
    from fanzha.movements.sheets import Table

FIRST_ROWS = 6
MOST_SHOWN = 20
"""Accounts and rejects that a preview names; it counts the others."""


@dataclass(frozen=True)
class Told:
    """One table: as it would be read, as it was imported, or why neither."""

    name: str
    sha256: str
    facts: dict[str, Any] = field(default_factory=dict)
    statement: Statement | None = None
    refused: str = ""
    may_be_mapped: bool = False
    place: int = 0


@dataclass(frozen=True)
class File:
    """A file: its tables, or why it could not be opened; `locked` asks for a password."""

    name: str
    tables: tuple[Told, ...] = ()
    refused: str = ""
    locked: bool = False

    @property
    def readable(self) -> int:
        """How many tables can be imported."""
        return sum(bool(each.facts) for each in self.tables)

    @property
    def imported(self) -> int:
        """How many were imported just now."""
        return sum(each.statement is not None for each in self.tables)


def opened(content: bytes, name: str, password: str, each: Callable[[Table], Told]) -> File:
    """A file with what `each` makes of its tables; a refused one leaves the others alone."""
    shown = mask_numbers(name)
    try:
        if len(content) > rules.MOST_BYTES:
            raise rules.TooLarge(file=name, most=rules.MOST_BYTES // 1024 // 1024)
        tables = sheets.tables(content, name, password=password)
    except Refusal as refusal:
        locked = isinstance(refusal, sheets.Locked | sheets.WrongPassword)
        return File(shown, refused=say(refusal), locked=locked)
    return File(
        shown, tuple(replace(each(table), place=place) for place, table in enumerate(tables))
    )


def look(table: Table, case_id: int, saved: Sequence[Profile] = ()) -> Told:
    """One table as it would stand in the case; of an unknown layout, whether it can be mapped."""
    name, sha256 = mask_numbers(table.name), hashlib.sha256(table.content).hexdigest()
    try:
        reading = read_table(table.content, table.name, saved=saved)
    except Refusal as refusal:
        unknown = isinstance(refusal, rules.NotAStatement | rules.NoRowReadable)
        return Told(
            name, sha256, refused=say(refusal),
            may_be_mapped=unknown and propose(table) is not None,
        )  # fmt: skip
    if isinstance(reading, Companion):
        return Told(name, sha256, _companion(reading))
    queries.mark_duplicates(reading, case_id)
    return Told(name, sha256, facts(reading))


def facts(reading: Reading) -> dict[str, Any]:
    """What a preview shows of a reading, masked."""
    checks = reading.account_checks()
    return {
        "profile": reading.profile,
        "read": reading.read,
        "kept": len(reading.kept),
        "duplicate": reading.duplicates,
        "rejected": len(reading.rejects),
        "skipped": reading.skipped,
        "first": reading.times[0],
        "last": reading.times[1],
        "sums": words.sums(reading.sums),
        "accounts": [words.account(each) for each in reading.accounts[:MOST_SHOWN]],
        "more_accounts": max(len(reading.accounts) - MOST_SHOWN, 0),
        "breaks": sum(each["breaks"] for each in checks),
        "findings": words.findings([each.as_json() for each in reading.findings]),
        "rows": [_row(row) for row in reading.rows[:FIRST_ROWS]],
        "rejects": _rejects(reading.rejects),
        "truncated": reading.truncated,
    }


def _companion(found: Companion) -> dict[str, Any]:
    """The like of a table beside a statement: it tells of accounts and moves no money."""
    return {
        "profile": found.profile,
        "read": found.read,
        "kept": found.kept,
        "duplicate": found.duplicates,
        "rejected": len(found.rejects),
        "skipped": found.skipped,
        "accounts": [words.account(each) for each in found.accounts[:MOST_SHOWN]],
        "more_accounts": max(len(found.accounts) - MOST_SHOWN, 0),
        "rejects": _rejects(found.rejects),
    }


def _rejects(found: Sequence[Reject]) -> list[tuple[int, str, str]]:
    return [
        (each["row"], each["field"], words.reason(each))
        for each in map(rules.reject_json, found[:MOST_SHOWN])
    ]


def _row(row: Row) -> dict[str, Any]:
    return {
        "row_no": row.row_no,
        "at": row.txn_time,
        "precision": row.time_precision,
        "direction": row.direction,
        "amount": words.amount(row.amount_fen, row.currency),
        "balance": "" if row.balance_fen is None else words.amount(row.balance_fen, row.currency),
        "own": mask_account(row.own_key),
        "other": mask_account(row.cp_key) or mask_name(row.cp_name),
        "summary": words.masked_text(row.summary or row.remark, row.holder_name, row.cp_name),
        "duplicate": bool(row.dup_of),
    }
