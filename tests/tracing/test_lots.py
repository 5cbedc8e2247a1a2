"""Lots keep their order whatever is taken out of them, and wherever."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from fanzha.tracing.engine.lots import Lots
from tests.tracing.networks import ends_of, row, shares_of, traced


class Coin(NamedTuple):
    """A lot that is known by its number."""

    row: int
    number: int


def test_lots_stand_in_the_order_in_which_they_were_laid() -> None:
    lots: Lots[Coin] = Lots()
    for number in range(3):
        lots.append(Coin(number, number))
    lots.put_in_front([Coin(7, 7), Coin(7, 8)], ())
    assert [coin.number for coin in lots] == [7, 8, 0, 1, 2]
    assert lots.lot(lots.end(newest=True)).number == 2
    assert lots.lot(lots.end(newest=False)).number == 7
    lots.put_in_front([Coin(9, 9)], [7])
    assert [coin.number for coin in lots] == [7, 8, 9, 0, 1, 2]


@given(st.lists(st.tuples(st.sampled_from(["append", "front", "end", "row"]), st.integers(0, 3))))
def test_lots_do_what_a_plain_list_does(steps: list[tuple[str, int]]) -> None:
    lots: Lots[Coin] = Lots()
    plain: list[Coin] = []
    for number, (step, at) in enumerate(steps):
        coin = Coin(at, number)
        if step == "append":
            lots.append(coin)
            plain.append(coin)
        elif step == "front":
            lots.put_in_front([coin], [at])
            run = next((n for n, lot in enumerate(plain) if lot.row != at), len(plain))
            plain.insert(run, coin)
        elif step == "end" and plain:
            lots.leave(lots.end(newest=bool(at % 2)), None)
            plain.pop(-1 if at % 2 else 0)
        elif step == "row":
            assert {lots.lot(name) for name in lots.of_row(at)} == {c for c in plain if c.row == at}
        assert list(lots) == plain
        assert bool(lots) is bool(plain)


def test_what_is_left_of_a_rows_lots_keeps_its_order_for_a_reversal() -> None:
    rows = [
        row("first", 1, "V", "A", 10),
        row("second", 2, "W", "A", 10),
        row("both", 3, "A", "B", 20),
        row("some", 4, "B", "C", 4),
        row("back", 5, "B", "A", 8, reverses="both"),
    ]
    for rule in ("fifo", "own_first"):
        result = traced(rows, {"first": "V", "second": "W"}, rule=rule)
        assert shares_of(result)["back"] == {"V": 6, "W": 2}
        assert ends_of(result)["B", "held", "W"] == 8
