"""What an officer can undo and redo in a fund flow: the words of her buttons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_noop

from fanzha.cases import queries as cases

if TYPE_CHECKING:
    from fanzha.cases.models import Case, FlowStep
    from fanzha.identity.models import Officer

WORDS = {
    ("J", False): gettext_noop("a transfer joined by hand"),
    ("J", True): gettext_noop("a join that was withdrawn"),
    ("H", False): gettext_noop("a hub that is followed"),
    ("H", True): gettext_noop("a hub that is followed no more"),
    ("N", False): gettext_noop("a note"),
}
"""What a step did (msgid), by the first sign of its target and whether it withdrew it."""


@dataclass(frozen=True)
class Offered:
    """What the buttons would undo and redo (msgids); empty where there is nothing."""

    undo: str = ""
    redo: str = ""


def offered(officer: Officer, case: Case) -> Offered:
    """The officer's own last steps in this case."""
    if not officer.may("case.note"):
        return Offered()
    undo = cases.to_undo(case.pk, officer.pk).first()
    redo = cases.to_redo(case.pk, officer.pk).first()
    return Offered(word(undo) if undo else "", word(redo) if redo else "")


def word(step: FlowStep) -> str:
    """What the step did (msgid)."""
    return WORDS[step.target[0], step.back]
