from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.movements.duplicates import Told, mark_across
from tests.movements.build import A, B, at, line, read

if TYPE_CHECKING:
    from fanzha.movements.rules import Reading


def as_told(reading: Reading, name: str = "S1") -> list[Told]:
    return [
        Told(
            f"{name}:{row.row_no}",
            *(getattr(row, field) for field in Told._fields if field != "ref"),
        )
        for row in reading.kept
    ]


def refs(reading: Reading) -> list[str]:
    return [row.dup_of for row in reading.rows]


def test_two_equal_payments_in_one_file_are_two() -> None:
    reading = read(line(), line())
    assert refs(reading) == ["", ""]
    assert reading.sums["in"] == {"CNY": 20_000}


def test_a_repeated_serial_with_account_amount_and_time_counts_once() -> None:
    reading = read(line(serial_no="S12345"), line(serial_no="S12345"), line(serial_no="S12346"))
    assert refs(reading) == ["", ":2", ""]
    assert (reading.read, len(reading.kept), reading.duplicates) == (3, 2, 1)


def test_a_filler_is_no_serial() -> None:
    assert refs(read(line(serial_no="00000000"), line(serial_no="00000000"))) == ["", ""]


def test_one_serial_for_payments_that_differ_in_balance_or_counterparty_is_none() -> None:
    reading = read(
        line(serial_no="S12345", balance_fen="100"), line(serial_no="S12345", balance_fen="200"),
        line(serial_no="S12399", cp_account_no=A), line(serial_no="S12399", cp_account_no=B),
    )  # fmt: skip
    assert refs(reading) == [""] * 4
    assert ("serial_repeated", {"count": 2}) in [(f.kind, f.facts) for f in reading.findings]


def test_overlapping_files_count_once_and_repeated_payments_survive() -> None:
    first = read(line(), line(), line(txn_time=at(60)))
    second = read(line(), line(), line(), line(txn_time=at(60)), line(txn_time=at(90)))
    mark_across(second.rows, as_told(first), {})
    assert refs(second) == ["S1:2", "S1:3", "", "S1:4", ""]


def test_another_account_is_no_duplicate_unless_both_numbers_mean_one() -> None:
    first, second = read(line()), read(line(card_no="", account_no="990100000001"))
    mark_across(second.rows, as_told(first), {})
    assert refs(second) == [""]
    mark_across(second.rows, as_told(first), {"990100000001": A})
    assert refs(second) == ["S1:2"]


def test_a_coarser_time_in_the_other_file_is_the_same_time() -> None:
    first = read(line(txn_time=at(10)))
    for text, same in (("2026-03-18", True), ("2026-03-18 12:00", True), (at(11), False)):
        second = read(line(txn_time=text))
        mark_across(second.rows, as_told(first), {})
        assert refs(second) == ["S1:2" if same else ""]


def test_different_serials_or_balances_are_different_payments() -> None:
    first = read(line(serial_no="S12345", balance_fen="100"))
    for cells in ({"serial_no": "S12346"}, {"balance_fen": "200"}):
        second = read(line(**cells))
        mark_across(second.rows, as_told(first), {})
        assert refs(second) == [""]
