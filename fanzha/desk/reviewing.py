"""Reviews of emergency stops on the screens: what went out, and who may say if it was right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.desk.waiting import person
from fanzha.instructions import reviewing
from fanzha.instructions.rules import MAY_REVIEW

if TYPE_CHECKING:
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction, Review

MOST = 100
"""The newest so many are listed; what waits is always among them."""


@dataclass(frozen=True)
class Looked:
    """One review: its stops, who drafted and who approved them, and whether `officer` decides."""

    review: Review
    stops: list[Instruction]
    drafted_by: Officer | None
    approved_by: Officer | None
    decided_by: Officer | None
    mine: bool


def listed(officer: Officer) -> list[Looked]:
    """The reviews that this officer sees, undecided ones first."""
    undecided = reviewing.reviews().filter(decided_at=None)[:MOST]
    decided = reviewing.reviews().exclude(decided_at=None).order_by("-decided_at")[:MOST]
    return [_looked(officer, each) for each in (*undecided, *decided)]


def _looked(officer: Officer, review: Review) -> Looked:
    stops = reviewing.looked_at(review)
    apart = officer.pk not in reviewing.hands_of(stops)
    open_to = review.decided_at is None and officer.may(MAY_REVIEW) and apart
    return Looked(
        review, stops, person(review.package.drafted_by_id),
        person(stops[0].approved_by_id) if stops else None, person(review.decided_by_id), open_to,
    )  # fmt: skip
