"""What holds for every shape: names play no part, the search is bounded, schemes are recognised."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.simulation.networks import network as city
from fanzha.tracing.engine import (
    RULE_VERSIONS,
    Movement,
    Movements,
    Seeds,
    Trace,
    row_shares,
    trace,
)
from fanzha.tracing.shapes import Kind, find_shapes, roles_of, shapes_of, usual_bounds
from tests.tracing.schemes import among_ordinary_payments, scheme, tangle, traced_scheme

WAN = 1_000_000
MANY = 5000

schemes = st.builds(
    lambda kind, number, noise: _rows(kind, Random(number), noise),
    st.sampled_from(list(Kind)),
    st.integers(0, 2**32),
    st.sampled_from([0, 0, 30]),
)

tangles = st.builds(
    lambda size, number: tangle(size, Random(number)), st.integers(5, 60), st.integers(0, 2**32)
)


def _rows(kind: Kind, chance: Random, noise: int) -> tuple[list[Movement], int]:
    rows = scheme(kind, chance)
    return (among_ordinary_payments(rows, chance, noise) if noise else rows), len(rows)


def renamed(rows: list[Movement]) -> list[Movement]:
    """The same rows, the names of accounts turned round so that their order changes."""
    ends = {end for row in rows for end in (row.from_account, row.to_account)}
    new = {end: "".join(chr(155 - ord(letter)) for letter in end) for end in ends}
    return [
        row._replace(from_account=new[row.from_account], to_account=new[row.to_account])
        for row in rows
    ]


def seen(result: Trace) -> list[tuple[object, ...]]:
    found = find_shapes(result)
    shapes = [(s.kind, s.rows, s.fen, s.window, s.connected, s.reason) for s in found.shapes]
    layers = [[len(layer) for layer in shape.layers] for shape in found.shapes]
    roles = [(role.role, role.came_fen, role.held_fen) for role in roles_of(result)]
    return [*shapes, *map(tuple, layers), *roles, (found.steps,)]


@settings(deadline=None)
@given(schemes)
def test_renaming_accounts_changes_nothing(made: tuple[list[Movement], int]) -> None:
    rows, own = made
    assert seen(traced_scheme(rows, own)) == seen(traced_scheme(renamed(rows), own))


@settings(deadline=None)
@given(tangles)
def test_renaming_changes_nothing_in_any_network(rows: list[Movement]) -> None:
    assert seen(traced_scheme(rows)) == seen(traced_scheme(renamed(rows)))


@settings(deadline=None)
@given(tangles, st.sampled_from(sorted(RULE_VERSIONS)))
def test_evidence_is_traced_and_in_time_under_every_rule(rows: list[Movement], rule: str) -> None:
    result = traced_scheme(rows, rule=rule)
    movements = result.movements
    carrying = {share.row for share in row_shares(result)}
    for shape in shapes_of(result):
        assert set(shape.rows) <= carrying
        assert shape.window == (movements.time[shape.rows[0]], movements.time[shape.rows[-1]])
        ends = {
            movements.name(int(column[row]))
            for row in shape.rows
            for column in (movements.from_account, movements.to_account)
        }
        assert ends == set(shape.accounts)
        assert 0 < shape.fen <= shape.weight


@pytest.mark.parametrize("kind", list(Kind))
def test_every_generated_scheme_is_named(kind: Kind) -> None:
    for number in range(40):
        shapes = shapes_of(traced_scheme(*_rows(kind, Random(number), 0)))
        assert [shape.kind for shape in shapes] == [kind], number


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.CYCLE])
def test_ordinary_payments_around_a_scheme_seldom_hide_it(kind: Kind) -> None:
    largest = [shapes_of(traced_scheme(*_rows(kind, Random(at), 100)))[:1] for at in range(40)]
    assert sum(bool(found) and found[0].kind is kind for found in largest) >= 38


def test_own_money_hides_some_cycles_under_fifo() -> None:
    # Own money that lay there leaves first, so that the stolen fen stay behind: the rule's doing.
    largest = [
        shapes_of(traced_scheme(*_rows(Kind.CYCLE, Random(at), 100)))[:1] for at in range(40)
    ]
    assert 28 <= sum(bool(found) and found[0].kind is Kind.CYCLE for found in largest) < 40


def test_schemes_are_found_among_the_rows_of_a_city() -> None:
    named, there = 0, 0
    for number in range(3):
        made = city(20_000, number)
        columns = zip(made.time, made.payer, made.payee, made.fen, strict=True)
        movements = Movements.build(
            Movement(str(at), int(time), _name(payer), _name(payee), int(fen))
            for at, (time, payer, payee, fen) in enumerate(columns)
        )
        openings = {_name(at): int(fen) for at, fen in enumerate(made.opening_fen) if fen}
        for one in made.schemes:
            if one.shape in set(Kind) - {Kind.FAN_OUT, Kind.SCATTER_GATHER}:
                seeds = Seeds.of(movements, ((str(row), str(row)) for row in one.payments))
                shapes = shapes_of(trace(movements, seeds, openings=openings))
                there += 1
                named += bool(shapes) and shapes[0].kind.value == one.shape
    assert there >= 15
    assert named == there


def _name(account: int) -> str:
    return f"a{account}" if account >= 0 else ""


def big(rows: list[Movement]) -> Trace:
    movements = Movements.build(rows)
    return trace(movements, Seeds.of(movements, [("v", "v")]))


def test_a_long_chain_takes_few_steps_per_row() -> None:
    rows = [Movement(f"{at}", at + 1, f"A{at}", f"A{at + 1}", MANY * WAN) for at in range(MANY)]
    found = find_shapes(big([Movement("v", 0, "V", "A0", MANY * WAN), *rows]))
    assert (found.shapes, found.notes) == ([], [])
    assert found.steps <= 5 * MANY


def test_money_that_goes_back_and_forth_stops_at_the_bound_and_says_so() -> None:
    rows = [Movement(f"{at}", at + 1, f"A{at % 2}", f"A{(at + 1) % 2}", WAN) for at in range(MANY)]
    bounds = usual_bounds()._replace(most_steps=100_000)
    found = find_shapes(big([Movement("v", 0, "V", "A0", WAN), *rows]), bounds)
    assert found.steps <= 100_000
    assert [shape.kind for shape in found.shapes] == [Kind.CYCLE]
    (note,) = found.notes
    assert note.text.startswith("The search stopped after 100000 steps")


def test_a_crowded_account_is_not_searched_way_by_way_and_it_is_said() -> None:
    ways = [Movement(f"i{at}", at, f"P{at}", "H", WAN) for at in range(200)]
    ways += [Movement(f"o{at}", 300 + at, "H", f"Q{at}", WAN) for at in range(200)]
    movements = Movements.build(ways)
    found = find_shapes(trace(movements, Seeds.of(movements, [(f"i{n}", "x") for n in range(200)])))
    assert [shape.kind for shape in found.shapes] == [Kind.GATHER_SCATTER]
    assert [note.facts for note in found.notes] == [{"count": 1}]


def test_the_rows_that_carry_least_are_left_out_and_it_is_said() -> None:
    rows = [Movement(f"{at}", at + 1, "A", f"B{at}", WAN + at) for at in range(100)]
    result = big([Movement("v", 0, "V", "A", 101 * WAN), *rows])
    found = find_shapes(result, usual_bounds()._replace(most_rows=60))
    (shape,) = found.shapes
    assert len(shape.layers[1]) == 59
    assert found.notes[0].facts == {"most": 60, "count": 41}


def test_only_the_largest_shapes_are_listed_and_it_is_said() -> None:
    rows = [Movement("v", 0, "V", "A", 100 * WAN)]
    for at in range(10):
        rows += [
            Movement(f"o{at}", 2 * at + 1, "A", f"B{at}", (at + 1) * WAN),
            Movement(f"b{at}", 2 * at + 2, f"B{at}", "A", (at + 1) * WAN),
        ]
    found = find_shapes(big(rows), usual_bounds()._replace(most_shapes=1))
    assert len(found.shapes) == 1
    assert found.shapes[0].weight >= 110 * WAN
