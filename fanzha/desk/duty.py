"""The duty desk as a whole: today's figures and its three columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.template.loader import render_to_string
from django.utils.translation import get_language

from fanzha.desk.kept import kept, moment
from fanzha.desk.now.answers import Answers, institutions
from fanzha.desk.now.lanes import Lane, lanes_of, live
from fanzha.desk.now.reads import personal
from fanzha.desk.now.today import Today, today
from fanzha.desk.now.todo import MOST_SHOWN, Group, due_of, grouped
from fanzha.scope.sight import sight

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.models import Officer

__all__ = ["Desk", "columns", "desk_of", "lanes_of"]


@dataclass(frozen=True)
class Desk:
    """Everything that the desk shows; what is None this officer has no business with."""

    at: datetime
    today: Today | None
    groups: tuple[Group, ...]
    tasks: int
    more_tasks: int
    lanes: tuple[Lane, ...]
    more_lanes: int
    answers: tuple[Answers, ...]
    more_answers: int


def desk_of(officer: Officer, at: datetime) -> Desk:
    """The desk of this officer at this moment: some twenty indexed reads, however many cases."""
    waiting = due_of(officer, at)
    sees_cases = officer.may("case.read")
    lanes, more_lanes = live(officer, at) if sees_cases else ([], 0)
    sees_banks = officer.may("instruction.read")
    answers, more_answers = institutions(at) if sees_banks else ([], 0)
    return Desk(
        at=at,
        today=today(at) if sees_cases else None,
        groups=tuple(grouped(waiting, at)),
        tasks=len(waiting),
        more_tasks=max(len(waiting) - MOST_SHOWN, 0),
        lanes=tuple(lanes),
        more_lanes=more_lanes,
        answers=tuple(answers),
        more_answers=more_answers,
    )


def columns(officer: Officer, at: datetime) -> str:
    """The columns of the desk as HTML, made once for all who see and may do the same."""
    seen = sight()
    own = officer.pk in kept(seen, "personal", make=personal)
    return kept(
        seen, "duty", moment(at), get_language(), officer.role_codes,
        officer.pk if own else None,
        make=lambda: render_to_string("desk/duty/columns.html", {"desk": desk_of(officer, at)}),
    )  # fmt: skip
