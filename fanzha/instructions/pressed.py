"""What follows when a clock of an instruction presses: a stop about to end without a filed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.core.masking import mask_account
from fanzha.duties import actions as duties
from fanzha.duties.actions import Wanted
from fanzha.identity.acting import system_scope
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import HOLDING_STATES, STOP_WINDOW, Kind

if TYPE_CHECKING:
    from fanzha.duties.events import Pressed


def file_or_lose(fact: Pressed) -> None:
    """Order the unit of the case to file it: a freeze needs that, and the stops end soon.

    One order per case, with every account that is stopped then; it is due when the first ends.
    """
    if fact.rule != STOP_WINDOW.name:
        return
    at = clock.now()
    with system_scope("instructions.file_or_lose") as system:
        stop = Instruction.objects.select_related("case").get(public_id=fact.about)
        case = stop.case
        if case.filed_at is not None:
            return
        stops = list(
            Instruction.objects.filter(
                case=case, kind=Kind.STOP, state__in=HOLDING_STATES, ends_at__gt=at
            ).order_by("ends_at", "id")
        )
        if not stops:
            return
        wanted = Wanted(
            kind="file_or_lose", priority="high", unit_path=case.unit_path,
            text=_(
                "The case is not filed, so nothing can be frozen. Decide on filing before the first"
                " of these stops ends, or the money can be moved."
            ),
            objects=[_told(each) for each in stops], case_id=case.pk, case_number=case.number,
            restricted=case.restricted, due=stops[0].ends_at, cause=f"file {case.number}",
        )  # fmt: skip
        duties.issue(system, wanted, at=at, ground=Ground("instruction", stop.public_id))


def _told(stop: Instruction) -> dict[str, str | int]:
    assert stop.ends_at is not None, "a hold in force ends some time"
    return {
        "institution": stop.institution_name,
        "account": mask_account(stop.account),
        "fen": stop.balance_fen or stop.transfer_fen or 0,
        "until": stop.ends_at.isoformat(),
        "instruction": stop.public_id,
    }
