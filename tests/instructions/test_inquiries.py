"""A query for a part of the time, as it is asked after an answer that was cut off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import Message
from fanzha.core.clock import to_wire
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, checks
from fanzha.instructions.inquiries import PeriodTooShort, halves
from fanzha.instructions.rules import Kind
from tests import build
from tests.cast import DUTY, NOON, officer

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def test_two_halves_cover_the_period_and_meet_in_one_second() -> None:
    first, second = halves(NOON, NOON + DAY)
    assert first == (NOON, NOON + DAY / 2)
    assert second == (NOON + DAY / 2, NOON + DAY)


def test_halves_are_whole_seconds_and_each_is_shorter() -> None:
    first, second = halves(NOON, NOON + 3 * SECOND)
    assert first == (NOON, NOON + SECOND)
    assert second == (NOON + SECOND, NOON + 3 * SECOND)


def test_one_second_is_not_halved() -> None:
    with pytest.raises(PeriodTooShort):
        halves(NOON, NOON + SECOND)


@pytest.mark.usefixtures("db")
def test_both_halves_go_out_with_their_own_period_after_approval() -> None:
    lin, liang = officer("lin"), officer("liang")
    build.bank()
    case = build.case(lin)
    asked = halves(NOON - 2 * DAY, NOON)
    drafts = [
        build.draft(Kind.QUERY, period_since=since, period_until=until) for since, until in asked
    ]
    with acting_for(lin):
        (package,) = actions.draft(lin, case, drafts, at=NOON, ground=DUTY)
        with pytest.raises(checks.AlreadyUnderWay):
            actions.draft(lin, case, drafts[:1], at=NOON, ground=DUTY)
        with pytest.raises(checks.AlreadyUnderWay):
            actions.draft(lin, case, [build.draft(Kind.QUERY)], at=NOON, ground=DUTY)
    with acting_for(liang):
        assert actions.approve(liang, package, at=NOON, ground=DUTY) == len(asked)
    with system_scope("test") as system:
        for each in package.instructions.select_related("case", "concerns"):
            actions.send(system, each, at=NOON + DAY, ground=DUTY)
        sent = [decode(bytes(each.content)).body for each in Message.objects.order_by("id")]
    assert [(each["InquiryPeriodStart"], each["InquiryPeriodEnd"]) for each in sent] == [
        (to_wire(since), to_wire(until)) for since, until in asked
    ]
