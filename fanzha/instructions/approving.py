"""Approving what waits in a package: a part of this package's actions, no verb of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.instructions import checks, follow_ons, guarding, reviewing, rules
from fanzha.instructions.events import Approved
from fanzha.instructions.moving import move
from fanzha.instructions.numbering import number_papers
from fanzha.instructions.rules import Kind, Move, State
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction, Package


def approve_each(
    by: Officer,
    package: Package,
    approver: Officer,
    *,
    without: Iterable[str],
    at: datetime,
    note: str = "",
    overruling: str = "",
) -> int:
    """Approve what waits in the package, except `without`, in the name of `approver`: how many.

    Raises ForbiddenMove when nothing is left to approve, OwnDraft when she stands in for who
    drafted it, and what the guard list has against it.
    """
    excluded = set(without)
    lender = approver.stands_in_for(package.permission)
    if lender is not None:
        checks.check_approver(package.drafted_by_id, lender.pk)
    approved: list[Instruction] = []
    for instruction in waiting_in(package):
        if instruction.public_id in excluded:
            continue
        follow_ons.check_still(instruction, at)
        against = guarding.overruling(instruction, package.permission, overruling)
        facts = {
            "approved_by_id": approver.pk, "approved_at": at,
            "approved_for_id": lender and lender.pk,
            "ends_at": rules.APPROVAL_LIFE.ends(at), "ends_rule": rules.APPROVAL_LIFE.name,
        }  # fmt: skip
        move(by, instruction, Move.APPROVE, at, note=note or against, facts=facts)
        approved.append(instruction)
    if not approved:
        raise rules.ForbiddenMove(state=State.APPROVED, move=Move.APPROVE)
    announce(*(Approved(each.pk) for each in approved))
    if any(each.kind == Kind.STOP for each in approved):
        reviewing.open_for(package, approver, at)
    number_papers(approved, at)
    return len(approved)


def waiting_in(package: Package) -> list[Instruction]:
    """The instructions that wait for a decision; nobody else decides until the transaction ends."""
    return list(
        package.instructions.filter(state=State.AWAITING_APPROVAL)
        .select_related("case")
        .select_for_update(of=("self",))
        .order_by("id")
    )
