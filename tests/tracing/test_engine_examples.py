"""Worked examples with known answers, and each rule of the line on a network small enough to read.

T numbers are those of the tracing page. V pays the first accounts; W is somebody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fanzha.tracing.engine import (
    EndKind,
    InputError,
    Movement,
    Movements,
    Seeds,
    fates,
    tiers,
    trace,
)
from tests.tracing.networks import ends_of, movements_of, row, shares_of, traced

if TYPE_CHECKING:
    from fanzha.tracing.engine import Trace
    from tests.tracing.reference import Row

STOLEN = {"stolen": "V"}


def stolen_on(result: Trace, name: str) -> int:
    return sum(shares_of(result).get(name, {}).values())


def test_t1_the_oldest_money_leaves_first() -> None:
    rows = [
        row("stolen", 1, "V", "A", 3),
        row("own", 2, "W", "A", 7),
        row("out1", 3, "A", "B", 3),
        row("out2", 4, "A", "C", 7),
    ]
    result = traced(rows, STOLEN)
    assert (stolen_on(result, "out1"), stolen_on(result, "out2")) == (3, 0)


def test_t1_variant_money_between_own_money() -> None:
    rows = [
        row("own1", 1, "W", "A", 2),
        row("stolen", 2, "V", "A", 3),
        row("own2", 3, "W", "A", 5),
        row("out1", 4, "A", "B", 4),
        row("out2", 5, "A", "C", 6),
    ]
    result = traced(rows, STOLEN)
    assert (stolen_on(result, "out1"), stolen_on(result, "out2")) == (2, 1)


def test_t4_a_loop_makes_no_money() -> None:
    rows = [
        row("stolen", 1, "V", "A", 100_000),
        row("there", 2, "A", "B", 60_000),
        row("back", 3, "B", "A", 60_000),
    ]
    assert ends_of(traced(rows, STOLEN)) == {("A", "held", "V"): 100_000}


@pytest.mark.parametrize(("stolen", "clean", "carried"), [(1, 2, 20), (2, 1, 0)])
def test_t5_one_pot_of_stolen_and_clean(stolen: int, clean: int, carried: int) -> None:
    rows = [
        row("stolen", stolen, "V", "A", 20),
        row("clean", clean, "W", "A", 30),
        row("out", 3, "A", "B", 25),
    ]
    assert stolen_on(traced(rows, STOLEN), "out") == carried


def test_t7_each_outflow_takes_what_came_first() -> None:
    rows = [
        row("five", 1000, "P", "A", 5),
        row("three", 1005, "Q", "A", 3),
        row("first", 1010, "A", "X", 4),
        row("two", 1015, "R", "A", 2),
        row("second", 1020, "A", "Y", 6),
    ]
    shares = shares_of(traced(rows, {"five": "five", "three": "three", "two": "two"}))
    assert shares["first"] == {"five": 4}
    assert shares["second"] == {"five": 1, "three": 3, "two": 2}


def test_t15_the_first_depositor_loses() -> None:
    rows = [
        row("p", 1, "P", "A", 100),
        row("l", 2, "L", "A", 100),
        row("out", 3, "A", "", 100, channel="cash"),
    ]
    result = traced(rows, {"p": "P", "l": "L"})
    assert ends_of(result) == {("A", "cash", "P"): 100, ("A", "held", "L"): 100}


def test_t20_the_timestamp_reading_of_the_ladder() -> None:
    rows = [
        row("a", 1000, "V1", "M", 10_000_000),
        row("b", 1005, "V2", "M", 5_000_000),
        row("out", 1006, "M", "", 10_000_000),
        row("c", 1010, "V3", "M", 3_000_000),
    ]
    held = {
        claim: fen
        for (_, kind, claim), fen in ends_of(traced(rows, {"a": "A", "b": "B", "c": "C"})).items()
        if kind == "held"
    }
    assert held == {"B": 5_000_000, "C": 3_000_000}


def test_an_opening_balance_leaves_before_what_comes_in() -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("out", 2, "A", "B", 10)]
    result = traced(rows, STOLEN, openings={"A": 4})
    assert ends_of(result) == {("A", "held", "V"): 4, ("B", "held", "V"): 6}


def test_later_money_that_fills_an_overdraft_goes_no_further() -> None:
    rows = [
        row("short", 1, "A", "B", 30),
        row("stolen", 2, "V", "A", 100),
        row("out", 3, "A", "C", 20),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {
        ("A", "overdraft", "V"): 30,
        ("C", "held", "V"): 20,
        ("A", "held", "V"): 50,
    }
    assert [(note.kind, note.fen) for note in result.notes] == [("overdraft", 30)]


def test_a_stated_balance_proves_missing_money_just_before_the_short_outflow() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("short", 2, "A", "B", 30, payer_balance=0),
        row("again", 3, "V2", "A", 5),
    ]
    result = traced(rows, {"stolen": "V", "again": "V2"})
    assert ends_of(result) == {("B", "held", "V"): 10, ("A", "held", "V2"): 5}
    assert ("missing", 20) in [(note.kind, note.fen) for note in result.notes]


def test_a_negative_stated_balance_leaves_that_much_overdrawn() -> None:
    rows = [
        row("short", 1, "A", "B", 30, payer_balance=-10),
        row("stolen", 2, "V", "A", 25, payee_balance=15),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("A", "overdraft", "V"): 10, ("A", "held", "V"): 15}
    assert {(note.kind, note.fen) for note in result.notes} == {("missing", 20), ("overdraft", 10)}


def test_a_disagreeing_balance_is_a_finding_and_changes_nothing() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10, payee_balance=50),
        row("out", 2, "A", "B", 4, payer_balance=46),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("B", "held", "V"): 4, ("A", "held", "V"): 6}
    assert [(n.kind, n.account, n.fen) for n in result.notes] == [("balance_disagrees", "A", 40)]


def test_a_transfer_to_itself_moves_nothing() -> None:
    rows = [
        row("own", 1, "W", "A", 5),
        row("stolen", 2, "V", "A", 10),
        row("self", 3, "A", "A", 5),
        row("out", 4, "A", "B", 5),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("A", "held", "V"): 10}


def test_money_that_leaves_in_the_same_second_before_it_came_is_not_carried() -> None:
    rows = [row("out", 1, "A", "B", 10), row("stolen", 1, "V", "A", 10)]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("A", "overdraft", "V"): 10}
    assert "same_time" in [note.kind for note in result.notes]


def test_money_paid_back_into_a_victims_payment_ends_there() -> None:
    rows = [
        row("first", 1, "V", "A", 10),
        row("lure", 2, "A", "V", 4),
        row("second", 3, "V", "B", 6),
    ]
    result = traced(rows, {"first": "V", "second": "V"}, openings={"V": 10})
    assert ends_of(result) == {
        ("A", "held", "V"): 6,
        ("V", "returned_to_victim", "V"): 4,
        ("B", "held", "V"): 6,
    }
    assert shares_of(result)["second"] == {"V": 6}


def test_a_reversal_takes_the_originals_money_and_puts_it_in_front() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("own", 2, "W", "A", 10),
        row("sent", 3, "A", "B", 10),
        row("before", 0, "W", "B", 7),
        row("undone", 4, "B", "A", 10, reverses="sent"),
        row("out", 5, "A", "C", 5),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("C", "held", "V"): 5, ("A", "held", "V"): 5}
    assert not result.notes


def test_what_a_reversal_no_longer_finds_comes_by_the_rule_and_is_noted() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("sent", 2, "A", "B", 10),
        row("passed", 3, "B", "C", 6),
        row("other", 4, "V2", "B", 6),
        row("undone", 5, "B", "A", 10, reverses="sent"),
    ]
    result = traced(rows, {"stolen": "V", "other": "V2"})
    assert shares_of(result)["undone"] == {"V": 4, "V2": 6}
    assert [(note.kind, note.fen) for note in result.notes] == [("reversal_short", 6)]


def test_a_reversed_exit_brings_its_own_money_back() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("shop", 2, "A", "", 10, channel="merchant"),
        row("refund", 3, "", "A", 4, reverses="shop"),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("A", "merchant", "V"): 6, ("A", "held", "V"): 4}


def test_a_row_in_another_currency_is_an_exit() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("abroad", 2, "A", "B", 6, currency="USD"),
        row("onward", 3, "B", "C", 6),
    ]
    result = traced(rows, STOLEN)
    assert ends_of(result) == {("A", "currency_exchange", "V"): 6, ("A", "held", "V"): 4}
    assert [(note.kind, note.fen) for note in result.notes] == [("currency_exchange", 6)]


def test_money_in_another_currency_pays_for_itself_first() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("dollars", 2, "W", "A", 6, currency="USD"),
        row("abroad", 3, "A", "B", 6, currency="USD"),
    ]
    assert ends_of(traced(rows, STOLEN)) == {("A", "held", "V"): 10}


def test_accounts_outside_the_known_ones_are_never_followed() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("out", 2, "A", "B", 6),
        row("seen", 3, "B", "C", 6),
    ]
    result = traced(rows, STOLEN, known={"A", "C"})
    assert ends_of(result) == {("A", "held", "V"): 4, ("B", "not_queried", "V"): 6}


def test_a_gap_ends_with_its_own_kind() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("out1", 2, "A", "B", 6),
        row("out2", 3, "A", "C", 4),
    ]
    gaps = {"B": EndKind.NO_REPLY, "C": EndKind.REFUSED}
    result = traced(rows, STOLEN, known={"A"}, gap_kinds=gaps)
    assert ends_of(result) == {("B", "no_reply", "V"): 6, ("C", "refused", "V"): 4}


@pytest.mark.parametrize(
    "channel", ["cash", "merchant", "payment_institution", "crypto_otc", "fee", "unknown"]
)
def test_each_exit_ends_by_its_name(channel: str) -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("out", 2, "A", "", 10, channel=channel)]
    assert ends_of(traced(rows, STOLEN)) == {("A", channel, "V"): 10}


def test_an_exit_without_a_name_is_unknown() -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("out", 2, "A", "", 10)]
    assert ends_of(traced(rows, STOLEN)) == {("A", "unknown", "V"): 10}


def test_a_payment_handed_over_in_cash_ends_at_once() -> None:
    rows = [row("stolen", 1, "V", "", 10, channel="cash")]
    assert ends_of(traced(rows, STOLEN)) == {("V", "cash", "V"): 10}


def test_amounts_beyond_64_bits_in_sum_stay_exact() -> None:
    large = 2**62
    rows = [row(f"s{n}", n, f"V{n}", "A", large) for n in range(5)]
    rows.append(row("out", 9, "A", "B", large))
    result = traced(rows, {f"s{n}": "V" for n in range(5)})
    assert ends_of(result) == {("A", "held", "V"): 4 * large, ("B", "held", "V"): large}


def test_fates_and_tiers_of_a_small_network() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("out", 2, "A", "B", 7),
        row("cash", 3, "B", "", 5, channel="cash"),
    ]
    result = traced(rows, STOLEN)
    by_id = {result.movements.ids[at]: dict(ends) for at, ends in fates(result).items()}
    assert by_id == {
        "stolen": {("A", "held"): 3, ("B", "held"): 2, ("B", "cash"): 5},
        "out": {("B", "held"): 2, ("B", "cash"): 5},
        "cash": {("B", "cash"): 5},
    }
    assert tiers(result) == {"A": 1, "B": 2}


def test_no_payments_give_an_empty_result() -> None:
    result = traced([row("x", 1, "A", "B", 10)], {})
    assert (result.ends, result.pieces, result.seeded_fen) == ((), (), 0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("x", 1, "A", "B", 1), row("x", 2, "A", "B", 1)], "stands twice"),
        ([row("x", 1, "A", "B", -1)], "negative"),
        ([row("x", 1, "", "", 1)], "accounts are empty"),
        ([row("x", 1, "A", "", 1, channel="pigeon")], "no exit"),
        ([row("x", 1, "A", "B", 1, reverses="y")], "no movement"),
        ([row("x", 1, "A", "B", 1), row("y", 2, "A", "B", 1, reverses="x")], "run back"),
        ([row("x", 1, "A", "B", 1), row("y", 0, "B", "A", 1, reverses="x")], "before"),
    ],
)
def test_impossible_rows_are_refused(rows: list[Row], words: str) -> None:
    with pytest.raises(InputError, match=words):
        Movements.build(Movement(*r) for r in rows)


@pytest.mark.parametrize(
    ("payments", "words"),
    [
        ([("nobody", "V")], "no movement"),
        ([("x", "V"), ("x", "V")], "stands twice"),
        ([("self", "V")], "own account"),
        ([("x", "V"), ("usd", "V")], "several currencies"),
    ],
)
def test_impossible_payments_are_refused(payments: list[tuple[str, str]], words: str) -> None:
    movements = movements_of(
        [
            row("x", 1, "A", "B", 1),
            row("self", 2, "A", "A", 1),
            row("usd", 3, "A", "B", 1, currency="USD"),
        ]
    )
    with pytest.raises(InputError, match=words):
        Seeds.of(movements, payments)


def test_a_rule_that_does_not_exist_is_refused() -> None:
    movements = movements_of([row("x", 1, "A", "B", 1)])
    with pytest.raises(InputError, match="no rule"):
        trace(movements, Seeds.of(movements, [("x", "x")]), rule="guess")
