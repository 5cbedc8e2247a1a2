"""The hash of the input: the same for the same question, another for every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fanzha.tracing.engine import EndKind, Limits, Seeds, input_sha256
from tests.tracing.networks import movements_of, row

if TYPE_CHECKING:
    from tests.tracing.reference import Row

ROWS = [
    row("stolen", 1, "V", "A", 10, payee_balance=12),
    row("out", 2, "A", "", 7, channel="cash"),
    row("back", 3, "", "A", 2, reverses="out"),
]


def fingerprint(rows: list[Row] = ROWS, **more: Any) -> str:
    movements = movements_of(rows)
    return input_sha256(movements, Seeds.of(movements, [("stolen", "V")]), **more)


def test_plain_input_keeps_the_hash_that_it_had_in_the_first_release() -> None:
    assert fingerprint() == "b769eccd51dd5ca4ad5c8dc7fc01f9c5d2a03f8da312a0dce2a52bb35c121a3d"


@pytest.mark.parametrize(
    "more",
    [
        {"openings": {"A": 1}},
        {"known": {"A"}},
        {"gap_kinds": {"A": EndKind.NO_REPLY}},
        {"limits": Limits(max_hops=3)},
        {"backward": True},
        {"flow_rule": "lifo"},
    ],
)
def test_what_is_asked_is_part_of_it(more: dict[str, Any]) -> None:
    assert fingerprint(**more) != fingerprint()


@pytest.mark.parametrize("more", [{"limits": Limits()}, {"backward": False}, {"openings": {}}])
def test_what_is_not_asked_is_no_part_of_it(more: dict[str, Any]) -> None:
    assert fingerprint(**more) == fingerprint()


@pytest.mark.parametrize(
    "change",
    [
        {"time": 0},
        {"payee": "B"},
        {"fen": 11},
        {"payee_balance": None},
        {"payer_balance": 0},
        {"currency": "USD"},
        {"time_to": 2},
        {"width": 86_400},
    ],
)
def test_every_column_of_a_row_is_part_of_it(change: dict[str, Any]) -> None:
    assert fingerprint([ROWS[0]._replace(**change), *ROWS[1:]]) != fingerprint()


def test_a_second_time_that_is_the_first_adds_nothing() -> None:
    assert fingerprint([ROWS[0]._replace(time_to=1), *ROWS[1:]]) == fingerprint()
