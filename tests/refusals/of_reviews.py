"""Trials of the review of stops that went out: a verdict, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.identity.acting import acting_for
from fanzha.instructions import actions, reviewing
from fanzha.instructions.models import Review
from fanzha.instructions.rules import Kind
from tests.cast import DUTY, NOON, officer
from tests.refusals.of_instructions import WHY, drafted
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.acting import System


def _opened(system: System) -> Review:
    """A stop that Lin drafted and Zhao let out."""
    stop, zhao = drafted(Kind.STOP)(system), officer("zhao")
    with acting_for(zhao):
        actions.approve(zhao, stop.package, at=NOON, ground=DUTY)
        return reviewing.review_of(stop.package)


def _decided(review: Review, state: str) -> Review:
    with writing():
        Review.objects.filter(pk=review.pk).update(decided_at=NOON if state else None)
    return review


def _act(by: Any, review: Review) -> None:
    names = [each.public_id for each in reviewing.looked_at(review)]
    reviewing.review_stops(by, review, wrong=names, at=NOON, ground=WHY)


def _trials() -> Iterator[Trial]:
    states: dict[str, Refused | Done] = {"": Done(), "decided": Refused(reviewing.ReviewedBefore)}
    yield Trial(reviewing.review_stops, _act, _opened, _decided, states)


TRIALS = tuple(_trials())
