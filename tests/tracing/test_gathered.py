"""A case's transfers as a table reach the engine as if every row had been handed in."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.movements.gathered import Gathered, Version, Witnessed, table_of
from fanzha.movements.groups import UNDECIDED
from fanzha.movements.joined import Transfer
from fanzha.movements.pairing import UNJUDGED
from fanzha.tracing.engine import InputError, Movement, Movements
from fanzha.tracing.gathered import movements_of
from tests.cast import NOON

NAMES = ["", "A", "B", "C", "甲"]
FACTS = st.tuples(
    st.integers(0, 5), st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 9),
    st.sampled_from(["", "cash", "unknown"]), st.sampled_from(["CNY", "CNY", "USD"]),
    st.one_of(st.none(), st.integers(0, 20)), st.one_of(st.none(), st.integers(0, 20)),
).filter(lambda fact: bool(fact[1] or fact[2]))  # fmt: skip


def transfer(name: str, fact: tuple[int, str, str, int, str, str, int | None, int | None],
             clock: int, reverses: str = "") -> Transfer:  # fmt: skip
    _, payer, payee, fen, channel, currency, left, arrived = fact
    return Transfer(
        name, payer, payee, fen, NOON + timedelta(seconds=clock), clock, "second", None, channel,
        left, arrived, currency, reverses, "single", f"从{payer}", f"到{payee}", name,
        (("S1", clock), ("S2", 7)),
    )  # fmt: skip


def movement(each: Transfer) -> Movement:
    return Movement(
        each.movement_id, each.clock, each.from_account, each.to_account, each.amount_fen,
        each.balance_from_fen, each.balance_to_fen, each.channel, each.currency, each.reverses,
    )  # fmt: skip


def same(one: Movements, other: Movements) -> bool:
    return all(
        np.array_equal(getattr(one, each.name), getattr(other, each.name)) for each in fields(one)
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(FACTS, max_size=12), st.lists(FACTS, max_size=3))
def test_rows_of_a_table_are_those_that_are_built(
    facts: list[tuple[int, str, str, int, str, str, int | None, int | None]],
    beside: list[tuple[int, str, str, int, str, str, int | None, int | None]],
) -> None:
    facts.sort(key=lambda fact: fact[0])
    rows = [transfer(f"m{at}", fact, fact[0]) for at, fact in enumerate(facts)]
    if rows and rows[0].from_account and rows[0].to_account:
        back = (9, rows[0].to_account, rows[0].from_account, rows[0].amount_fen, "", "", None, None)
        mirrored = transfer("back", back, 9, "m0")._replace(currency=rows[0].currency)
        rows.append(mirrored)
    told = [movement(transfer(f"p{at}", fact, fact[0])) for at, fact in enumerate(beside)]
    built = Movements.build([*map(movement, rows), *told])
    assert same(movements_of(table_of(rows), told), built)


@pytest.mark.parametrize(
    "row",
    [
        ("m1", 1, "A", "B", -1, "", ""),
        ("m1", 1, "", "", 1, "", ""),
        ("m1", 1, "A", "", 1, "a word", ""),
        ("m1", 1, "A", "B", 1, "", "nobody"),
        ("m0", 1, "A", "B", 1, "", ""),
    ],
)
def test_what_cannot_be_is_refused_as_when_it_is_built(
    row: tuple[str, int, str, str, int, str, str],
) -> None:
    name, clock, payer, payee, fen, channel, reverses = row
    fact = (clock, payer, payee, fen, channel, "CNY", None, None)
    rows = [transfer("m0", (0, "A", "B", 5, "", "CNY", None, None), 0)]
    rows.append(transfer(name, fact, clock, reverses))
    with pytest.raises(InputError) as built:
        Movements.build(map(movement, rows))
    with pytest.raises(InputError) as found:
        movements_of(table_of(rows), ())
    assert str(found.value) == str(built.value)


def test_a_table_names_holders_witnesses_and_rows_of_one_amount() -> None:
    facts = [(0, "A", "B", 5, "", "CNY", None, None), (1, "B", "C", 5, "", "CNY", None, None)]
    rows = [transfer(f"m{at}", fact, at) for at, fact in enumerate(facts)]
    rows.append(rows[0]._replace(movement_id="m2", to_name="另名", clock=3, amount_fen=6))
    rows.append(rows[0]._replace(movement_id="m3", to_name="", clock=4, amount_fen=6))
    version = Version((), UNJUDGED, UNDECIDED)
    found = Gathered(version, table_of(rows), {}, {}, {})
    assert found.names == {"A": "从A", "B": "另名", "C": "到C"}
    assert found.payees == {"B", "C"}
    assert found.of_amount(5) == [0, 1]
    assert found.sides(1) == ("B", "C", 1)
    assert found.told(["m1", "p9"]) == {"m1": Witnessed("m1", (("S1", 1), ("S2", 7)))}
