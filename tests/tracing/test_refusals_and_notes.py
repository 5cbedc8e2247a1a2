"""What is refused, noted and bounded, and the places that no comparison of sums looks at.

Each test here was asked for by a small change of the engine that nothing else noticed.
"""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given

from fanzha.tracing.engine import (
    FLOW_RULES,
    VALUATIONS,
    EndKind,
    InputError,
    NoteKind,
    fates,
    go_on,
    row_shares,
)
from fanzha.tracing.engine import pro_rata as rules
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import Note
from fanzha.tracing.engine.result import NO_PIECE
from fanzha.tracing.engine.rounding import apportion
from fanzha.tracing.engine.valuations import Account, Held, _ladder, _poured
from tests.tracing.agreement import engine, few
from tests.tracing.networks import FEATURES, changed, ends_of, networks, row, shares_of, traced
from tests.tracing.reference import Case, Row
from tests.tracing.reference import Limits as Asked

STOLEN = {"stolen": "V"}
PAID = row("stolen", 1, "V", "A", 10)


@pytest.mark.parametrize("name", ["min_amount_fen", "max_hops", "hop_window", "max_transfers"])
def test_a_negative_limit_is_named(name: str) -> None:
    with pytest.raises(InputError, match=f"^the limit {name} is negative$") as refused:
        Limits(**{name: -1})
    assert refused.value.field == name
    assert Limits(**{name: 0}) is not None


def test_what_cannot_be_asked_says_why() -> None:
    with pytest.raises(InputError, match=r"^there is no flow rule 'lilo'$"):
        traced([PAID], STOLEN, flow_rule="lilo")
    gaps = {"A": EndKind.CASH}
    with pytest.raises(InputError, match=r"EndKind.CASH.*is no kind of gap$"):
        traced([PAID], STOLEN, gap_kinds=gaps)
    with pytest.raises(InputError, match=r"^an opening balance is negative$"):
        traced([PAID], STOLEN, openings={"A": -1})


@pytest.mark.parametrize(
    ("rule", "first"),
    [("fifo", "on"), ("lifo", "on"), ("own_first", "stolen"), ("rolling_pro_rata", "stolen")],
)
def test_an_unfinished_trace_names_the_first_row_that_waits(rule: str, first: str) -> None:
    steps = count(1)
    rows = [PAID, row("on", 2, "A", "B", 5), row("second", 9, "W", "E", 3)]
    result = traced(rows, {**STOLEN, "second": "W"}, rule=rule, stop=lambda: next(steps) == 1)
    (note,) = [each for each in result.notes if each.kind is NoteKind.UNFINISHED]
    assert (result.movements.ids[note.row], note.account) == (first, "")


@pytest.mark.parametrize("rule", [*FLOW_RULES, "poison", *VALUATIONS])
def test_going_on_copies_no_rows(rule: str) -> None:
    steps = count(1)
    result = traced([PAID, row("on", 2, "A", "B", 5)], STOLEN, rule=rule, stop=lambda: bool(steps))
    further = go_on(result)
    assert further.movements is result.movements
    assert further.given.seeds is result.given.seeds


def test_an_exit_that_may_come_back_is_not_listed_as_unfinished() -> None:
    rows = [
        PAID, row("shop", 2, "A", "", 6, channel="merchant"),
        row("on", 3, "A", "B", 4), row("refund", 9, "", "A", 2, reverses="shop"),
    ]  # fmt: skip
    for rule in ("own_first", "rolling_pro_rata"):
        for step in range(1, 9):
            steps = count(1)
            stop = lambda at=step, n=steps: next(n) == at  # noqa: E731 - one line tells it best
            result = traced(rows, STOLEN, rule=rule, stop=stop)
            assert {end.kind for end in result.unfinished} <= {EndKind.BEYOND_LIMITS}


def notes(rows: list[Row], seeds: dict[str, str]) -> list[tuple[str, str, int]]:
    result = traced(rows, seeds)
    return [(result.movements.ids[n.row], n.kind.value, n.fen) for n in result.notes]


def test_an_overdraft_of_one_fen_is_noted() -> None:
    assert ("on", "overdraft", 1) in notes([PAID, row("on", 2, "A", "B", 11)], STOLEN)


def test_an_arrival_before_its_leaving_is_noted_with_its_amount() -> None:
    early = PAID._replace(time=5, time_to=3)
    assert notes([early], STOLEN) == [("stolen", "arrives_before_leaving", 10)]


def test_each_balance_tells_by_how_much_more_it_disagrees() -> None:
    rows = [
        PAID._replace(payee_balance=12),
        row("on", 2, "A", "B", 1, payer_balance=14),
        row("more", 3, "A", "B", 1, payer_balance=13),
        row("last", 4, "A", "B", 1, payer_balance=7),
    ]
    found = [each for each in notes(rows, STOLEN) if each[1] == "balance_disagrees"]
    assert found == [
        ("stolen", "balance_disagrees", 2),
        ("on", "balance_disagrees", 3),
        ("last", "balance_disagrees", -5),
    ]


@pytest.mark.parametrize("rule", VALUATIONS)
def test_a_share_names_its_rule_and_no_piece(rule: str) -> None:
    result = traced([PAID, row("on", 2, "A", "B", 4)], STOLEN, rule=rule)
    assert {value.rule for value in result.valuations} == {rule}
    assert {end.piece for end in result.ends} == {NO_PIECE}
    flow = traced([PAID, row("on", 2, "A", "B", 4)], STOLEN)
    assert result.flow is not None
    assert fates(result) == fates(flow)
    assert ends_of(result.flow) == ends_of(flow)


def test_mixed_money_has_no_piece_to_end() -> None:
    result = traced([PAID, row("on", 2, "A", "B", 4)], STOLEN, rule="rolling_pro_rata")
    assert {end.piece for end in result.ends} == {NO_PIECE}


def test_a_refund_above_what_is_left_outside_brings_own_money() -> None:
    """The second refund finds six stolen fen; its two others leave first."""
    rows = [
        PAID, row("shop", 2, "A", "", 10, channel="merchant"),
        row("r1", 3, "", "A", 4, reverses="shop"), row("r2", 4, "", "A", 8, reverses="shop"),
        row("on", 5, "A", "B", 3),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule="own_first")
    assert ends_of(result) == {("A", "held", "V"): 9, ("B", "held", "V"): 1}


def test_own_money_beside_money_that_is_not_followed_counts_no_transfer() -> None:
    rows = [
        PAID._replace(fen=20), row("cut", 2, "A", "B", 5), row("beside", 3, "B", "C", 15),
        row("on", 4, "A", "D", 15),
    ]  # fmt: skip
    limits = Limits(min_amount_fen=8, max_transfers=1)
    result = traced(rows, STOLEN, rule="own_first", openings={"B": 10}, limits=limits)
    assert ends_of(result) == {("A", "beyond_limits", "V"): 5, ("D", "held", "V"): 15}


@few
@given(networks(FEATURES - {"limits"}))
def test_limits_that_cut_nothing_change_nothing(case: Case) -> None:
    wide = changed(case, limits=Asked(0, 10**6, 10**6, 10**6))
    for rule in FLOW_RULES:
        plain, limited = engine(case, rule), engine(wide, rule)
        assert plain.limits == NO_LIMITS
        assert plain.pieces == limited.pieces
        assert ends_of(plain) == ends_of(limited)


@few
@given(networks())
def test_the_fates_of_mixed_money_sum_to_what_was_traced(case: Case) -> None:
    result = engine(case, "rolling_pro_rata")
    found = fates(result)
    for share in row_shares(result):
        assert sum(found[share.row].values()) == share.fen


def test_mixed_money_on_its_way_at_a_pause_ends_beyond_limits() -> None:
    rows = [PAID, row("on", 2, "A", "B", 5, time_to=9), row("far", 20, "B", "C", 5)]
    for step in (1, 2):
        steps = count(1)
        stop = lambda at=step, n=steps: next(n) == at  # noqa: E731 - one line tells it best
        result = traced(rows, STOLEN, rule="rolling_pro_rata", stop=stop)
        kinds = {kind for fate in fates(result).values() for _, kind in fate}
        assert kinds == {EndKind.BEYOND_LIMITS}


def test_part_of_a_mixed_exit_that_comes_back_splits_its_fate() -> None:
    """Of seven stolen and three own fen all left; four of ten came back, three fen in ten of it."""
    rows = [
        row("stolen", 1, "V", "A", 7), row("shop", 2, "A", "", 10, channel="merchant"),
        row("refund", 3, "", "A", 4, reverses="shop"),
    ]  # fmt: skip
    result = traced(rows, STOLEN, rule="rolling_pro_rata", openings={"A": 3})
    shop = {kind.value: fen for (_, kind), fen in fates(result)[1].items()}
    assert shop == {"merchant": 4, "held": 3}


def test_a_payment_that_takes_back_a_mixed_exit_ends_it_there() -> None:
    rows = [
        PAID, row("shop", 2, "A", "", 10, channel="merchant"),
        row("again", 3, "", "A", 4, reverses="shop"),
    ]  # fmt: skip
    result = traced(rows, {**STOLEN, "again": "W"}, rule="rolling_pro_rata")
    shop = {kind.value: fen for (_, kind), fen in fates(result, {"V"})[1].items()}
    assert shop == {"merchant": 6, "returned_to_victim": 4}


def test_mixed_money_is_exact_where_floating_point_is_not() -> None:
    fen = 2**53 + 1
    rows = [PAID._replace(fen=fen), row("on", 2, "A", "B", 1)]
    result = traced(rows, STOLEN, rule="rolling_pro_rata")
    assert ends_of(result) == {("A", "held", "V"): fen - 1, ("B", "held", "V"): 1}
    assert shares_of(result)["stolen"] == {"V": fen}


def test_every_reversal_widens_the_bound_of_floating_point(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "EXACT_TRANSFERS", 0)
    rows = [PAID, row("on", 2, "A", "B", 6), row("back", 3, "B", "A", 2, reverses="on")]
    again = row("again", 4, "B", "A", 2, reverses="on")
    events = {"once": 5, "twice": 7}
    for name, more in (("once", []), ("twice", [again])):
        told = traced([*rows, *more], STOLEN, rule="rolling_pro_rata").exactness
        scale = 10 + (1 + len(more)) * 10
        assert told.kind == "bounded"
        assert told.largest_deviation_fen == 1 + scale * rules.ROUNDINGS * events[name] / 2**52


def test_an_order_that_balances_decided_is_noted_at_its_first_row() -> None:
    rows = [
        row("before", 1, "X", "A", 5, payee_balance=5),
        row("out", 2, "A", "B", 10, payer_balance=5),
        row("stolen", 2, "V", "A", 10, payee_balance=15),
    ]
    result = traced(rows, STOLEN)
    assert result.movements.ids == ("before", "stolen", "out")
    assert result.notes[0] == Note(1, NoteKind.ORDER_BY_BALANCE, "A", 0)


def test_what_goes_on_may_be_stopped_again() -> None:
    rows = [PAID, row("on", 2, "A", "B", 5), row("far", 3, "B", "C", 5), row("end", 4, "C", "D", 5)]
    for rule in ("fifo", "own_first", "poison", "libr_cap"):
        first = traced(rows, STOLEN, rule=rule, stop=lambda: True)
        assert first.paused is not None
        assert go_on(first, stop=lambda: True).paused is not None
        assert go_on(first).paused is None


@few
@given(networks())
def test_a_row_carries_the_sum_of_its_claims_in_their_order(case: Case) -> None:
    for rule in FLOW_RULES:
        for share in row_shares(engine(case, rule)):
            assert share.fen == sum(share.by_claim.values())
            assert list(share.by_claim) == sorted(share.by_claim)


def test_remainders_that_differ_in_the_last_place_are_no_tie() -> None:
    unit = 3 * 2**80
    assert apportion(2, [unit - 1, 2**80, 2**80 + 1], [unit] * 3) == [1, 0, 1]


@few
@given(networks())
def test_no_piece_and_no_end_is_empty(case: Case) -> None:
    for rule in FLOW_RULES:
        result = engine(case, rule)
        assert all(piece.lo < piece.hi for piece in result.pieces)
        assert all(end.fen > 0 for end in result.ends)


def test_under_lifo_a_refund_brings_back_what_left_last() -> None:
    """Ten left, the stolen six first; a refund of four brings back the four own fen."""
    rows = [
        row("own", 1, "X", "A", 4), row("stolen", 2, "V", "A", 6),
        row("shop", 3, "A", "", 10, channel="merchant"),
        row("refund", 4, "", "A", 4, reverses="shop"),
    ]  # fmt: skip
    assert ends_of(traced(rows, STOLEN, rule="lifo")) == {("A", "merchant", "V"): 6}


def test_what_one_claim_cannot_take_goes_on_to_the_others() -> None:
    assert _poured(30, {"a": 1, "b": 1, "c": 1}, {"a": 2, "b": 12, "c": 100}) == {
        "a": 2,
        "b": 12,
        "c": 16,
    }
    assert _poured(30, {"a": 40, "b": 20}, {"a": 19, "b": 40}) == {"a": 19, "b": 11}


def test_the_ladder_shares_only_what_is_undecided_among_those_that_it_concerns() -> None:
    both = Account("A", 20, {"x": 10, "y": 10}, {})
    assert _ladder(both, Held({"x": 4, "y": 0}, {"x": 4, "y": 10}, 14)) == {"x": 4, "y": 10}
    assert _ladder(both, Held({"x": 6, "y": 0}, {"x": 10, "y": 10}, 16)) == {"x": 10, "y": 6}
    assert _ladder(both, Held({"x": 5, "y": 0}, {"x": 10, "y": 0}, 5)) == {"x": 5, "y": 0}


@pytest.mark.parametrize("flow_rule", ["fifo", "lifo", "own_first"])
def test_two_pieces_of_one_claim_on_one_row_are_one_arrival(flow_rule: str) -> None:
    rows = [
        PAID._replace(fen=5), row("more", 2, "V", "A", 5), row("on", 3, "A", "B", 10),
    ]  # fmt: skip
    seeds = {"stolen": "V", "more": "V"}
    result = traced(rows, seeds, rule="pari_passu_end", flow_rule=flow_rule)
    assert {each.account: each.share_fen for each in result.valuations} == {"A": 0, "B": 10}
