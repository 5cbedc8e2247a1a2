"""What is kept of a page is shown to the same eyes only, and to nobody once anything was done."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.utils import translation

from fanzha.cases import actions as cases
from fanzha.core import clock
from fanzha.core.recent import Store
from fanzha.desk import duty, kept
from fanzha.desk.actions import take_report
from fanzha.identity.acting import acting_for
from fanzha.scope.current import ScopeMissing
from fanzha.scope.sight import sight
from tests import build
from tests.cast import DUTY, NOON, officer, populate
from tests.desk.browser import browser, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer


@pytest.fixture(autouse=True)
def cast(committed: None) -> Iterator[None]:
    with transaction.atomic():
        populate()
    kept.seen_parts.parts.clear()
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def made() -> list[str]:
    return []


def part(made: list[str], who: Officer, *facts: str) -> str:
    """A part of the page of an officer; `made` grows when it is not taken from what is kept."""

    def make() -> str:
        made.append(who.username)
        return f"for {who.username}"

    with acting_for(who):
        return kept.kept(sight(), "part", *facts, make=make)


def restricted(by: Officer) -> Case:
    case = build.case(officer("lin"))
    with acting_for(by):
        cases.restrict(by, case, at=NOON, ground=DUTY)
    return case


def test_what_two_see_alike_is_made_once(made: list[str]) -> None:
    assert part(made, officer("lin")) == part(made, officer("chen")) == "for lin"
    assert part(made, officer("lin"), "another fact") == "for lin"
    assert made == ["lin", "lin"]


def test_another_unit_never_gets_it(made: list[str]) -> None:
    for each in ("lin", "wu", "han"):
        assert part(made, officer(each)) == f"for {each}"
    assert made == ["lin", "wu", "han"]


def test_a_member_of_a_restricted_case_shares_with_nobody(made: list[str]) -> None:
    restricted(officer("liang"))
    for each in ("chen", "zhao", "lin", "liang"):
        part(made, officer(each))
    assert made == ["chen", "lin", "liang"]


def test_it_ends_with_the_next_act_of_anybody(made: list[str]) -> None:
    part(made, officer("lin"))
    build.case(officer("wu"))
    part(made, officer("lin"))
    assert made == ["lin", "lin"]


def test_whoever_has_just_written_sees_it_and_leaves_nothing(made: list[str]) -> None:
    lin = officer("lin")
    with acting_for(lin):
        cases.open_case(
            lin, fraud_type="AG", victim_name="何某", search_text="", at=NOON, ground=DUTY
        )
        assert sight() is None
        kept.kept(sight(), "part", make=lambda: "before the commit")
    assert part(made, lin) == "for lin"


def test_what_was_read_while_somebody_committed_is_not_kept(made: list[str]) -> None:
    lin = officer("lin")
    with acting_for(lin):
        before = sight()
    build.case(officer("wu"))
    with acting_for(lin):
        kept.kept(before, "part", make=lambda: "half old, half new")
    assert part(made, lin) == "for lin"
    assert kept.seen_parts.parts


def test_without_a_scope_there_is_no_sight() -> None:
    with pytest.raises(ScopeMissing):
        sight()


def test_no_more_is_kept_than_there_is_room_for() -> None:
    store = Store(most=3)
    for number in (1, 2, 3):
        store.put(number, number)
    store.get(1)
    store.put(4, 4)
    assert list(store.parts) == [3, 1, 4]


def desk(who: Officer) -> str:
    with acting_for(who):
        return duty.columns(who, NOON)


def case_list(who: Officer) -> str:
    return shown(browser(who).get("/cases/"))


@pytest.mark.parametrize("page", [desk, case_list])
def test_officers_of_different_scope_never_see_each_others_page(
    page: Callable[[Officer], str],
) -> None:
    case = restricted(officer("liang"))
    told = build.case(officer("lin"))
    for _ in range(2):
        assert told.number in page(officer("zhao"))
        assert case.number not in page(officer("zhao"))
        assert case.number in page(officer("liang"))
        assert told.number not in page(officer("wu"))


def test_clocks_run_on_without_a_commit() -> None:
    lin = officer("lin")
    build.bank()
    with acting_for(lin):
        take_report(lin, build.report(build.payment()), at=NOON, ground=DUTY)
    pages = []
    for seconds in (0, 1, kept.SECONDS):
        at = NOON + timedelta(seconds=seconds)
        with clock.held_at(at), acting_for(lin):
            pages.append(duty.columns(lin, at))
    assert pages[0] == pages[1] != pages[2]


@pytest.mark.parametrize("page", [desk, case_list])
def test_an_own_act_shows_at_once(page: Callable[[Officer], str]) -> None:
    lin, wu = officer("lin"), officer("wu")
    page(lin)
    own, other = build.case(lin), build.case(wu)
    assert own.number in page(lin)
    assert other.number in page(lin)


def test_a_desk_says_only_what_its_officer_may_do() -> None:
    lin = officer("lin")
    build.bank()
    with acting_for(lin):
        take_report(lin, build.report(build.payment()), at=NOON, ground=DUTY)
    pages: dict[str, Any] = {each: desk(officer(each)) for each in ("lin", "zhao", "liang")}
    pages |= {"zh": None}
    with translation.override("zh-hans"):
        pages["zh"] = desk(lin)
    assert len(set(pages.values())) == len(pages)
    assert "Get stop approved" in pages["lin"]
    assert "Approve stop" in pages["zhao"]
    assert "Approve query" not in pages["zhao"]
    assert {each: desk(officer(each)) for each in ("lin", "zhao", "liang")} == {
        each: pages[each] for each in ("lin", "zhao", "liang")
    }
