"""Erasing a case (删除): every row and file of it in every package, nothing that others need.

A table belongs to a case if its rows are scoped and carry its id, so a table made tomorrow is
erased too. The number of the case, its officers and the audit log stay: they name no person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.db import connection
from django.db.models import Sum
from django.utils.translation import gettext

from fanzha.audit.models import Entry
from fanzha.cases import rules
from fanzha.cases.models import Case
from fanzha.cases.rules import State
from fanzha.channels.bank_gateway.erasing import forget_messages
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.entities import queries as entities
from fanzha.identity.acting import action, record
from fanzha.instructions import queries as instructions
from fanzha.instructions.rules import OPEN_STATES, RELEASABLE
from fanzha.movements.erasing import erase_files
from fanzha.movements.queries import statements_of_case

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer

STAY = frozenset({"audit_entry", "cases_member"})
ROWS = "movements_row"
"""Rows of statements; they stand in files, not in a table."""
WHAT = {
    "intake_report": gettext_noop("Reports"),
    "intake_payment": gettext_noop("Payments told of"),
    "intake_paymentsource": gettext_noop("Places where a payment was told"),
    "instructions_package": gettext_noop("Packages of instructions"),
    "instructions_instruction": gettext_noop("Instructions"),
    "instructions_change": gettext_noop("Steps of instructions"),
    "instructions_escape": gettext_noop("Findings of money that left in spite of a hold"),
    "instructions_batch": gettext_noop("News of watched accounts"),
    "instructions_lead": gettext_noop("Reports by banks"),
    "instructions_oral": gettext_noop("Approvals by word of mouth"),
    "instructions_review": gettext_noop("Reviews of emergency stops"),
    "instructions_settlement": gettext_noop("Answers settled by telephone"),
    "duties_clock": gettext_noop("Clocks"),
    "duties_order": gettext_noop("Orders to units"),
    "duties_orderstep": gettext_noop("Steps of orders"),
    "bank_gateway_message": gettext_noop("Messages to and from banks"),
    "movements_statement": gettext_noop("Statements"),
    ROWS: gettext_noop("Rows of statements"),
    "movements_piece": gettext_noop("Files of the lake"),
    "movements_pairdecision": gettext_noop("Judgements of pairs"),
    "movements_identitydecision": gettext_noop("Judgements of account numbers"),
    "entities_mention": gettext_noop("Mentions of people, accounts and phones"),
    "entities_entity": gettext_noop("People, accounts and phones that no other case mentions"),
    "tracing_storedtrace": gettext_noop("Traces"),
    "cases_note": gettext_noop("Notes"),
    "cases_savedview": gettext_noop("Saved views"),
    "cases_bridge": gettext_noop("Transfers joined by hand"),
    "cases_followedhub": gettext_noop("Decisions to follow a hub"),
    "cases_flowstep": gettext_noop("Steps that could be undone"),
}
"""The words for what goes, in the order in which it is told."""


class StillInForce(Refusal):
    """Money is held, or may be soon, on an instruction of the case."""

    message = gettext_noop("Case %(case)s has instruction %(instruction)s in force; end it first.")


@action("case.erase")
def erase_case(by: Officer, case: Case, *, at: datetime, ground: Ground) -> dict[str, int]:
    """Erase what is known about the people of a closed case; how many rows of which table."""
    check(case, at)
    blank = {"victim_name": "", "search_text": "", "erased_at": at}
    if not Case.objects.filter(pk=case.pk, erased_at=None).update(**blank):
        raise rules.AlreadyErased(case=case.number, on=at.date().isoformat())
    case.refresh_from_db()
    rows = _rows(case.pk)
    erase_files(case.pk)
    mentioned = list(entities.mentions_in_case(case.pk).values_list("entity_id", flat=True))
    erased = {table: _erase(table, case.pk) for table in tables_of_a_case()}
    forgotten = _forget(mentioned)
    erased |= {ROWS: rows, "entities_entity": len(forgotten)}
    erased["bank_gateway_message"] += forget_messages(forgotten)
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


def check(case: Case, at: datetime) -> None:
    """Raise what forbids to erase the case at `at`: AlreadyErased to StillInForce."""
    rules.check_erasure(
        case.number, closed=case.state == State.CLOSED, keep_until=case.keep_until,
        keep_rule=case.keep_rule, erased_at=case.erased_at, at=at,
    )  # fmt: skip
    alive = instructions.of_case(case.pk).filter(state__in=OPEN_STATES | RELEASABLE).first()
    if alive:
        raise StillInForce(case=case.number, instruction=alive.public_id)


def held_of(case: Case) -> dict[str, int]:
    """How much of what is known of the case now; what another case mentions too stays known."""
    found = {table: _count(table, case.pk) for table in tables_of_a_case()}
    return found | {ROWS: _rows(case.pk)}


def told(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """What there is or was of what, in words; nothing of what there is none."""
    order = {table: place for place, table in enumerate(WHAT)}
    found = sorted((item for item in counts.items() if item[1]), key=lambda item: order[item[0]])
    return [(gettext(WHAT[table]), count) for table, count in found]


def proof_of(case: Case) -> Entry | None:
    """The entry of the log that says what was erased, by whom and why."""
    return Entry.objects.filter(
        case_id=case.pk,
        action=erase_case.action,  # type: ignore[attr-defined] # set by the door
    ).first()


def _rows(case_id: int) -> int:
    return statements_of_case(case_id).aggregate(rows=Sum("rows_kept"))["rows"] or 0


def _count(table: str, case_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}" WHERE case_id = %s', [case_id])
        return int(cursor.fetchone()[0])


def _erase(table: str, case_id: int) -> int:
    # Rows point at each other across tables; PostgreSQL checks that when the transaction ends.
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{table}" WHERE case_id = %s', [case_id])
        return int(cursor.rowcount)


def _forget(entities: list[int]) -> list[str]:
    """Numbers, addresses and names that no other case mentions; they are gone now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM entities_forget(%s::bigint[])", [entities])
        return [value for (value,) in cursor.fetchall()]
