"""Review of emergency stops (事后复核): act first, look again within a day, with a verdict.

A stop goes out on a duty head's signature, or on her word. Whoever stands above her looks again and
says which of the stops were wrong; those are taken back at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.core.refusal import NotAllowed, NotFound, Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.instructions import alarms, checks, follow_ons
from fanzha.instructions.models import Instruction, Review
from fanzha.instructions.rules import MAY_REVIEW, STOP_REVIEW, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Package


class OwnStop(NotAllowed):
    """Who drafted or approved a stop does not review it."""

    message = gettext_noop("You drafted or approved one of these; another officer reviews them.")


class ReviewedBefore(Refusal):
    """Another officer was faster."""

    message = gettext_noop("These stops were already reviewed.")


class NotOfThisPackage(Refusal):
    """Only what stands in the package can be found wrong."""

    message = gettext_noop("There is no such stop in this package.")


class NoReview(NotFound):
    """No duty head let a stop of this package out."""

    message = gettext_noop("Nothing of this package has to be reviewed.")


def open_for(package: Package, approver: Officer, at: datetime) -> None:
    """Open the review of what `approver` let out; none where she may review herself.

    A part of the approval, no verb of its own. The caller holds the package's instructions.
    """
    if approver.may(MAY_REVIEW):
        return
    review, new = Review.objects.select_related("package").get_or_create(
        package=package, decided_at=None,
        defaults={
            "case": package.case, "unit_path": package.unit_path, "restricted": package.restricted,
            "opened_at": at, "due_at": STOP_REVIEW.ends(at), "due_rule": STOP_REVIEW.name,
        },
    )  # fmt: skip
    if new:
        alarms.await_review(review, at)


@action(MAY_REVIEW)
def review_stops(
    by: Officer, review: Review, *, wrong: Iterable[str] = (), at: datetime, ground: Ground
) -> None:
    """Uphold the stops of a package, except the `wrong` ones (public ids), with the reason.

    What was wrong is withdrawn, or its release is drafted at once and the harm is on record.
    Raises OwnStop, ReviewedBefore, NotOfThisPackage and ReasonMissing.
    """
    stops = {each.public_id: each for each in looked_at(review)}
    if by.pk in hands_of(stops.values()):
        raise OwnStop
    found, reason = sorted(set(wrong)), ground.reason.strip()
    if not stops.keys() >= set(found):
        raise NotOfThisPackage
    if found and not reason:
        raise checks.ReasonMissing
    verdict = Review.Verdict.WRONG if found else Review.Verdict.UPHELD
    facts = {
        "verdict": verdict, "wrong": found, "decided_by_id": by.pk, "decided_at": at,
        "reason": reason,
    }  # fmt: skip
    if not Review.objects.filter(pk=review.pk, decided_at=None).update(**facts):
        raise ReviewedBefore
    for name in found:
        follow_ons.take_back(by, stops[name], reason, at)
    alarms.reviewed(review, at)
    record(
        "package", review.package.public_id, case_id=review.case_id, review=verdict,
        stops=len(stops), wrong=len(found),
    )  # fmt: skip


def looked_at(review: Review) -> list[Instruction]:
    """The stops approved since the review was opened, whatever became of them."""
    found = Instruction.objects.filter(package_id=review.package_id, kind=Kind.STOP)
    found = found.filter(approved_at__gte=review.opened_at)
    return list(found.select_related("case").order_by("id"))


def hands_of(stops: Iterable[Instruction]) -> set[int | None]:
    """Who drafted or approved any of the stops (officer ids): none of them reviews it."""
    return {hand for each in stops for hand in (each.drafted_by_id, each.approved_by_id)}


def reviews() -> QuerySet[Review]:
    """All reviews in scope, what is due first."""
    return Review.objects.select_related("package", "case").order_by("due_at", "id")


def review_of(package: Package) -> Review:
    """The last review of this package, open or not; raises NoReview."""
    found = reviews().filter(package=package).order_by("-id").first()
    if found is None:
        raise NoReview
    return found
