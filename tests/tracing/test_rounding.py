"""Shares become whole fen: floor, the spare fen to the largest remainders, ties to the earlier."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.tracing.engine.rounding import apportion, in_proportion
from tests.tracing.reference import rounded

weights = st.lists(st.integers(0, 10**20), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("total", "parts", "fens"),
    [
        (10, (1, 1, 1), [4, 3, 3]),
        (8_000_000, (10_000_000, 5_000_000, 3_000_000), [4_444_445, 2_222_222, 1_333_333]),
        (1, (1, 1), [1, 0]),
        (0, (3, 4), [0, 0]),
        (5, (0, 7), [0, 5]),
    ],
)
def test_the_largest_remainder_gets_the_spare_fen(
    total: int, parts: tuple[int, ...], fens: list[int]
) -> None:
    assert in_proportion(total, parts) == fens


@given(st.integers(0, 10**20), weights)
def test_shares_sum_to_the_total_and_are_those_of_the_reference(
    total: int, weights: list[int]
) -> None:
    exact = {at: Fraction(total * each, sum(weights)) for at, each in enumerate(weights)}
    assert in_proportion(total, weights) == list(rounded(exact).values())


def test_remainders_that_differ_by_a_hair_are_told_apart() -> None:
    unit = 3 * 2**200
    parts = [unit // 3, unit // 3 + 1, unit - 2 * (unit // 3) - 1]
    assert apportion(1, parts, [unit] * 3) == [0, 1, 0]


def test_shares_over_different_units_are_compared_as_fractions() -> None:
    assert apportion(2, [1, 3, 5], [2, 4, 6]) == [0, 1, 1]
    assert apportion(1, [1, 2], [2, 4]) == [1, 0]


@pytest.mark.parametrize(("total", "fens"), [(20, [5, 15]), (9, [1, 8]), (5, [0, 5])])
def test_where_floats_miss_the_sum_the_largest_share_bears_it(total: int, fens: list[int]) -> None:
    given = {20: [5.0, 7.0], 9: [1.0, 12.0], 5: [0.0, 9.0]}[total]
    assert apportion(total, given, [1.0, 1.0]) == fens
