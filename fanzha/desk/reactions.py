"""When an answer or a statement changes what is known, the figures of the cases are traced anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.desk.tasks import retrace_soon
from fanzha.identity.acting import system_scope
from fanzha.instructions import queries as instructions
from fanzha.intake import queries as intake

if TYPE_CHECKING:
    from fanzha.cases.events import HubDecided
    from fanzha.instructions.events import ReplyRecorded
    from fanzha.movements.events import MatchDecided, StatementImported


def retrace_statement(fact: StatementImported) -> None:
    """New rows."""
    retrace_soon(fact.case_id, f"statement {fact.statement_id}")


def retrace_decided(fact: MatchDecided | HubDecided) -> None:
    """A person decided which rows or numbers are one, or that a hub be followed."""
    retrace_soon(fact.case_id, f"decision {fact.decision_id}")


def retrace_reply(fact: ReplyRecorded) -> None:
    """A hold began, ended or failed: it concerns every case with money in that account."""
    with system_scope("desk.retrace"):
        account = instructions.account_of(fact.instruction_id)
        cases = instructions.cases_of_account(account) | intake.cases_paying(account)
    for case_id in sorted({fact.case_id, *cases}):
        retrace_soon(case_id, f"instruction {fact.instruction_id}")
