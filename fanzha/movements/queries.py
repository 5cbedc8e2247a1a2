"""Reads of movements. Rows of the lake are reached through manifest rows in scope, only so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.movements import lake
from fanzha.movements.duplicates import Told
from fanzha.movements.groups import Names
from fanzha.movements.joined import CaseTransfers, Known, Transfer, Unresolved
from fanzha.movements.leg import LEG_COLUMNS, Source
from fanzha.movements.models import Statement
from fanzha.movements.row import COLUMNS
from fanzha.movements.transfers import join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

__all__ = ["CaseTransfers", "Known", "Transfer", "Unresolved"]

NAMES = ("card_key", "account_key", "holder_name")


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


def rows(statement_ids: Iterable[int], *, kept: bool = False) -> list[dict[str, Any]]:
    """All canonical rows of these statements (those in scope), each with its `statement`."""
    statements = list(Statement.objects.filter(pk__in=list(statement_ids)).order_by("id"))
    found = lake.read([each.lake_file for each in statements], COLUMNS, kept=kept)
    return [
        {
            "statement": each.public_id,
            "file_name": each.file_name,
            "file_sha256": each.file_sha256,
            "profile": each.profile,
        }
        | row
        for each in statements
        for row in found[each.lake_file]
    ]


def row(statement: Statement, row_no: int) -> dict[str, Any] | None:
    """One row with its raw cells: where every figure leads back to."""
    found = lake.read([statement.lake_file], COLUMNS, kept=False)[statement.lake_file]
    return next((each for each in found if each["row_no"] == row_no), None)


def source_of(statement: Statement) -> bytes | None:
    """The file as it came; None for a reply, whose message the gateway keeps."""
    return lake.source(statement.public_id)


def transfers_of_case(case_id: int) -> CaseTransfers:
    """All rows of the case's statements joined into transfers, in order, as a trace needs them."""
    statements = list(statements_of_case(case_id))
    found = lake.read([each.lake_file for each in statements], (*LEG_COLUMNS, *ACCOUNT_KEYS))
    return join(
        [_source(each) for each in statements],
        {each.public_id: found[each.lake_file] for each in statements},
    )


ACCOUNT_KEYS = ("card_key", "account_key")


def told_before(case_id: int) -> tuple[list[Told], set[Names]]:
    """What the case's statements told already, in the order of import, and the accounts' names."""
    statements = list(statements_of_case(case_id))
    columns = (*(name for name in Told._fields if name != "ref"), "row_no", *NAMES)
    found = lake.read([each.lake_file for each in statements], columns)
    told, names = [], set()
    for each in statements:
        names |= _numbers(each)
        for row in found[each.lake_file]:
            ref = f"{each.public_id}:{row.pop('row_no')}"
            names.add(Names(row.pop("card_key"), row.pop("account_key"), row.pop("holder_name")))
            told.append(Told(ref=ref, **row))
    return told, names


def _numbers(statement: Statement) -> set[Names]:
    return {Names(*each) for each in statement.sums.get("numbers", ())}


def _source(statement: Statement) -> Source:
    replied = statement.source.startswith("message:")
    numbers = _numbers(statement)
    # A reply that names other accounts only says nothing about the one that was asked for.
    asked = not numbers or any(statement.account in each[:2] for each in numbers)
    return Source(
        public_id=statement.public_id,
        file_sha256=statement.file_sha256,
        account=statement.account if replied and asked else "",
        institution_code=statement.institution_code,
        until=statement.until if replied else None,
        balance_fen=statement.balance_fen if replied else None,
        truncated=statement.truncated,
        numbers=tuple(sorted(numbers)),
    )
