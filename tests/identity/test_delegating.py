"""A right of approval is lent for a span, used for its holder, and taken back at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.identity import delegating
from fanzha.identity.acting import acting_for
from fanzha.identity.models import RoleGrant
from fanzha.instructions import actions
from fanzha.instructions.checks import OwnDraft
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Delegation, Officer

STOP = "instruction.approve_stop"
AWAY = Ground("duty", "", "外出开会")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon(db: None) -> Iterator[None]:
    with clock.held_at(NOON):
        yield


def lend(by: Officer, to: Officer, permission: str = STOP, **changes: Any) -> Delegation:
    facts: dict[str, Any] = {
        "since": NOON,
        "until": NOON + DAY,
        "at": NOON,
        "ground": AWAY,
    } | changes
    with acting_for(by):
        return delegating.lend(by, to, permission, **facts)


def approve(username: str, drafted_by: Officer) -> Any:
    """As somebody who logs in anew; the first instruction that she approved."""
    package, by = build.drafted(drafted_by), officer(username)
    with acting_for(by):
        actions.approve(by, package, at=NOON, ground=DUTY)
        return package.instructions.get()


def test_a_deputy_approves_for_whoever_lent_the_right(
    lin: Officer, zhao: Officer, chen: Officer
) -> None:
    build.bank()
    assert not officer("chen").may(STOP)
    lend(zhao, chen)
    approved = approve("chen", lin)
    assert (approved.approved_by_id, approved.approved_for_id) == (chen.pk, zhao.pk)


def test_not_the_draft_of_whoever_lent_it(lin: Officer, zhao: Officer) -> None:
    build.bank()
    lend(zhao, lin)
    with pytest.raises(OwnDraft):
        approve("lin", zhao)


def test_not_her_own_draft(lin: Officer, zhao: Officer) -> None:
    build.bank()
    lend(zhao, lin)
    with pytest.raises(OwnDraft):
        approve("lin", lin)


def test_it_counts_within_its_span_and_until_it_is_taken_back(zhao: Officer, chen: Officer) -> None:
    lent = lend(zhao, chen, since=NOON + DAY, until=NOON + 3 * DAY)
    for days, counts in ((0, False), (1, True), (3, False)):
        with clock.held_at(NOON + days * DAY):
            assert officer("chen").may(STOP) is counts
    with acting_for(zhao):
        delegating.take_back(zhao, lent, at=NOON + DAY, ground=AWAY)
    with clock.held_at(NOON + 2 * DAY):
        assert not officer("chen").may(STOP)


def test_it_dies_with_the_role_of_whoever_lent_it(zhao: Officer, chen: Officer) -> None:
    lend(zhao, chen)
    assert officer("chen").stands_in_for(STOP) == zhao
    with writing():
        RoleGrant.objects.filter(officer=zhao).update(until=NOON)
    assert not officer("chen").may(STOP)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"until": NOON}, delegating.SpanNotAllowed),
        ({"until": NOON + 31 * DAY}, delegating.SpanNotAllowed),
        ({"permission": "case.note"}, delegating.NotLendable),
        ({"ground": Ground("duty")}, delegating.ReasonForLending),
    ],
)
def test_what_is_not_lent(
    zhao: Officer, chen: Officer, changes: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        lend(zhao, chen, **changes)


def test_a_lent_right_is_not_passed_on_and_not_lent_to_who_has_it(
    zhao: Officer, liang: Officer, chen: Officer, lin: Officer
) -> None:
    lend(zhao, chen)
    with pytest.raises(delegating.NotLendable):
        lend(officer("chen"), lin)
    for deputy in (zhao, liang):
        with pytest.raises(delegating.NoDeputy):
            lend(zhao, deputy)
