"""When an answer or a statement changes what is known of a case, its figures are traced anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.audit.rules import Ground
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from fanzha.instructions.events import ReplyRecorded
    from fanzha.movements.events import StatementImported


def retrace_statement(fact: StatementImported) -> None:
    """New rows."""
    _retrace(fact.case_id, f"statement {fact.statement_id}")


def retrace_reply(fact: ReplyRecorded) -> None:
    """A hold began, ended or failed."""
    _retrace(fact.case_id, f"instruction {fact.instruction_id}")


def _retrace(case_id: int, reason: str) -> None:
    with system_scope("desk.retrace") as system:
        refresh(system, case_id, Ground("case", str(case_id), reason))
