"""The engine and the reference agree on every figure, row for row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from fanzha.tracing.engine import FLOW_RULES, REACH, RULE_VERSIONS, VALUATIONS
from tests.tracing.agreement import (
    backward_differences,
    differences,
    fate_differences,
    few,
    range_differences,
    reach_differences,
    value_differences,
)
from tests.tracing.networks import FEATURES, ONE_TIME, PLAIN, UNSTATED, networks
from tests.tracing.reference import Replay, Rule, backward_ends

if TYPE_CHECKING:
    from tests.tracing.reference import Case

many = settings(few, max_examples=250)


def test_every_rule_of_the_engine_has_its_place_in_the_reference() -> None:
    assert list(FLOW_RULES) == [rule.value for rule in Rule]
    assert set(RULE_VERSIONS) == {*FLOW_RULES, *VALUATIONS, REACH}


@pytest.mark.parametrize("rule", Rule)
@many
@given(networks())
def test_every_piece_and_end_agrees_on_networks_with_everything(rule: Rule, case: Case) -> None:
    assert not differences(case, rule)


@pytest.mark.parametrize("rule", Rule)
@many
@given(networks(PLAIN))
def test_every_piece_and_end_agrees_on_plain_transfers(rule: Rule, case: Case) -> None:
    assert not differences(case, rule)


@pytest.mark.parametrize("rule", [Rule.FIFO, Rule.LIFO, Rule.OWN_FIRST])
@few
@given(networks())
def test_what_became_of_every_rows_money_agrees(rule: Rule, case: Case) -> None:
    assert not fate_differences(case, rule)


@few
@given(networks(FEATURES - {"reversals"}))
def test_what_became_of_mixed_money_agrees(case: Case) -> None:
    assert not fate_differences(case, Rule.ROLLING_PRO_RATA)


@pytest.mark.parametrize("rule", [Rule.FIFO, Rule.LIFO])
@many
@given(networks(most_rows=14))
def test_backward_ends_agree(rule: Rule, case: Case) -> None:
    limits = replace(case.limits, max_transfers=None)
    assert not backward_differences(replace(case, limits=limits), rule)


@pytest.mark.parametrize("rule", [Rule.FIFO, Rule.LIFO])
@many
@given(networks(most_rows=14))
def test_lots_and_single_coins_give_the_same_ends(rule: Rule, case: Case) -> None:
    case = replace(case, limits=replace(case.limits, max_transfers=None))
    assert Replay(case, rule).ends == backward_ends(case, rule, backward=False)


@pytest.mark.parametrize("flow_rule", Rule)
@pytest.mark.parametrize("valuation", sorted({*VALUATIONS} - {"timestamp_ladder"}))
@few
@given(networks())
def test_every_share_agrees(valuation: str, flow_rule: Rule, case: Case) -> None:
    assert not value_differences(case, valuation, flow_rule)


@few
@given(networks(ONE_TIME, most_rows=5))
def test_the_ladder_agrees_with_every_order_tried(case: Case) -> None:
    assert not value_differences(case, "timestamp_ladder", Rule.FIFO)


@pytest.mark.parametrize("rule", Rule)
@few
@given(networks(ONE_TIME, most_rows=5))
def test_the_least_and_most_over_all_orders_agree(rule: Rule, case: Case) -> None:
    assert not range_differences(case, rule)


@pytest.mark.parametrize("rule", Rule)
@few
@given(networks(UNSTATED, most_rows=4))
def test_no_order_of_second_times_leads_outside_a_range(rule: Rule, case: Case) -> None:
    assert not range_differences(case, rule)


@many
@given(networks())
def test_the_reach_of_poison_agrees(case: Case) -> None:
    assert not reach_differences(case)
