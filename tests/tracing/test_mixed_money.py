"""Mixed money: exact while there are few transfers, then in floating point with a stated bound."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.tracing.engine import account_ends, fates, row_shares, tiers
from fanzha.tracing.engine import pro_rata as rules
from tests.tracing.agreement import engine, few
from tests.tracing.networks import ends_of, networks, row, traced

if TYPE_CHECKING:
    from tests.tracing.reference import Case, Row

STOLEN = {"stolen": "V"}


@few
@given(networks())
def test_floating_point_stays_within_its_stated_bound(case: Case) -> None:
    exact = engine(case, "rolling_pro_rata")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "EXACT_TRANSFERS", 0)
        floats = engine(case, "rolling_pro_rata")
    bound = floats.exactness.largest_deviation_fen
    one, other = ends_of(exact), ends_of(floats)
    assert max((abs(one.get(k, 0) - other.get(k, 0)) for k in {*one, *other}), default=0) <= bound
    if any(piece.hop for piece in exact.pieces):
        assert (exact.exactness.kind, floats.exactness.kind) == ("exact", "bounded")


def busy(rows: int, chance: Random) -> list[Row]:
    """Make a few accounts that send each other money all day."""
    found = [row("stolen", 0, "V", "A0", 10**15)]
    for at in range(1, rows):
        payer, payee = chance.sample(range(6), 2)
        found.append(row(f"r{at}", at, f"A{payer}", f"A{payee}", chance.randrange(1, 10**12)))
    return found


@pytest.mark.parametrize(("rows", "kind"), [(1_500, "exact"), (2_600, "bounded")])
def test_above_two_thousand_transfers_the_result_is_labelled(rows: int, kind: str) -> None:
    result = traced(
        busy(rows, Random(1)),
        STOLEN,
        rule="rolling_pro_rata",
        openings={f"A{n}": 10**15 for n in range(6)},
    )
    assert result.exactness.kind == kind
    assert (result.exactness.largest_deviation_fen > 0) is (kind == "bounded")
    assert sum(end.fen for end in result.ends) == 10**15
    for share in row_shares(result):
        assert share.fen <= result.movements.amount_fen[share.row]


def test_long_chains_of_exact_shares_agree_with_floating_point() -> None:
    rows, openings = busy(800, Random(2)), {f"A{n}": 10**15 for n in range(6)}
    exact = traced(rows, STOLEN, rule="rolling_pro_rata", openings=openings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "EXACT_TRANSFERS", 0)
        floats = traced(rows, STOLEN, rule="rolling_pro_rata", openings=openings)
    deviation = floats.exactness.largest_deviation_fen
    for one, other in zip(account_ends(exact), account_ends(floats), strict=True):
        assert (one.account, one.kind) == (other.account, other.kind)
        assert abs(one.fen - other.fen) <= deviation


@few
@given(st.integers(0, 2**32), st.integers(2, 9))
def test_scaling_all_amounts_scales_every_share_before_rounding(number: int, factor: int) -> None:
    rows = busy(30, Random(number))
    large = [each._replace(fen=each.fen * factor) for each in rows]
    one = traced(rows, STOLEN, rule="rolling_pro_rata")
    other = traced(large, STOLEN, rule="rolling_pro_rata")
    assert {(e.account, e.kind) for e in one.ends} <= {(e.account, e.kind) for e in other.ends}
    for (account, kind, _), fen in ends_of(one).items():
        assert abs(ends_of(other)[account, kind, "V"] - fen * factor) <= factor


def test_a_tier_is_the_fewest_hops_of_what_is_there_now() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("straight", 2, "A", "B", 4),
        row("away", 3, "B", "C", 4),
        row("around", 4, "A", "D", 6),
        row("around2", 5, "D", "E", 6),
        row("back", 6, "E", "B", 6),
        row("late", 7, "B", "F", 6),
    ]
    result = traced(rows, STOLEN, rule="rolling_pro_rata")
    assert tiers(result) == {"A": 1, "B": 2, "C": 3, "D": 2, "E": 3, "F": 5}


def test_the_fates_of_mixed_money_follow_its_fractions() -> None:
    rows = [
        row("stolen", 1, "V", "A", 100),
        row("own", 2, "W", "A", 100),
        row("out", 3, "A", "B", 50),
        row("cash", 4, "B", "", 20, channel="cash"),
    ]
    result = traced(rows, STOLEN, rule="rolling_pro_rata")
    by_id = {result.movements.ids[at]: dict(parts) for at, parts in fates(result).items()}
    assert by_id["stolen"] == {("A", "held"): 75, ("B", "held"): 15, ("B", "cash"): 10}
    assert by_id["out"] == {("B", "held"): 15, ("B", "cash"): 10}


def test_a_payment_and_what_it_took_from_its_payer_have_fates_of_their_own() -> None:
    rows = [row("first", 1, "A", "B", 29), row("second", 2, "B", "C", 10)]
    result = traced(rows, {"first": "V", "second": "W"}, rule="rolling_pro_rata")
    by_id = {result.movements.ids[at]: dict(parts) for at, parts in fates(result).items()}
    assert by_id["first"] == {("B", "held"): 19, ("B", "returned_to_victim"): 10}
    assert by_id["second"] == {("C", "held"): 10}


def test_what_a_reversal_brings_back_from_an_exit_has_its_later_fate() -> None:
    rows = [
        row("stolen", 1, "V", "A", 100),
        row("shop", 2, "A", "", 100, channel="merchant"),
        row("refund", 3, "", "A", 40, reverses="shop"),
        row("out", 4, "A", "B", 10),
    ]
    result = traced(rows, STOLEN, rule="rolling_pro_rata")
    by_id = {result.movements.ids[at]: dict(parts) for at, parts in fates(result).items()}
    ends = {("A", "merchant"): 60, ("A", "held"): 30, ("B", "held"): 10}
    assert by_id["stolen"] == by_id["shop"] == ends
    assert by_id["refund"] == {("A", "held"): 30, ("B", "held"): 10}


def test_an_account_that_less_than_a_fen_reached_has_a_tier() -> None:
    rows = [
        row("own", 1, "W", "A", 99),
        row("stolen", 2, "V", "A", 1),
        row("out", 3, "A", "B", 10),
        row("abroad", 4, "A", "C", 10),
    ]
    result = traced(rows, STOLEN, rule="rolling_pro_rata")
    assert [share.fen for share in row_shares(result)] == [1]
    assert tiers(result) == {"A": 1, "B": 2, "C": 2}
