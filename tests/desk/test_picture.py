"""The fund-flow picture: every fen is drawn once, and nobody's number is in it."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.desk.flow.fates import Fate
from fanzha.desk.flow.picture import Picture, opaque_id
from fanzha.desk.flow.placing import THINNEST, WIDEST, place
from tests.desk.net import SECRET, picture, traced


def inflow(drawn: Picture, node_id: str) -> Counter[Fate]:
    return sum((e.fates for e in drawn.edges if e.target == node_id), Counter())


def outflow(drawn: Picture, node_id: str) -> Counter[Fate]:
    return sum((e.fates for e in drawn.edges if e.source == node_id), Counter())


def assert_conserved(drawn: Picture) -> None:
    for node in drawn.nodes:
        came, went = inflow(drawn, node.id), outflow(drawn, node.id)
        assert came.total() == node.received_fen
        assert went.total() == node.passed_fen
        if node.kind != "victim":
            assert +came == went + node.here, node.key
        assert sum(node.ended.values(), Counter()) == +node.here
    for edge in drawn.edges:
        assert sum(fen for _, fen in edge.bands) == edge.fen
    ended = sum((node.here for node in drawn.nodes), Counter())
    assert {str(fate): ended[fate] for fate in Fate} == {
        name: fen for name, fen in drawn.figures.items() if name != "paid"
    }


def test_at_every_node_what_came_is_what_went_and_what_stays_for_each_fate() -> None:
    assert_conserved(picture())


def test_the_colours_at_the_victims_are_the_figures() -> None:
    drawn = picture()
    victims = [node.id for node in drawn.nodes if node.kind == "victim"]
    told = sum((outflow(drawn, each) for each in victims), Counter())
    assert {str(fate): told[fate] for fate in Fate} | {"paid": 170_000} == drawn.figures


def test_two_payments_between_the_same_two_are_one_edge_of_two_rows() -> None:
    drawn = picture()
    by_key = {node.key: node.id for node in drawn.nodes}
    edge = next(
        e for e in drawn.edges
        if (e.source, e.target) == (by_key["account", "A"], by_key["account", "C"])
    )  # fmt: skip
    assert (len(edge.rows), edge.fen) == (2, 70_000)


def test_a_loop_leads_back_to_the_same_box() -> None:
    drawn = picture()
    by_key = {node.key: node for node in drawn.nodes}
    back = [e for e in drawn.edges if e.target == by_key["account", "A"].id]
    columns = {drawn.by_id[e.source].column for e in back}
    assert by_key["account", "A"].column == 1
    assert max(columns) > 1
    line = next(
        each for each in place(drawn).lines
        if drawn.by_id[each.edge.source].column > drawn.by_id[each.edge.target].column
    )  # fmt: skip
    assert all("L" in strip.path for strip in line.strips)


def test_one_victim_alone_is_a_part_of_the_whole() -> None:
    one, other, both = (picture(claims=claims) for claims in ({"p1", "p2"}, {"p3"}, None))
    for each in (one, other, both):
        assert_conserved(each)
    for fate in map(str, Fate):
        assert one.figures[fate] + other.figures[fate] == both.figures[fate]
    assert one.figures["paid"] == 140_000


def star(leaves: int) -> list[Any]:
    rows: list[Any] = [("p1", 0, "V", "A", leaves * (leaves + 1), "")]
    rows += [(f"m{n}", n, "A", f"L{n}", n, "") for n in range(1, leaves + 1)]
    return rows + [(f"x{n}", leaves + n, f"L{n}", "", n - 1, "cash") for n in range(2, leaves + 1)]


def test_small_accounts_are_drawn_as_one_pile_and_nothing_is_lost() -> None:
    found = traced(star(300), ("p1",))
    drawn = picture(found, victims={"p1": "v"}, until=None, most=60)
    assert len(drawn.nodes) <= 60
    assert_conserved(drawn)
    assert sum(node.accounts for node in drawn.nodes) == 301
    second = [node for node in drawn.nodes if node.column == 2]
    assert sum(node.received_fen for node in second) == 300 * 301 // 2
    pile = next(node for node in second if node.kind == "others")
    alone = [node.received_fen for node in second if node.kind == "account"]
    assert min(alone) == 300 - len(alone) + 1
    assert pile.accounts == 300 - len(alone)


def test_the_picture_is_the_same_each_time() -> None:
    assert place(picture()) == place(picture())


def test_strips_are_as_wide_as_their_money_and_boxes_do_not_overlap() -> None:
    placed = place(picture())
    for line in placed.lines:
        for strip in line.strips:
            exact = strip.fen * WIDEST / 170_000
            assert strip.width == pytest.approx(max(exact, THINNEST), abs=0.01)
    for column in range(5):
        boxes = [box for box in placed.boxes if box.node.column == column]
        for upper, lower in pairwise(boxes):
            assert upper.y + upper.height < lower.y
    assert all(box.x + box.width <= placed.width for box in placed.boxes)
    assert all(box.y + box.height <= placed.height for box in placed.boxes)


def test_ids_say_nothing_and_differ_between_installations() -> None:
    ids = {node.id for node in picture().nodes} | {edge.id for edge in picture().edges}
    assert all(re.fullmatch(r"[0-9a-f]{18}", each) for each in ids)
    number = "6299011234567890128"
    assert opaque_id(SECRET, "account", number) != opaque_id(b"other", "account", number)


ACCOUNTS = st.sampled_from("VABCDE")
STEPS = st.lists(st.tuples(ACCOUNTS, st.sampled_from("VABCDE "), st.integers(1, 99)), max_size=25)


@settings(max_examples=150, deadline=None)
@given(STEPS, st.integers(1, 200), st.integers(3, 12))
def test_any_network_is_drawn_to_the_fen(
    steps: list[tuple[str, str, int]], paid: int, most: int
) -> None:
    rows: list[Any] = [("p1", 0, "V", "A", paid, "")]
    for at, (payer, payee, fen) in enumerate(steps, start=1):
        if payer != payee:
            rows.append((f"m{at}", at, payer, payee.strip(), fen, "cash" if payee == " " else ""))
    drawn = picture(traced(rows, ("p1",)), victims={"p1": "v"}, most=most)
    assert_conserved(drawn)
    place(drawn)
