"""What rows say about themselves: marks, what a reversal takes back, what a balance tells."""

from __future__ import annotations

import pytest

from fanzha.movements import marks
from tests.movements.build import B, C, at, line, read


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        ({"summary": "转账"}, ()),
        ({"summary": "跨行转账手续费"}, ("fee",)),
        ({"txn_type": "结息"}, ("interest",)),
        ({"remark": "订单退款"}, ("refund",)),
        ({"summary": "冲正"}, ("reversal",)),
        ({"summary": "手续费冲正"}, ("reversal", "fee")),
    ],
)
def test_a_row_is_marked_by_its_words(cells: dict[str, str], kinds: tuple[str, ...]) -> None:
    (row,) = read(line(**cells)).rows
    assert marks.marks_of(row) == kinds


def test_a_reversal_is_linked_to_the_row_that_it_takes_back() -> None:
    rows = read(
        line(direction="出", cp_account_no=B),
        line(direction="出", cp_account_no=C, txn_time=at(5)),
        line(direction="出", amount_fen="7.00", txn_time=at(6)),
        line(direction="进", cp_account_no=B, txn_time=at(9), summary="退汇"),
    ).rows
    assert marks.reversals(rows) == {5: 2}


def test_an_original_is_taken_back_once_and_never_a_failed_or_later_row() -> None:
    rows = read(
        line(direction="出", success="失败"),
        line(direction="进", txn_time=at(1), summary="冲正"),
        line(direction="出", txn_time=at(2)),
        line(direction="进", txn_time=at(3), summary="冲正"),
        line(direction="进", txn_time=at(4), summary="冲正"),
    ).rows
    assert marks.reversals(rows) == {3: None, 5: 4, 6: None}


def test_a_reversal_with_a_minus_takes_back_a_row_of_its_own_direction() -> None:
    rows = read(
        line(direction="出"), line(direction="出", amount_fen="-100", txn_time=at(1), summary="冲正"),
        line(direction="进", amount_fen="3", txn_time=at(2)),
    ).rows  # fmt: skip
    assert marks.reversals(rows) == {3: 2}


def test_a_balance_tells_the_direction_and_the_row_stays_unknown() -> None:
    reading = read(
        line(balance_fen="100"),
        line(direction="O", amount_fen="30", balance_fen="70", txn_time=at(1)),
        line(direction="", amount_fen="5", balance_fen="75", txn_time=at(2)),
        line(direction="", amount_fen="9", balance_fen="80", txn_time=at(3)),
        line(direction="", amount_fen="9", txn_time=at(4)),
        line(direction="", amount_fen="9", balance_fen="98", txn_time=at(5)),
    )
    assert marks.inferred(reading.rows) == {3: "out", 4: "in"}
    assert marks.inferred_sums(reading.rows) == {"in": {"CNY": 500}, "out": {"CNY": 3_000}}
    assert reading.sums["unknown"] == {"CNY": 6_200}
    assert {row.direction for row in reading.rows[1:]} == {"unknown"}


def test_a_failed_row_moves_nothing_in_the_balance_either() -> None:
    reading = read(
        line(balance_fen="100"),
        line(amount_fen="50", success="失败", balance_fen="100", txn_time=at(1)),
        line(direction="", amount_fen="40", balance_fen="60", txn_time=at(2)),
    )
    assert marks.inferred(reading.rows) == {4: "out"}
    assert reading.account_checks()[0]["breaks"] == 0
