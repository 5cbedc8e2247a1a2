"""A page of the fund flow joins and traces a case again only when something of it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from fanzha.desk.flow import inputs, result
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from fanzha.movements import gathered, keeping, queries
from tests.build import OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import browser
from tests.desk.test_flow import case, data, minutes, noon_in_english, row_of, statement
from tests.movements.build import line, table

if TYPE_CHECKING:
    from types import ModuleType

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was joined, traced and hashed since."""
    done: list[str] = []

    def note(package: ModuleType, function: str, name: str) -> None:
        real = getattr(package, function)

        def call(*given: object, **named: object) -> object:
            done.append(name)
            return real(*given, **named)

        monkeypatch.setattr(package, function, call)

    note(queries, "join_told", "joined")
    note(result, "follow", "traced")
    note(result, "input_sha256", "hashed")
    return done


def second_statement(case: Case, by: Officer) -> None:
    rows = [
        line(card_no=OTHER_MULE, holder_name="钱某", txn_time=minutes(-20), amount_fen="300000.00",
             direction="进", balance_fen="300000.00"),
        line(card_no=OTHER_MULE, holder_name="钱某", txn_time=minutes(-9), amount_fen="1000.00",
             direction="出", summary="ATM取现", balance_fen="299000.00"),
    ]  # fmt: skip
    with acting_for(by):
        movements.import_statement(
            by, table(*rows).encode(), file_name="other.csv", case_id=case.pk, at=NOON, ground=DUTY
        )


def test_a_page_seen_again_is_neither_joined_nor_traced_again(
    lin: Officer, chen: Officer, case: Case, work: list[str]
) -> None:
    statement(case, chen)
    address = reverse("desk:flow", args=[case.number])
    first = browser(lin).get(address).content
    work.clear()
    again = browser(lin).get(address)
    assert again.status_code == 200
    assert first.count(b"<path") == again.content.count(b"<path") > 0
    assert work == []


def test_what_came_since_is_in_the_next_page(
    lin: Officer, chen: Officer, case: Case, work: list[str]
) -> None:
    statement(case, chen)
    before = data(lin, case)
    work.clear()
    second_statement(case, chen)
    after = data(lin, case)
    assert work == ["joined", "traced", "hashed"]
    assert after["input_sha256"] != before["input_sha256"]
    assert row_of(after, OTHER_MULE[-4:]) != row_of(before, OTHER_MULE[-4:])


def test_another_rule_is_traced_from_the_same_rows(
    lin: Officer, chen: Officer, case: Case, work: list[str]
) -> None:
    statement(case, chen)
    data(lin, case)
    work.clear()
    address = reverse("desk:flow", args=[case.number])
    assert browser(lin).get(address, {"rule": "lifo"}).status_code == 200
    assert work == ["traced"]


def test_a_process_that_never_saw_the_case_neither_joins_nor_traces_it(
    lin: Officer, chen: Officer, case: Case, work: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "LEAST_ROWS", 1)
    statement(case, chen)
    before = data(lin, case)
    forget()
    work.clear()
    assert data(lin, case) == before
    assert work == []
    second_statement(case, chen)
    forget()
    assert data(lin, case) != before
    assert work == ["joined", "traced", "hashed"]


def test_a_new_state_is_traced_before_it_is_offered(
    lin: Officer, chen: Officer, case: Case, work: list[str]
) -> None:
    statement(case, chen)
    seen = data(lin, case)["seen"]
    second_statement(case, chen)
    work.clear()
    address = reverse("desk:flow_news", args=[case.number])
    assert b"data-refresh" in browser(lin).get(address, {"seen": seen}).content
    assert work == ["joined", "traced"]
    work.clear()
    assert browser(lin).get(reverse("desk:flow", args=[case.number])).status_code == 200
    assert work == ["hashed"]


def forget() -> None:
    """As a process that was just started."""
    for store in (gathered.recent, inputs._rows, result._traces, result._digests):
        store.parts.clear()
