"""Approval by word of mouth on the screens: who may be named, and the list of all uses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from fanzha.core.clock import local
from fanzha.desk.waiting import person
from fanzha.instructions import oral, rules

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Oral, Package

MOST = 200
"""The newest so many are listed; what waits for confirmation is always among them."""


@dataclass(frozen=True)
class Use:
    """One use: whose word, recorded by whom, and whether `officer` can decide it now."""

    oral: Oral
    approver: Officer | None
    recorded_by: Officer | None
    mine: bool


def voices(officer: Officer, package: Package) -> list[Officer]:
    """Whose word this officer may record for the package; nobody where it needs a signature."""
    if package.permission not in rules.BY_WORD or not officer.may("instruction.draft"):
        return []
    return [each for each in oral.approvers_of(package) if each.pk != officer.pk]


def uses(officer: Officer) -> list[Use]:
    """The uses that this officer sees, undecided ones first."""
    undecided = oral.uses().filter(decided_at=None)[:MOST]
    decided = oral.uses().exclude(decided_at=None).order_by("-recorded_at")[:MOST]
    return [
        Use(
            each, person(each.approver_id), person(each.recorded_by_id),
            each.decided_at is None and each.approver_id == officer.pk,
        )
        for each in (*undecided, *decided)
    ]  # fmt: skip


def told_at(text: str, at: datetime) -> datetime | None:
    """The last moment at which the clock showed `text` (`HH:MM`); None if it shows no time."""
    try:
        shown = time.fromisoformat(text.strip())
    except ValueError:
        return None
    now = local(at)
    found = now.replace(hour=shown.hour, minute=shown.minute, second=0, microsecond=0)
    return found if found <= now else found - timedelta(days=1)
