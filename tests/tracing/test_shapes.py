"""Each shape by hand, and what looks like it but must not bear its name."""

from __future__ import annotations

import pytest

from fanzha.tracing.engine import Movement, Movements, Seeds, trace
from fanzha.tracing.shapes import Kind, Shape, find_shapes, shape_records, shapes_of

WAN = 1_000_000
HOUR, DAY = 3600, 86400

Way = tuple[int, str, str, int]


def shapes(ways: list[Way], seeds: int) -> list[Shape]:
    """Trace the first ways as payments of one claim each; ways are (hour, payer, payee, fen)."""
    rows = [
        Movement(f"r{at}", hour * HOUR, payer, payee, fen)
        for at, (hour, payer, payee, fen) in enumerate(ways)
    ]
    movements = Movements.build(rows)
    return shapes_of(
        trace(movements, Seeds.of(movements, [(f"r{at}",) * 2 for at in range(seeds)]))
    )


def kinds(ways: list[Way], seeds: int = 1) -> list[str]:
    return [shape.kind.value for shape in shapes(ways, seeds)]


PAID: Way = (0, "V", "A", 30 * WAN)
"""The victim pays A."""
FAN_OUT = [PAID, (1, "A", "B", 9 * WAN), (2, "A", "C", 10 * WAN), (3, "A", "D", 11 * WAN)]
FAN_IN = [(at, f"V{at}", "A", 5 * WAN) for at in range(4)]
CYCLE = [PAID, (1, "A", "B", 30 * WAN), (2, "B", "C", 29 * WAN), (3, "C", "A", 28 * WAN)]
SCATTER_GATHER = [
    *FAN_OUT,
    (4, "B", "T", 9 * WAN),
    (5, "C", "T", 10 * WAN),
    (6, "D", "T", 10 * WAN),
]
GATHER_SCATTER = [
    *FAN_IN,
    (5, "A", "B", 6 * WAN),
    (6, "A", "C", 6 * WAN),
    (7, "A", "D", 7 * WAN),
]
BIPARTITE = [(at, f"V{at}", payee, 4 * WAN) for at in range(3) for payee in ("A", "B")]
STACK = [
    *BIPARTITE,
    *((5 + at, payer, payee, 6 * WAN) for payer in "AB" for at, payee in enumerate("XY")),
]


def test_one_account_that_pays_several_is_a_fan_out() -> None:
    (shape,) = shapes(FAN_OUT, 1)
    assert shape.kind is Kind.FAN_OUT
    assert shape.layers == (("A",), ("B", "C", "D"))
    assert shape.accounts == ("A", "B", "C", "D")
    assert (shape.rows, shape.fen, shape.window) == ((1, 2, 3), 30 * WAN, (HOUR, 3 * HOUR))
    assert (shape.payments, shape.connected) == (0, True)
    assert shape.reason == "One account paid 300,000.00 CNY to 3 accounts within 2 h."


def test_several_accounts_that_pay_one_are_a_fan_in() -> None:
    (shape,) = shapes(FAN_IN, 4)
    assert (shape.kind, shape.layers) == (Kind.FAN_IN, (("V0", "V1", "V2", "V3"), ("A",)))
    assert (shape.fen, shape.payments) == (20 * WAN, 4)


def test_money_that_comes_back_in_order_of_time_is_a_cycle() -> None:
    (shape,) = shapes(CYCLE, 1)
    assert (shape.kind, shape.layers) == (Kind.CYCLE, (("A",), ("B",), ("C",)))
    assert (shape.rows, shape.fen) == ((1, 2, 3), 28 * WAN)


def test_several_ways_that_come_together_are_a_scatter_gather() -> None:
    (shape,) = shapes(SCATTER_GATHER, 1)
    assert shape.kind is Kind.SCATTER_GATHER
    assert shape.layers == (("A",), ("B", "C", "D"), ("T",))
    assert shape.fen == 29 * WAN


def test_many_in_and_then_many_out_are_a_gather_scatter() -> None:
    (shape,) = shapes(GATHER_SCATTER, 4)
    assert shape.kind is Kind.GATHER_SCATTER
    assert shape.layers == (("V0", "V1", "V2", "V3"), ("A",), ("B", "C", "D"))
    assert shape.fen == 19 * WAN


def test_a_layer_that_pays_a_layer_is_bipartite() -> None:
    (shape,) = shapes(BIPARTITE, 6)
    assert (shape.kind, shape.connected) == (Kind.BIPARTITE, True)
    assert shape.layers == (("V0", "V1", "V2"), ("A", "B"))


def test_layer_upon_layer_is_a_stack() -> None:
    (shape,) = shapes(STACK, 6)
    assert (shape.kind, shape.connected) == (Kind.STACK, True)
    assert shape.layers == (("V0", "V1", "V2"), ("A", "B"), ("X", "Y"))
    assert (len(shape.rows), shape.fen) == (10, 24 * WAN)


def test_lines_side_by_side_are_told_from_connected_layers() -> None:
    ends = [(at, f"V{at}", f"A{at}", WAN) for at in range(3)]
    (shape,) = shapes(ends, 3)
    assert (shape.kind, shape.connected) == (Kind.BIPARTITE, False)
    assert "nothing but the case joins them" in shape.reason
    (shape,) = shapes([*ends, *((9 + at, f"A{at}", f"B{at}", WAN) for at in range(3))], 3)
    assert (shape.kind, shape.connected) == (Kind.STACK, False)


def test_two_branches_are_a_fan_only_if_nothing_else_was_traced() -> None:
    two = [(0, "V0", "A", WAN), (1, "V1", "A", WAN)]
    assert kinds(two, 2) == ["fan_in"]
    assert kinds([*two, (2, "A", "B", WAN)], 2) == []


@pytest.mark.parametrize(
    ("ways", "seeds"),
    [
        # The rows out came before the money.
        ([(9, *PAID[1:]), *FAN_OUT[1:]], 1),
        # A cycle whose last row comes first.
        ([*CYCLE[:3], (0, "C", "A", 28 * WAN)], 1),
        # Fifty yuan come back out of three hundred thousand.
        ([*CYCLE[:3], (3, "C", "A", 5000)], 1),
        # So much later that nothing says it is the same money.
        ([*CYCLE[:3], (24 * 30, "C", "A", 28 * WAN)], 1),
        # Three small purchases out of a large sum.
        ([PAID, (1, "A", "B", 5000), (2, "A", "C", 4000), (3, "A", "D", 3000)], 1),
        # One transfer after the other.
        ([PAID, (1, "A", "B", 30 * WAN), (2, "B", "C", 30 * WAN), (3, "C", "D", 30 * WAN)], 1),
        # Three rows between the same two accounts.
        ([PAID, *((at, "A", "B", 10 * WAN) for at in (1, 2, 3))], 1),
    ],
)
def test_a_look_alike_has_no_name(ways: list[Way], seeds: int) -> None:
    assert kinds(ways, seeds) == []


def test_what_was_paid_out_before_it_was_gathered_is_no_gather_scatter() -> None:
    early = [(0, "V0", "A", 5 * WAN), *((1, "A", payee, WAN) for payee in "BCD")]
    late = [(5, "V1", "A", 5 * WAN), (6, "V2", "A", 5 * WAN), (7, "A", "B", WAN)]
    assert "gather_scatter" not in kinds([*early, *late], 1)
    movements = Movements.build(
        Movement(f"r{at}", hour * HOUR, payer, payee, fen)
        for at, (hour, payer, payee, fen) in enumerate([*early, *late])
    )
    seeds = Seeds.of(movements, [(f"r{at}", "X") for at in (0, 4, 5)])
    assert Kind.GATHER_SCATTER not in {s.kind for s in shapes_of(trace(movements, seeds))}


def test_ways_of_unrelated_amounts_do_not_come_together() -> None:
    ways = [*FAN_OUT, (4, "B", "T", 9 * WAN), (5, "C", "T", 5000), (6, "D", "T", 4000)]
    assert kinds(ways) == ["fan_out"]


def test_ways_that_ended_before_they_began_do_not_come_together() -> None:
    ways = [*FAN_OUT, (0, "B", "T", 9 * WAN), (0, "C", "T", 10 * WAN), (0, "D", "T", 9 * WAN)]
    assert kinds(ways) == ["fan_out"]


def test_a_fan_is_cut_where_the_pause_is_too_long() -> None:
    ways = [(at * 24 * 10, f"V{at}", "A", WAN) for at in range(3)]
    assert kinds(ways, 3) == []


def test_a_row_that_was_taken_back_is_no_cycle() -> None:
    rows = [
        Movement("v", 0, "V", "A", WAN),
        Movement("out", 1, "A", "B", WAN),
        Movement("back", 2, "B", "A", WAN, reverses="out"),
    ]
    movements = Movements.build(rows)
    assert shapes_of(trace(movements, Seeds.of(movements, [("v", "v")]))) == []


def test_rounds_over_the_same_accounts_are_one_cycle() -> None:
    twice = [*CYCLE, (4, "A", "B", 28 * WAN), (5, "B", "C", 28 * WAN), (6, "C", "A", 28 * WAN)]
    (shape,) = shapes(twice, 1)
    assert (shape.kind, shape.rows) == (Kind.CYCLE, (1, 2, 3, 4, 5, 6))


def test_larger_shapes_stand_first_and_say_what_is_new() -> None:
    ways = [*SCATTER_GATHER, (8, "T", "U", 20 * WAN), (9, "U", "T", 20 * WAN)]
    assert kinds(ways) == ["scatter_gather", "cycle"]


def test_payments_out_of_sight_are_no_shape() -> None:
    rows = [
        Movement("v", 0, "V", "A", 3 * WAN),
        *(Movement(f"c{at}", 1 + at, "A", "", WAN, channel="cash") for at in range(3)),
    ]
    movements = Movements.build(rows)
    assert shapes_of(trace(movements, Seeds.of(movements, [("v", "v")]))) == []


def test_everything_seen_becomes_a_record() -> None:
    movements = Movements.build(
        Movement(f"r{at}", hour * HOUR, payer, payee, fen)
        for at, (hour, payer, payee, fen) in enumerate(SCATTER_GATHER)
    )
    result = trace(movements, Seeds.of(movements, [("r0", "r0")]))
    record = shape_records(result)
    (shape,) = record["shapes"]
    assert shape["rows"] == ["r1", "r2", "r3", "r4", "r5", "r6"]
    assert shape["kind"] == "scatter_gather"
    assert record["roles"][0]["role"] == "holding"
    assert (record["notes"], record["groups"]) == ([], [])
    assert record["steps"] == find_shapes(result).steps
