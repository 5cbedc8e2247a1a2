"""What follows for a case from facts of other packages: cash was taken, somebody can go and look.

Whoever was photographed at a machine is known only as long as the recording is kept.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from fanzha.audit.rules import Ground
from fanzha.cases.models import Case
from fanzha.cases.rules import State
from fanzha.core import clock
from fanzha.core.masking import mask_account
from fanzha.duties import actions as duties
from fanzha.duties.actions import Wanted
from fanzha.identity.acting import system_scope
from fanzha.institutions import queries as institutions
from fanzha.intake import queries as intake
from fanzha.movements import queries as statements
from fanzha.movements.machines import cash_taken

if TYPE_CHECKING:
    from fanzha.movements.events import StatementImported

RECORDED = timedelta(days=30)
"""So long a bank keeps what its machines record (assumed)."""
MOST = 20
"""So many withdrawals one order names, the newest."""


def order_at_machines(fact: StatementImported) -> None:
    """Order the unit of the case to where cash was taken: place, terminal, time."""
    at = clock.now()
    with system_scope("cases.cash") as system:
        case = Case.objects.get(pk=fact.case_id)
        if case.state == State.CLOSED:
            return
        statement = statements.of_id(fact.statement_id)
        taken = _not_the_victims(cash_taken(statement, at - RECORDED), case)
        if not taken:
            return
        bank = institutions.by_code(statement.institution_code)
        wanted = Wanted(
            kind="cash_withdrawal", priority="high", unit_path=case.unit_path,
            text=_("Cash was taken at these machines. Secure the recordings and look who took it."),
            objects=[_told(row, bank.name if bank else "") for row in taken[:MOST]],
            case_id=case.pk, case_number=case.number, restricted=case.restricted,
            cause=f"cash {statement.public_id}",
        )  # fmt: skip
        duties.issue(system, wanted, at=at, ground=Ground("statement", statement.public_id))


def _not_the_victims(rows: list[dict[str, Any]], case: Case) -> list[dict[str, Any]]:
    """Without what victims took from their own accounts, which they told us themselves."""
    own = set(intake.payments_of_case(case.pk).values_list("from_account", flat=True)) - {""}
    return [row for row in rows if not own & {row["own_key"], row["card_key"], row["account_key"]}]


def _told(row: dict[str, Any], institution: str) -> dict[str, str | int]:
    return {
        "institution": institution or row["branch_name"],
        "account": mask_account(row["own_key"]),
        "fen": row["amount_fen"],
        "at": row["txn_time"].isoformat(),
        "place": " ".join(filter(None, (row["branch_name"], row["place"]))),
        "terminal": row["terminal_no"],
    }
