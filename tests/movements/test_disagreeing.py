"""Statements of one account that disagree about a time that both cover."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fanzha.movements.disagreeing import disagreements
from tests.movements.build import NOON, A

LAYOUTS = {"S1": "bank_34", "S2": "bank_34"}


def row(statement: str, number: int, minute: int, **facts: Any) -> dict[str, Any]:
    return {
        "statement": statement, "row_no": number, "own_key": A, "success": "done", "dup_of": "",
        "txn_time": NOON + timedelta(minutes=minute),
    } | facts  # fmt: skip


def again(number: int, minute: int) -> dict[str, Any]:
    return row("S2", number, minute, dup_of=f"S1:{number}")


FIRST = [row("S1", number, number) for number in (1, 2, 3, 4)]


def test_statements_that_tell_the_same_where_they_overlap_agree() -> None:
    assert disagreements([*FIRST, again(3, 3), again(4, 4), row("S2", 9, 9)], LAYOUTS) == ()


def test_what_one_leaves_out_and_what_it_adds_is_counted() -> None:
    told = [*FIRST, again(1, 1), row("S2", 7, 2), again(4, 4)]
    (found,) = disagreements(told, LAYOUTS)
    assert (found.account, found.one, found.other) == (A, "S1", "S2")
    assert (found.only_one, found.only_other) == (2, 1)
    assert (found.first, found.last) == (FIRST[0]["txn_time"], FIRST[3]["txn_time"])


def test_times_that_only_one_covers_are_no_disagreement() -> None:
    assert disagreements([*FIRST, row("S2", 1, 5), row("S2", 2, 6)], LAYOUTS) == ()


def test_what_failed_and_what_a_file_tells_twice_does_not_count() -> None:
    failed = row("S1", 5, 2, success="failed")
    twice = row("S2", 6, 4, dup_of=":4")
    told = [*FIRST, failed, again(1, 1), again(2, 2), again(3, 3), again(4, 4)]
    assert disagreements(told, LAYOUTS) == ()
    own = [*FIRST, again(1, 1), row("S2", 4, 4), twice]
    (found,) = disagreements(own, LAYOUTS)
    assert (found.only_one, found.only_other) == (3, 1)
