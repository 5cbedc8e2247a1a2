"""A stop acts first; somebody above looks again within a day and takes back what was wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.duties.models import Clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from fanzha.instructions import actions, checks, oral, reviewing
from fanzha.instructions.models import Instruction, Package, Review
from fanzha.instructions.rules import Kind, Move, State
from tests import build
from tests.cast import DUTY, NOON
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from fanzha.identity.models import Officer

WHY = Ground("case", "", "户主是受害人本人")
HOUR = timedelta(hours=1)


@pytest.fixture
def package(bank: None, lin: Officer) -> Package:
    return build.drafted(lin)


def approve(by: Officer, package: Package) -> None:
    with acting_for(by):
        actions.approve(by, package, at=NOON, ground=DUTY)


def reviews() -> list[Review]:
    with system_scope("test"):
        return list(Review.objects.select_related("package", "case"))


def the_stop() -> Instruction:
    with system_scope("test"):
        return Instruction.objects.filter(kind=Kind.STOP).select_related("case").get()


def decide(by: Officer, *wrong: str, ground: Ground = WHY) -> None:
    (review,) = reviews()
    with acting_for(by):
        reviewing.review_stops(by, review, wrong=wrong, at=NOON + HOUR, ground=ground)


def effective() -> None:
    with system_scope("test") as system:
        stop = the_stop()
        actions.send(system, stop, at=NOON, ground=DUTY)
        yes = actions.Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON)
        actions.record_reply(system, stop, yes, message_id=1, at=NOON, ground=DUTY)


def test_what_the_duty_head_lets_out_waits_a_day_for_a_verdict(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    (review,) = reviews()
    assert (review.verdict, review.due_at) == ("", NOON + 24 * HOUR)
    with system_scope("test"):
        assert Clock.objects.get(rule="stop_review").due_at == NOON + 24 * HOUR
    decide(liang, ground=DUTY)
    (review,) = reviews()
    assert (review.verdict, review.decided_by_id) == ("upheld", liang.pk)
    with system_scope("test"):
        assert Clock.objects.get(rule="stop_review").state == "met"
    assert the_stop().state == State.APPROVED


def test_what_goes_out_on_a_word_is_reviewed_too(
    lin: Officer, zhao: Officer, package: Package
) -> None:
    with acting_for(lin):
        oral.approve_by_word(
            lin, package, zhao, called="1060000", told_at=NOON, at=NOON, ground=DUTY
        )
    assert len(reviews()) == 1


def test_who_may_review_and_signs_herself_owes_no_review(liang: Officer, package: Package) -> None:
    approve(liang, package)
    assert reviews() == []


def test_a_query_is_not_reviewed(lin: Officer, liang: Officer, package: Package) -> None:
    approve(liang, build.drafted(lin, build.draft(Kind.QUERY)))
    assert reviews() == []


def test_the_duty_head_reviews_nothing_and_nobody_her_own_stop(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    with pytest.raises(PermissionMissing):
        decide(zhao)
    with system_scope("test"), writing():
        Instruction.objects.update(approved_by_id=liang.pk)
    with pytest.raises(reviewing.OwnStop):
        decide(liang)


def test_a_wrong_stop_in_force_has_its_release_drafted_and_the_harm_on_record(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    effective()
    decide(liang, the_stop().public_id)
    with system_scope("test"):
        release = Instruction.objects.get(kind=Kind.RELEASE_STOP)
        assert (release.state, release.release_ground) == (State.AWAITING_APPROVAL, "wrong_stop")
        assert Entry.objects.filter(object_kind="harm").count() == 1
    assert the_stop().release_due_at == NOON + HOUR + timedelta(days=3)
    assert reviews()[0].wrong == [the_stop().public_id]


def test_a_wrong_stop_that_has_lapsed_is_harm_all_the_same(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    effective()
    with system_scope("test") as system:
        actions.lapse(system, the_stop(), at=NOON + 48 * HOUR, ground=DUTY)
    decide(liang, the_stop().public_id)
    with system_scope("test"):
        assert Entry.objects.filter(object_kind="harm").count() == 1
        assert not Instruction.objects.filter(kind=Kind.RELEASE_STOP).exists()


def test_a_wrong_stop_that_is_not_out_is_withdrawn_and_a_verdict_is_given_once(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    decide(liang, the_stop().public_id)
    assert the_stop().state == State.WITHDRAWN
    with pytest.raises(reviewing.ReviewedBefore):
        decide(liang)


def test_a_verdict_of_wrong_names_a_stop_of_the_package_and_a_reason(
    zhao: Officer, liang: Officer, package: Package
) -> None:
    approve(zhao, package)
    with pytest.raises(reviewing.NotOfThisPackage):
        decide(liang, "I-0")
    with pytest.raises(checks.ReasonMissing):
        decide(liang, the_stop().public_id, ground=Ground("case", "", " "))
    assert reviews()[0].decided_at is None
