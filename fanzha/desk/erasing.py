"""Erasing a case (删除): every row and file of it in every package, nothing that others need.

A table belongs to a case if its rows are scoped and carry its id, so a table made tomorrow is
erased too. The number of the case, its officers and the audit log stay: they name no person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection

from fanzha.cases import rules
from fanzha.cases.models import Case
from fanzha.cases.rules import State
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.entities import queries as entities
from fanzha.identity.acting import action, record
from fanzha.instructions import queries as instructions
from fanzha.instructions.rules import OPEN_STATES, RELEASABLE
from fanzha.movements.erasing import erase_files

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer

STAY = frozenset({"audit_entry", "cases_member"})


class StillInForce(Refusal):
    """Money is held, or may be soon, on an instruction of the case."""

    message = gettext_noop("Case %(case)s has instruction %(instruction)s in force; end it first.")


@action("case.erase")
def erase_case(by: Officer, case: Case, *, at: datetime, ground: Ground) -> dict[str, int]:
    """Erase what is known about the people of a closed case; how many rows of which table."""
    rules.check_erasure(
        case.number, closed=case.state == State.CLOSED, keep_until=case.keep_until,
        keep_rule=case.keep_rule, erased_at=case.erased_at, at=at,
    )  # fmt: skip
    alive = instructions.of_case(case.pk).filter(state__in=OPEN_STATES | RELEASABLE).first()
    if alive:
        raise StillInForce(case=case.number, instruction=alive.public_id)
    blank = {"victim_name": "", "search_text": "", "erased_at": at}
    if not Case.objects.filter(pk=case.pk, erased_at=None).update(**blank):
        raise rules.AlreadyErased(case=case.number, on=at.date().isoformat())
    case.refresh_from_db()
    erase_files(case.pk)
    mentioned = list(entities.mentions_in_case(case.pk).values_list("entity_id", flat=True))
    erased = {table: _erase(table, case.pk) for table in tables_of_a_case()}
    erased["entities_entity"] = _forget(mentioned)
    record("case", case.number, case_id=case.pk, erased=erased)
    return erased


def tables_of_a_case() -> list[str]:
    """The tables whose rows go with their case."""
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if getattr(model, "scoped", False)
        and any(field.column == "case_id" for field in model._meta.concrete_fields)
        and model._meta.db_table not in STAY
    )


def _erase(table: str, case_id: int) -> int:
    # Rows point at each other across tables; PostgreSQL checks that when the transaction ends.
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE case_id = %s', [case_id])
        return int(cursor.rowcount)


def _forget(entities: list[int]) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT entities_forget(%s::bigint[])", [entities])
        return int(cursor.fetchone()[0])
