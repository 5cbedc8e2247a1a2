"""Reads of cases; row-level security has already narrowed them to what the officer may see."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db.models import Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from fanzha.cases.models import Bridge, Case, FlowStep, FollowedHub, Note, SavedView
from fanzha.core.refusal import NotFound, gettext_noop

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

MOST_WORDS = 6
LETTERS = re.compile(r"[^\W\d\u2e80-\u9fff]")
"""Letters that come large and small; Chinese signs do not."""


class CaseNotFound(NotFound):
    """No such case, or none that the officer may see."""

    message = gettext_noop("There is no case %(number)s that you may see.")


def visible() -> QuerySet[Case]:
    """All cases in scope, newest first."""
    return Case.objects.order_by("-opened_at", "-id")


def live() -> QuerySet[Case]:
    """Cases that are not closed."""
    return visible().exclude(state="closed")


def erasures_due(at: datetime) -> QuerySet[Case]:
    """Closed cases whose time of keeping is over, the longest over first."""
    return Case.objects.filter(keep_until__lte=at, erased_at=None).order_by("keep_until", "id")


def erasures_proposed() -> QuerySet[Case]:
    """Cases that wait for a person to decide that they be erased."""
    return Case.objects.exclude(erasure_proposed_at=None).filter(erased_at=None).order_by("id")


def erased() -> QuerySet[Case]:
    """Cases of which nothing is left but the number, the newest first."""
    return Case.objects.exclude(erased_at=None).order_by("-erased_at", "-id")


def by_number(number: str) -> Case:
    """The case; raises CaseNotFound."""
    case = Case.objects.filter(number=number).first()
    if case is None:
        raise CaseNotFound(number=number)
    return case


def is_visible(case_id: int | None) -> bool:
    """Whether the case of this id is in scope."""
    return case_id is not None and Case.objects.filter(pk=case_id).exists()


def held(case_id: int) -> Case:
    """The case as it is now, until the transaction ends; waits for an erasure that runs."""
    return Case.objects.select_for_update(no_key=True).get(pk=case_id)


def notes_of(case_id: int) -> QuerySet[Note]:
    """The notes of a case, newest first."""
    found = Note.objects.filter(case_id=case_id, withdrawn_at=None)
    return found.order_by("-written_at", "-id")


def bridges_of(case_id: int) -> QuerySet[Bridge]:
    """What is joined by hand in the fund flow of a case, in order of time."""
    found = Bridge.objects.filter(case_id=case_id, withdrawn_at=None)
    return found.order_by("moved_at", "id")


def followed_hubs(case_id: int) -> QuerySet[FollowedHub]:
    """The hubs of a case that officers decided to follow, the first decision first."""
    return FollowedHub.objects.filter(case_id=case_id, withdrawn_at=None).order_by("id")


def to_undo(case_id: int, officer_id: int) -> QuerySet[FlowStep]:
    """The steps of an officer that stand, the newest first."""
    own = FlowStep.objects.filter(case_id=case_id, officer_id=officer_id)
    return own.filter(undone_at=None).order_by("-id")


def to_redo(case_id: int, officer_id: int) -> QuerySet[FlowStep]:
    """The steps that an officer undid, the last one undone first."""
    own = FlowStep.objects.filter(case_id=case_id, officer_id=officer_id)
    return own.exclude(undone_at=None).order_by("id")


def views_of(case_id: int) -> QuerySet[SavedView]:
    """The saved views of a case by name."""
    return SavedView.objects.filter(case_id=case_id).order_by("name", "id")


def find(words: str) -> QuerySet[Case]:
    """Cases found by number, name, account, phone or text: every word must occur.

    Full numbers may be searched for; they are not shown.
    """
    wanted = Q()
    for word in words.split()[:MOST_WORDS]:
        # Folding the case of Chinese text costs more than the search; digits have none either.
        told = Q(search_text__icontains=word) if LETTERS.search(word) else _has("search_text", word)
        wanted &= told | _has("number", word.upper())
    return visible().filter(wanted)


def _has(field: str, word: str) -> Q:
    """`word` occurs in the field. STRPOS skips through a text, in half the time of LIKE."""
    return Q(GreaterThan(StrIndex(field, Value(word)), 0))
