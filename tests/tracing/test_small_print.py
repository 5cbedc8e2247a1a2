"""What a result says beside its sums: parents, hops, places on a row, pauses, bounds, listed gaps.

No comparison with the reference looks at these; each test here was asked for by a small change of
the engine that nothing else noticed.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given

from fanzha.tracing.engine import FLOW_RULES, EndKind, NoteKind, account_ends, fates, go_on, tiers
from fanzha.tracing.engine import pro_rata as rules
from fanzha.tracing.engine.limits import Limits
from fanzha.tracing.engine.model import Note
from fanzha.tracing.engine.result import NO_PIECE, Piece
from tests.tracing.agreement import engine, few, value_differences
from tests.tracing.networks import ends_of, networks, row, shares_of, traced
from tests.tracing.reference import Case, Rule

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.tracing.engine import Trace

MIXED = "rolling_pro_rata"
STOLEN = {"stolen": "V"}


def at_step(number: int) -> Callable[[], bool]:
    """Say stop once, at this step."""
    steps = count(1)
    return lambda: next(steps) == number


def pieces(result: Trace) -> list[tuple[str, int, int, str, int, int]]:
    return [
        (result.movements.ids[p.row], p.lo, p.hi, p.claim, p.parent, p.hop) for p in result.pieces
    ]


CHAIN = [
    row("stolen", 1, "V", "A", 10),
    row("cash", 2, "A", "", 2, channel="cash"),
    row("on", 3, "A", "B", 5),
    row("far", 4, "B", "C", 5),
    row("late", 5, "C", "D", 1),
]


@pytest.mark.parametrize("rule", ["own_first", MIXED])
def test_a_paused_trace_calls_nothing_held_and_lists_only_what_may_go_on(rule: str) -> None:
    for step in range(1, 20):
        result = traced(CHAIN, STOLEN, rule=rule, stop=at_step(step))
        if result.paused is None:
            break
        kinds = {end.kind for end in result.ends}
        assert EndKind.HELD not in kinds
        assert {end.kind for end in result.unfinished} == {EndKind.BEYOND_LIMITS}
        left = sum(end.fen for end in result.ends if end.kind is EndKind.BEYOND_LIMITS)
        assert sum(end.fen for end in result.unfinished) == left
        assert [(each.kind, each.fen) for each in result.notes] == [(NoteKind.UNFINISHED, left)]
    assert step > 5
    assert result.unfinished == ()


@few
@given(networks())
def test_what_limits_cut_is_not_listed_as_unfinished(case: Case) -> None:
    for rule in FLOW_RULES:
        assert engine(case, rule).unfinished == ()


def test_a_paused_reach_names_the_first_row_that_waits_and_can_go_on() -> None:
    rows = [*CHAIN, row("second", 9, "W", "E", 3)]
    whole = traced(rows, {**STOLEN, "second": "W"}, rule="poison")
    assert (whole.notes, whole.paused) == ((), None)
    waits = []
    for step in range(1, 30):
        result = traced(rows, {**STOLEN, "second": "W"}, rule="poison", stop=at_step(step))
        if result.paused is None:
            break
        (note,) = result.notes
        assert note == Note(note.row, NoteKind.UNFINISHED, "", 0)
        waits.append(result.movements.ids[note.row])
        assert ends_of(go_on(result)) == ends_of(whole)
    assert waits[:3] == ["stolen", "cash", "on"]


def test_poison_tells_by_how_few_hops_and_has_no_parents() -> None:
    result = traced(CHAIN, STOLEN, rule="poison")
    assert pieces(result) == [
        ("stolen", 0, 10, "V", NO_PIECE, 0),
        ("cash", 0, 2, "V", NO_PIECE, 1),
        ("on", 0, 5, "V", NO_PIECE, 1),
        ("far", 0, 5, "V", NO_PIECE, 2),
        ("late", 0, 1, "V", NO_PIECE, 3),
    ]


def test_poison_counts_by_the_shortest_way_that_came_in_time() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10), row("x", 2, "A", "X", 5), row("long", 3, "X", "B", 5),
        row("early", 4, "B", "C", 1), row("short", 5, "A", "B", 5), row("late", 6, "B", "C", 1),
    ]  # fmt: skip
    hops = {name: hop for name, _, _, _, _, hop in pieces(traced(rows, STOLEN, rule="poison"))}
    assert (hops["early"], hops["short"], hops["late"]) == (3, 1, 2)


def test_an_equal_later_way_does_not_hide_the_other_claims_of_the_row() -> None:
    """A row that brings two claims touches for the second, though the first is there already."""
    rows = [
        row("one", 1, "V", "A", 10), row("two", 2, "W", "A", 10),
        row("direct", 1, "V", "B", 1), row("both", 3, "A", "B", 5), row("on", 4, "B", "C", 2),
    ]  # fmt: skip
    seeds = {"one": "V", "direct": "V", "two": "W"}
    on = {
        claim
        for name, _, _, claim, _, _ in pieces(traced(rows, seeds, rule="poison"))
        if name == "on"
    }
    assert on == {"V", "W"}


def test_what_leaves_in_the_second_of_the_arrival_cannot_carry_it() -> None:
    """By file order the outflow came first, although both are of one second."""
    rows = [row("out", 5, "A", "B", 3), row("stolen", 5, "V", "A", 10)]
    assert ends_of(traced(rows, STOLEN, rule="poison")) == {("A", "held", "V"): 7}


def test_several_exits_of_one_kind_are_added_up_once_each() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("c1", 2, "A", "", 2, channel="cash"), row("c2", 3, "A", "", 3, channel="cash"),
    ]  # fmt: skip
    told = {
        (each.account, each.kind): each.fen
        for each in account_ends(traced(rows, STOLEN, rule="poison"))
    }
    assert told["A", EndKind.CASH] == 5


def test_a_refund_that_a_limit_cuts_ends_at_the_account_it_would_have_come_to() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("shop", 2, "A", "", 6, channel="merchant"),
        row("refund", 3, "", "A", 4, reverses="shop"),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule="poison", limits=Limits(max_hops=1))
    assert ends_of(result)["A", "beyond_limits", "V"] == 4


def test_what_poison_says_is_there_leaves_out_other_currencies() -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("dollars", 2, "X", "A", 7, currency="USD")]
    assert ends_of(traced(rows, STOLEN, rule="poison")) == {("A", "held", "V"): 10}


def test_what_poison_says_is_there_counts_missing_money_in() -> None:
    """12 left where 10 had come, and by the bank 3 remained: 2 had come that no row tells."""
    rows = [
        row("stolen", 1, "V", "A", 10, payer_balance=0),
        row("out", 2, "A", "C", 12, payer_balance=3),
        row("later", 3, "X", "A", 5, payer_balance=1),
    ]
    assert ends_of(traced(rows, STOLEN, rule="poison"))["A", "held", "V"] == 5


SHARED = [
    row("v", 1, "V", "A", 6), row("w", 2, "W", "A", 3), row("x", 3, "X", "A", 3),
    row("on", 4, "A", "B", 8), row("far", 5, "B", "C", 4),
]  # fmt: skip


def test_mixed_claims_lie_on_a_row_in_the_order_of_the_payments_with_their_hops() -> None:
    result = traced(SHARED, {"v": "Vera", "x": "Adam", "w": "Will"}, rule=MIXED)
    laid = [(*piece[:4], piece[5]) for piece in pieces(result) if piece[0] in ("on", "far")]
    assert laid == [
        ("on", 0, 4, "Vera", 1), ("on", 4, 6, "Will", 1), ("on", 6, 8, "Adam", 1),
        ("far", 0, 2, "Vera", 2), ("far", 2, 3, "Will", 2), ("far", 3, 4, "Adam", 2),
    ]  # fmt: skip
    assert {piece[4] for piece in pieces(result)} == {NO_PIECE}
    assert result.pieces[0] == Piece(result.pieces[0].row, 0, 6, "Vera", NO_PIECE, 0)
    assert tiers(result) == {"A": 1, "B": 2, "C": 3}


def test_exactly_so_many_transfers_as_can_be_exact_are_exact() -> None:
    rows = [
        row("stolen", 0, "V", "A0", 9),
        *(row(f"r{n}", n, f"A{n - 1}", f"A{n}", 9) for n in (1, 2, 3)),
    ]
    for most, kind in ((3, "exact"), (2, "bounded")):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rules, "EXACT_TRANSFERS", most)
            assert traced(rows, STOLEN, rule=MIXED).exactness.kind == kind


def floating(rows: list[Any], **more: Any) -> Trace:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "EXACT_TRANSFERS", 0)
        return traced(rows, STOLEN, rule=MIXED, **more)


def test_the_stated_bound_counts_every_event_and_every_reversal() -> None:
    """One fen of rounding; 5 roundings for each of 2 arrivals in and 1 departure of accounts."""
    rows = [row("stolen", 1, "V", "A", 8), row("on", 2, "A", "B", 4)]
    assert floating(rows).exactness.largest_deviation_fen == pytest.approx(
        1 + 8 * 5 * 3 / 2**52, abs=0, rel=0
    )
    back = [*rows, row("undo", 3, "B", "A", 4, reverses="on")]
    # Two events more; the reversal adds the largest balance, 8, to the scale.
    assert floating(back).exactness.largest_deviation_fen == 1 + 16 * 5 * 5 / 2**52


def test_a_budget_holds_also_after_the_start_over_in_floating_point() -> None:
    rows = [row("stolen", 1, "V", "A", 8), row("on", 2, "A", "B", 4), row("far", 3, "B", "C", 4)]
    steps = count(1)
    paused = floating(rows, stop=lambda: next(steps) >= 4)
    assert paused.paused is not None


def fate(result: Trace, name: str) -> dict[tuple[str, str], int]:
    """Say where the money of a row came to."""
    found = fates(result, None)[result.movements.ids.index(name)]
    return {(account, kind.value): fen for (account, kind), fen in found.items()}


REFUNDED = [
    row("stolen", 1, "V", "A", 10),
    row("shop", 2, "A", "", 6, channel="merchant"),
    row("refund", 3, "", "A", 4, reverses="shop"),
]


def test_of_what_was_refunded_as_much_came_back_as_the_refund_took() -> None:
    """Of 21 fen 10 are stolen: the shop got 20/7 of them, and 4 of its 6 fen came back."""
    result = traced(REFUNDED, STOLEN, rule=MIXED, openings={"A": 11})
    assert fate(result, "shop") == {("A", "held"): 2, ("A", "merchant"): 1}


def test_a_refund_above_what_is_left_takes_all_of_it_and_no_more() -> None:
    """Half came back and went on to B; the rest came back with more than had left."""
    rows = [
        row("stolen", 1, "V", "A", 6), row("shop", 2, "A", "", 6, channel="merchant"),
        row("half", 3, "", "A", 3, reverses="shop"), row("on", 4, "A", "B", 3),
        row("rest", 5, "", "A", 8, reverses="shop"),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule=MIXED)
    assert fate(result, "shop") == {("B", "held"): 3, ("A", "held"): 3}


def test_a_reversal_takes_its_part_of_the_claims_whatever_left_before() -> None:
    """The 4 fen that came by mistake go back whole; of the other money in B nothing goes."""
    rows = [
        row("stolen", 1, "V", "A", 10), row("paid", 2, "A", "B", 4), row("other", 2, "A", "B", 6),
        row("small", 3, "B", "C", 1), row("undo", 4, "B", "A", 2, reverses="paid"),
        row("last", 5, "A", "D", 2),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule=MIXED)
    assert sum(fate(result, "stolen").values()) == 10
    assert fate(result, "stolen")["D", "held"] == 2
    assert fate(result, "undo") == {("D", "held"): 2}


def test_an_outflow_above_the_balance_takes_all_that_is_left_and_no_more() -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("b", 2, "A", "B", 5), row("c", 3, "A", "C", 8)]
    result = traced(rows, STOLEN, rule=MIXED)
    assert fate(result, "stolen") == {("B", "held"): 5, ("C", "held"): 5}


def test_what_limits_cut_of_mixed_money_ends_where_it_would_have_left() -> None:
    rows = [row("stolen", 1, "V", "A", 8), row("big", 2, "A", "B", 4), row("small", 3, "A", "C", 2)]
    result = traced(rows, STOLEN, rule=MIXED, limits=Limits(min_amount_fen=3))
    assert fate(result, "stolen") == {("B", "held"): 4, ("A", "beyond_limits"): 2, ("A", "held"): 2}


def test_a_debt_that_is_filled_in_the_same_moment_gets_the_spare_fen() -> None:
    """Half a fen fills the debt of A and half a fen stays: the debt comes first."""
    rows = [
        row("debt", 1, "A", "X", 1), row("stolen", 2, "V", "B", 2), row("on", 3, "B", "A", 2),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule=MIXED, openings={"B": 2})
    assert ends_of(result) == {("B", "held", "V"): 1, ("A", "overdraft", "V"): 1}


def test_at_a_pause_the_spare_fen_is_where_the_money_came_first() -> None:
    """One and a half fen lie in A since the payment, as much went out in cash later."""
    rows = [
        row("stolen", 1, "V", "A", 3), row("cash", 2, "A", "", 3, channel="cash"),
        row("in", 3, "Z", "A", 5), row("out", 4, "A", "B", 2),
    ]  # fmt: skip
    for step in (3, 4):
        result = traced(rows, STOLEN, rule=MIXED, openings={"A": 3}, stop=at_step(step))
        assert result.paused is not None
        assert ends_of(result) == {("A", "beyond_limits", "V"): 2, ("A", "cash", "V"): 1}


def test_the_largest_payments_are_shared_to_the_fen() -> None:
    """Floating point would lose 255 of these fen."""
    rows = [row("stolen", 1, "V", "A", 2**62 + 511), row("half", 2, "A", "B", 2**61)]
    assert shares_of(traced(rows, STOLEN, rule=MIXED))["half"] == {"V": 2**61}


def test_what_only_another_order_leaves_to_the_claim_is_shared_too() -> None:
    """By file order the claim left and own money stayed; time does not decide between them."""
    rows = (
        row("stolen", 5, "V", "A", 10),
        row("own", 5, "Z", "A", 10),
        row("out", 5, "A", "B", 10),
    )
    case = Case(rows, STOLEN)
    assert not value_differences(case, "timestamp_ladder", Rule.FIFO)
    held = {each.account: each.share_fen for each in engine(case, "timestamp_ladder").valuations}
    assert held["A"] == 10
