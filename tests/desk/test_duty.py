"""The duty desk: what is mine, in the order of its clocks; lanes that add up; banks; the search."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.desk.actions import take_report
from fanzha.desk.duty import desk_of
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move
from tests import build
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON, officer
from tests.desk.browser import browser, shown
from tests.instructions import follow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.desk.duty import Desk
    from fanzha.desk.now.lanes import Lane
    from fanzha.identity.models import Officer

PAID = 48_230_000


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def taken(lin: Officer) -> Any:
    """A report of one payment half an hour ago; stop and query wait for approval."""
    build.bank()
    with acting_for(lin):
        return take_report(lin, build.report(build.payment()), at=NOON, ground=DUTY)


def desk(who: Officer, minutes: float = 0) -> Desk:
    with acting_for(who):
        return desk_of(who, NOON + timedelta(minutes=minutes))


def tasks(found: Desk) -> list[tuple[str, str]]:
    return [(task.kind, task.what) for group in found.groups for task in group.tasks]


def lane(who: Officer, minutes: float = 0) -> Lane:
    (only,) = desk(who, minutes).lanes
    return only


def answered(taken: Any, kind: Kind, answer: Answer, by: str = "liang") -> Instruction:
    """The package of the kind approved, sent and answered."""
    head = officer(by)
    package = next(p for p in taken.packages if p.permission.endswith(kind.name.lower()))
    with acting_for(head):
        instructions.approve(head, package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        order = package.instructions.select_related("case", "package").get()
        instructions.send(system, order, at=NOON, ground=DUTY)
        instructions.record_reply(system, order, answer, message_id=1, at=NOON, ground=DUTY)
        refresh(system, taken.case.pk, DUTY)
        return Instruction.objects.get(pk=order.pk)


def in_effect(taken: Any, **facts: Any) -> Instruction:
    return answered(
        taken, Kind.STOP,
        Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON, balance_fen=PAID) if not facts
        else Answer(Move.TAKE_EFFECT, "0000", "", **facts),
    )  # fmt: skip


def test_who_may_approve_is_told_to_and_who_drafted_is_told_to_press(
    taken: Any, lin: Officer, zhao: Officer, liang: Officer
) -> None:
    assert tasks(desk(zhao))[0] == ("approve", "Approve stop: 江岚银行 0128")
    assert [kind for kind, _ in tasks(desk(liang))] == ["approve", "approve"]
    assert [kind for kind, _ in tasks(desk(lin))] == ["press", "press"]


def test_a_release_waits_and_is_pressed_for_under_its_own_name(lin: Officer, zhao: Officer) -> None:
    package = follow.release(follow.hold())
    assert ("approve", "Approve: Release of a stop, 江岚银行 0128") in tasks(desk(zhao))
    assert ("press", "Get approved: Release of a stop, 江岚银行 0128") in tasks(desk(lin))
    follow.carried(package, by="zhao")
    later = desk(lin, minutes=61)
    assert ("overdue", "Unanswered: Release of a stop, 江岚银行 0128") in tasks(later)


def test_the_clock_that_ends_first_is_on_top(taken: Any, liang: Officer) -> None:
    found = desk(liang, minutes=1)
    assert [group.name for group in found.groups] == ["Over", "Later"]
    until = [task.until for group in found.groups for task in group.tasks]
    assert until == [NOON, NOON + timedelta(hours=24)]


def test_a_late_answer_and_one_nobody_understands_are_shown(taken: Any, lin: Officer) -> None:
    answered(taken, Kind.QUERY, Answer(Move.PUZZLE, "9999", ""))
    assert ("unknown", "Odd answer: 江岚银行 0128") in tasks(desk(lin))
    package = next(p for p in taken.packages if p.permission.endswith("stop"))
    with acting_for(officer("zhao")):
        instructions.approve(officer("zhao"), package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        order = package.instructions.select_related("case", "package").get()
        instructions.send(system, order, at=NOON, ground=DUTY)
    assert "overdue" not in dict(tasks(desk(lin, minutes=59)))
    assert ("overdue", "Stop unanswered: 江岚银行 0128") in tasks(desk(lin, minutes=61))


def test_a_stop_about_to_end_is_shown_and_after_it_lapsed_the_account_is_unprotected(
    taken: Any, lin: Officer
) -> None:
    order = in_effect(taken)
    assert "ending" not in dict(tasks(desk(lin, minutes=35 * 60)))
    assert ("ending", "Stop ends: 江岚银行 0128") in tasks(desk(lin, minutes=36 * 60))
    later = NOON + timedelta(hours=48, minutes=1)
    with system_scope("test") as system, clock.held_at(later):
        instructions.lapse(system, order, at=later, ground=DUTY)
        refresh(system, taken.case.pk, DUTY)
    found = desk(lin, minutes=48 * 60 + 2)
    assert ("unprotected", "Stop lapsed: 江岚银行 0128") in tasks(found)


def test_a_freeze_is_warned_of_thirty_days_before_its_end(lin: Officer) -> None:
    follow.hold(Kind.FREEZE, amount_fen=100, traced_fen=100, ends_at=NOON + timedelta(days=31))
    assert "ending" not in dict(tasks(desk(lin, minutes=23 * 60)))
    assert ("ending", "Freeze ends: 江岚银行 0128") in tasks(desk(lin, minutes=25 * 60))


def test_a_hold_that_was_found_wrong_presses_until_it_is_released(lin: Officer) -> None:
    stop = follow.hold()
    package = follow.release(stop)
    wanted = ("release", "To be released: 江岚银行 0128")
    assert wanted in tasks(desk(lin))
    (task,) = (t for g in desk(lin).groups for t in g.tasks if t.kind == "release")
    assert task.until == follow.fresh(stop).release_due_at
    follow.answered(
        follow.carried(package), Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON)
    )
    assert wanted not in tasks(desk(lin))


def test_a_lane_adds_up_and_names_the_next_step_for_each_reader(
    taken: Any, lin: Officer, zhao: Officer, liang: Officer
) -> None:
    first = lane(zhao)
    assert (first.figures["paid"], first.figures["transit"]) == (PAID, PAID)
    assert (first.step.words, first.step.button) == (
        "1 stops are drafted and wait for approval", "To the approval",
    )  # fmt: skip
    assert lane(lin).step.button == "Open the case"
    in_effect(taken)
    answered(taken, Kind.QUERY, Answer(Move.FAIL, "0300", ""))
    after = lane(liang)
    assert (after.figures["stopped"], after.clock.label if after.clock else "") == (
        PAID, "Stop ends in",
    )  # fmt: skip
    assert after.step.words == "482,300.00 stopped; can be frozen once the case is filed"
    with acting_for(liang):
        cases.file_case(liang, taken.case, "岚公立字〔2026〕1号", at=NOON, ground=DUTY)
    assert lane(lin).step.words == "482,300.00 stopped; freeze it before the stop ends"
    for each in (first, after):
        parts = [fen for name, fen in each.figures.items() if name != "paid"]
        assert sum(parts) == each.figures["paid"]


def test_the_golden_time_counts_while_something_can_still_be_saved(
    taken: Any, lin: Officer
) -> None:
    running = lane(lin, minutes=-10).clock
    assert running is not None
    assert (running.until, running.label) == (NOON, "Golden time left")
    assert lane(lin, minutes=60).clock is not None
    assert lane(lin, minutes=3 * 60).clock is None


def test_todays_figures_count_prompt_stops_and_where_the_money_stands(
    taken: Any, lin: Officer
) -> None:
    before = desk(lin).today
    assert before is not None
    assert (before.reports, before.stoppable, before.prompt, before.held_fen) == (1, 1, 0, 0)
    in_effect(taken, effective_at=NOON + timedelta(minutes=15), balance_fen=PAID)
    after = desk(lin).today
    assert after is not None
    assert (after.prompt, after.prompt_share, after.stopped_fen) == (1, "100.0", PAID)
    tomorrow = desk(lin, minutes=12 * 60).today
    assert tomorrow is not None
    assert tomorrow.reports == 0


def test_an_institution_is_slow_when_its_answer_is_late(taken: Any, lin: Officer) -> None:
    assert [(each.state, each.waiting) for each in desk(lin).answers] == [("idle", 0)]
    package = next(p for p in taken.packages if p.permission.endswith("stop"))
    with acting_for(officer("zhao")):
        instructions.approve(officer("zhao"), package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        order = package.instructions.select_related("case", "package").get()
        instructions.send(system, order, at=NOON, ground=DUTY)
    assert [(each.state, each.waiting) for each in desk(lin, 9).answers] == [("answering", 1)]
    (slow,) = desk(lin, 11).answers
    assert (slow.state, slow.oldest) == ("slow", timedelta(minutes=11))


def test_another_district_sees_none_of_it(taken: Any, wu: Officer) -> None:
    found = desk(wu)
    assert (found.lanes, found.groups, found.more_lanes) == ((), (), 0)
    assert found.today is not None
    assert found.today.reports == 0


def test_whoever_works_on_no_case_sees_no_column_of_them(taken: Any, sun: Officer) -> None:
    page = browser(sun).get("/")
    assert page.status_code == 200
    assert taken.case.number not in shown(page)


def test_the_page_and_its_fragment_show_the_same_masked(taken: Any, lin: Officer) -> None:
    page, part = browser(lin).get("/"), browser(lin).get("/desk/now/")
    for answer in (page, part):
        text = shown(answer)
        assert taken.case.number in text
        assert "周**" in text
        assert not any(secret in text for secret in ("周敏", MULE, "贾某", "11200000001"))
    assert "<html" not in shown(part)


def test_more_cases_cost_no_more_queries(taken: Any, lin: Officer, zhao: Officer) -> None:
    with CaptureQueriesContext(connection) as one:
        desk(zhao)
    for at in range(20):
        told = build.report(
            build.payment(1_000_000 + at, to=f"62990190{at:011d}"),
            form_token=f"more-{at}", victim_name=f"何{at}", victim_phone=f"1120001{at:04d}",
        )  # fmt: skip
        with acting_for(lin):
            take_report(lin, told, at=NOON, ground=DUTY)
    with CaptureQueriesContext(connection) as many:
        found = desk(zhao)
    assert (len(found.lanes), found.more_lanes) == (12, 9)
    assert len(many) <= len(one) + 2


def test_a_case_is_found_by_number_account_phone_and_name_but_none_is_shown(
    taken: Any, lin: Officer, wu: Officer
) -> None:
    for words in (MULE, MULE[6:12], "11200000001", "周敏", taken.case.number[-6:]):
        page = shown(browser(lin).post("/search/", {"q": words}))
        assert f"/cases/{taken.case.number}/" in page
        assert "1 cases found" in page
        assert f"/cases/{taken.case.number}/" not in shown(
            browser(wu).post("/search/", {"q": words})
        )
    assert "No case that you may see" in shown(browser(lin).post("/search/", {"q": OTHER_MULE}))
    found = browser(lin).post("/search/", {"q": taken.case.number.lower()})
    assert (found.status_code, found.headers["Location"]) == (302, f"/cases/{taken.case.number}/")


def test_an_address_carries_nothing_that_is_sought(lin: Officer, taken: Any) -> None:
    page = shown(browser(lin).get("/search/", {"q": "周敏"}))
    assert "cases found" not in page
    assert "周敏" not in page


def test_who_works_on_no_case_is_told_so_instead_of_shown_an_empty_desk(
    taken: Any, admin: Officer, sun: Officer
) -> None:
    page = shown(browser(admin).get("/"))
    assert "Your roles work on no case" in page
    assert 'class="btn" href="/institutions/"' in page
    assert 'href="/institutions/"' not in shown(browser(sun).get("/"))


def test_a_filter_that_finds_nothing_does_not_say_that_there_is_nothing(
    taken: Any, lin: Officer
) -> None:
    page = shown(browser(lin).get("/cases/?state=closed"))
    assert "No case stands here now" in page
    assert "No case yet" not in page
