"""The fund flow under another rule: the same fen in other places, and nothing drafted from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.desk.flow.aim import RULES, Aim
from fanzha.desk.flow.fates import Fate
from fanzha.identity.acting import acting_for
from fanzha.movements import actions as movements
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import HTMX, browser, shown
from tests.desk.net import picture, traced
from tests.desk.test_flow import VICTIM, case, data, minutes, noon_in_english, row_of, statement
from tests.movements.build import line, table

if TYPE_CHECKING:
    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

__all__ = ["case", "noon_in_english"]


def test_an_address_says_what_is_asked_and_nothing_else() -> None:
    assert Aim.of({}).query == ""
    asked = {"rule": "lifo", "victim": "ab12", "least": "500", "hours": "24", "all": "1"}
    aim = Aim.of(asked)
    assert aim.query == "?rule=lifo&victim=ab12&least=500&hours=24&all=1"
    assert (aim.limits.min_amount_fen, aim.limits.hop_window) == (50_000, 86_400)
    wrong = {"rule": "poison", "victim": "<x>", "least": "501", "hours": "-2", "all": "yes"}
    assert Aim.of(wrong) == Aim()


@pytest.mark.parametrize("rule", RULES)
def test_under_every_rule_the_picture_holds_what_was_paid(rule: str) -> None:
    found = traced(rule=rule)
    drawn = picture(found)
    assert sum(drawn.figures[fate] for fate in Fate) == 170_000
    for node in drawn.nodes:
        assert sum(parts.total() for parts in node.ended.values()) in {0, node.here_fen}
        came = sum(e.fen for e in drawn.edges if e.target == node.id)
        went = sum(e.fen for e in drawn.edges if e.source == node.id)
        if node.kind != "victim":
            # A mixture is rounded row by row: a fen for each row at most.
            rows = len(node.in_rows | node.out_rows) if found.mixed else 0
            assert abs(came - went - node.here_fen) <= rows


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=40), st.integers(3, 30))
def test_shown_and_grouped_are_all_accounts(sums: list[int], most: int) -> None:
    rows = [("p1", 0, "V", "A", sum(sums), "")]
    rows += [(f"m{n}", n, "A", f"L{n}", fen, "") for n, fen in enumerate(sums, 1)]
    drawn = picture(traced(rows, ("p1",)), victims={"p1": "v"}, until=None, most=most)
    assert sum(node.accounts for node in drawn.nodes) == len(sums) + 1
    assert sum(n.received_fen for n in drawn.nodes if n.column == 2) == sum(sums)


def test_the_rule_switch_moves_money_but_not_its_sum(
    lin: Officer, chen: Officer, case: Case
) -> None:
    statement(case, chen)
    house = data(lin, case)
    address = reverse("desk:flow_data", args=[case.number])
    for rule in RULES:
        found = browser(lin).get(address, {"rule": rule}).json()
        assert found["rule"] == rule
        assert found["figures"]["paid"] == house["figures"]["paid"]
        assert row_of(found, MULE[-4:])["received_fen"] == 48_230_000


def test_limits_cut_and_say_what_they_cut(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    page = browser(lin).get(reverse("desk:flow", args=[case.number]), {"hours": "2"})
    assert "Back to the rule" in shown(page)
    cut = browser(lin).get(reverse("desk:flow_data", args=[case.number]), {"least": "50000"}).json()
    assert cut["figures"]["paid"] == 48_230_000
    assert row_of(cut, OTHER_MULE[-4:])["received_fen"] == 30_000_000


def test_nothing_is_drafted_from_another_rule(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    node = row_of(data(lin, case), OTHER_MULE[-4:])["node"]
    address = reverse("desk:flow_drawer", args=[case.number, node])
    own = shown(browser(lin).get(address, headers=HTMX))
    other = shown(browser(lin).get(address, {"rule": "lifo"}, headers=HTMX))
    assert "rest on first in" not in own
    assert "rest on first in" in other
    assert 'name="kind"' not in other


def test_all_rules_stand_side_by_side(lin: Officer, chen: Officer, case: Case) -> None:
    statement(case, chen)
    address = reverse("desk:flow_rules", args=[case.number])
    page = shown(browser(lin).get(address, headers=HTMX))
    assert page.count('scope="row"') == 9
    assert "100,300.00" in page
    assert "Fund flow" in shown(browser(lin).get(address))


def test_what_depends_on_the_order_within_a_second_is_a_range(
    lin: Officer, chen: Officer, case: Case
) -> None:
    at = minutes(-20)
    rows = [
        line(card_no=MULE, txn_time=minutes(-30), amount_fen="482300.00",
             cp_account_no=VICTIM, balance_fen=""),
        line(card_no=MULE, txn_time=at, amount_fen="482300.00", direction="出",
             cp_account_no=OTHER_MULE, balance_fen=""),
        line(card_no=MULE, txn_time=at, amount_fen="500000.00", direction="出",
             summary="ATM取现", balance_fen=""),
        line(card_no=MULE, txn_time=at, amount_fen="500000.00",
             cp_account_no="6299020000000000077", balance_fen=""),
        line(card_no=OTHER_MULE, txn_time=minutes(-19), amount_fen="1.00",
             cp_account_no="6299020000000000078", balance_fen=""),
    ]  # fmt: skip
    with acting_for(chen):
        movements.import_statement(
            chen, table(*rows).encode(), file_name="b.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
    node = row_of(data(lin, case), OTHER_MULE[-4:])["node"]
    address = reverse("desk:flow_drawer", args=[case.number, node])
    assert "<dt>Range</dt>" in shown(browser(lin).get(address, headers=HTMX))
