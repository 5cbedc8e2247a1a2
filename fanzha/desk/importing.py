"""An officer's import of a statement into a case that is open, by the screen or the command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from fanzha.audit.rules import Ground
from fanzha.cases import queries as cases
from fanzha.cases.rules import check_takes_statements
from fanzha.movements import actions

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.movements.columnar.blocks import Source
    from fanzha.movements.models import Statement
    from fanzha.movements.sheets import Table


def import_into(
    by: Officer, case: Case, content: Source, *, name: str, at: datetime, why: str,
    table: Table | None = None,
) -> Statement:  # fmt: skip
    """Import one table; raises CaseClosed or AlreadyErased, also if that happened meanwhile."""
    with transaction.atomic():
        _check(case)
        statement = actions.import_statement(
            by, content, file_name=name, case_id=case.pk, at=at, table=table,
            ground=Ground("case", case.number, why),
        )  # fmt: skip
        # A large file takes minutes; only its last moment keeps others from the case.
        _check(cases.held(case.pk))
    return statement


def _check(case: Case) -> None:
    check_takes_statements(case.number, closed_at=case.closed_at, erased_at=case.erased_at)
