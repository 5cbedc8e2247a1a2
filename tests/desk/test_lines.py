"""The line to an institution on its page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.models import Message, Route
from fanzha.channels.bank_gateway.queries import Pace, figures
from fanzha.core import clock
from fanzha.identity.acting import system_scope
from fanzha.instructions import actions
from fanzha.instructions.rules import Kind
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown
from tests.refusals.of_instructions import drafted, put
from tests.refusals.trial import writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

PAGE = f"/institutions/{build.BANK}/"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def sent(db: None) -> Message:
    """A stop that waits; the bank's front-end has refused three connections."""
    with system_scope("test") as system:
        instruction = put(drafted(Kind.STOP)(system), "approved")
        actions.send(system, instruction, at=NOON, ground=DUTY)
        for _ in range(3):
            gateway.note_failure(
                system, route().pk, [], "connection refused", undelivered=True, at=NOON,
                ground=DUTY,
            )  # fmt: skip
        return Message.objects.get(outgoing=True)


def route() -> Route:
    return Route.objects.get(institution_code=build.BANK)


def test_pace_is_the_median_and_what_nearly_all_stay_below() -> None:
    seconds = [timedelta(seconds=each) for each in range(100, 0, -1)]
    assert Pace.of(seconds) == Pace(timedelta(seconds=50), timedelta(seconds=95))
    assert Pace.of(seconds[-1:]) == Pace(timedelta(seconds=1), timedelta(seconds=1))
    assert Pace.of([]) == Pace(None, None)


def test_the_page_tells_what_waits_why_and_shows_the_message_masked(
    sent: Message, zhao: Officer
) -> None:
    page = shown(browser(zhao).get(PAGE))
    assert "Interrupted" in page
    assert "connection refused" in page
    assert '<dt>Messages waiting</dt><dd class="fz-num">1</dd>' in page
    assert build.MULE.encode() in bytes(sent.content)
    assert build.MULE not in page
    assert PAGE in shown(browser(zhao).get("/institutions/"))


def test_the_figures_of_the_last_day(sent: Message, zhao: Officer) -> None:
    with system_scope("test"), writing():
        Message.objects.filter(pk=sent.pk).update(
            state="rejected", gateway_code="200001", settled_at=NOON + timedelta(seconds=2),
            answered_at=NOON + timedelta(seconds=90),
        )  # fmt: skip
    with system_scope("test"):
        found, later = figures(route(), NOON), figures(route(), NOON + timedelta(days=2))
    assert later.refused == []
    assert (found.waiting, found.oldest, found.refused) == (0, None, [("200001", 1)])
    assert found.acknowledged == Pace(timedelta(seconds=2), timedelta(seconds=2))
    page = shown(browser(zhao).get(PAGE))
    assert "1 min 30 s" in page
    assert "Refused with 200001" in page


def test_a_line_is_paused_for_a_reason_and_resumed(sent: Message, zhao: Officer) -> None:
    page = browser(zhao)
    assert "Write why" in shown(page.post(f"{PAGE}pause/", {"reason": " "}, follow=True))
    assert route().paused_at is None
    answer = shown(page.post(f"{PAGE}pause/", {"reason": "The bank moves"}, follow=True))
    assert "The bank moves" in answer
    assert "is paused already" in shown(page.post(f"{PAGE}try/", follow=True))
    page.post(f"{PAGE}resume/")
    assert route().paused_at is None


def test_trying_now_ends_the_rest(sent: Message, zhao: Officer) -> None:
    assert route().rest_until is not None
    browser(zhao).post(f"{PAGE}try/")
    assert route().rest_until is None


def test_who_sends_nothing_pauses_nothing(sent: Message, chen: Officer) -> None:
    assert browser(chen).post(f"{PAGE}pause/", {"reason": "because"}).status_code == 403
    assert route().paused_at is None


def test_there_is_no_line_to_an_institution_that_is_not_connected(zhao: Officer) -> None:
    assert browser(zhao).get("/institutions/990100000009/").status_code == 404
