"""Accounts that the reader may not see: those of cases that others restricted to their members.

What the case's own victims told and what it ordered itself stays: nobody forgets it. An owner that
is asked and agrees opens the account to the whole case that asked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.cases import queries as cases
from fanzha.core.masking import mask_account
from fanzha.core.refusal import NotAllowed, gettext_noop
from fanzha.duties import actions as duties
from fanzha.duties import queries as orders
from fanzha.duties.actions import Wanted
from fanzha.duties.orders import State
from fanzha.entities import queries as entities
from fanzha.identity.acting import system_scope
from fanzha.identity.queries import unit_name
from fanzha.instructions import queries as instructions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Case
    from fanzha.duties.models import Order
    from fanzha.identity.models import Officer

GRANTED = "granted"
KIND = "see_account"
PRIORITY = "medium"


class AccountClosed(NotAllowed):
    """The account belongs to a case that is restricted to its members."""

    message = gettext_noop(
        "This account is restricted: another case keeps it to its members. Ask its owner."
    )


@dataclass(frozen=True)
class Closed:
    """Why an account is not shown: the cases that keep it, and what became of asking them."""

    keepers: tuple[int, ...]
    asked: tuple[Order, ...]

    @property
    def may_ask(self) -> bool:
        """Whether some keeper was not asked yet."""
        return len(self.asked) < len(self.keepers)


def closed_to(
    reader_case: int, accounts: Collection[str], ref: Callable[[str], str]
) -> Mapping[str, Closed]:
    """Which of the accounts the reader in scope may not see; `ref` names one inside her case."""
    kept_by: dict[str, set[int]] = defaultdict(set)
    for account, case_id in {*entities.restricting(accounts), *instructions.restricting(accounts)}:
        kept_by[account].add(case_id)
    if not kept_by:
        return {}
    ids = set().union(*kept_by.values())
    own = set(cases.visible().filter(pk__in=ids).values_list("pk", flat=True)) | {reader_case}
    kept_by = {account: ids for account, ids in kept_by.items() if not ids & own}
    causes = {
        (account, keeper): cause_of(keeper, ref(account))
        for account, keepers in kept_by.items()
        for keeper in keepers
    }
    asked = orders.asked(causes.values())
    found: dict[str, Closed] = {}
    for account, keepers in kept_by.items():
        answers = {keeper: asked.get(causes[account, keeper]) for keeper in sorted(keepers)}
        left = [keeper for keeper, order in answers.items() if not (order and _granted(order))]
        if left:
            told = tuple(order for keeper in left if (order := answers[keeper]))
            found[account] = Closed(tuple(left), told)
    return found


def ask(
    by: Officer, case: Case, account: str, closed: Closed, *, ref: str, at: datetime, ground: Ground
) -> list[Order]:
    """Ask every case that keeps the account; what was asked before is not asked twice."""
    text = _("%(unit)s asks for its case %(case)s to see this account: %(why)s") % {
        "unit": unit_name(by.unit.path), "case": case.number, "why": ground.reason.strip(),
    }  # fmt: skip
    with system_scope("flow.ask"):
        keepers = list(cases.visible().filter(pk__in=closed.keepers))
    return [
        duties.ask(
            by,
            Wanted(
                kind=KIND, priority=PRIORITY, unit_path=keeper.unit_path, text=text,
                objects=[{"account": mask_account(account)}], case_id=keeper.pk,
                case_number=keeper.number, restricted=keeper.restricted,
                cause=cause_of(keeper.pk, ref),
            ),
            at=at, ground=ground,
        )
        for keeper in keepers
    ]  # fmt: skip


def cause_of(keeper: int, ref: str) -> str:
    """The name under which one case is asked once for an account of another."""
    return f"{KIND} {keeper} {ref}"


def _granted(order: Order) -> bool:
    return order.result == GRANTED and order.state in (State.ANSWERED, State.ACCEPTED)
