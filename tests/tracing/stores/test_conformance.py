"""What every store must give: the pieces and ends of the engine, row for row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fanzha.tracing.engine import EndKind, InputError, Limits, Seeds
from fanzha.tracing.stores.memory import MemoryStore
from tests.tracing.networks import movements_of, row
from tests.tracing.reference import Case
from tests.tracing.stores.country import chance_cases, country

if TYPE_CHECKING:
    from fanzha.tracing.stores import Found
    from tests.tracing.reference import Row
    from tests.tracing.stores.conftest import MakeStore

OPEN = Limits()
SHORT = Limits(max_hops=1)
NARROW = Limits(min_amount_fen=4, max_hops=3, hop_window=20, max_transfers=60)


def pieces_in(found: Found) -> list[tuple[object, ...]]:
    """All pieces as tuples, in no order that a store would have to keep."""
    return sorted((tuple(record.values()) for record in found.pieces.to_pylist()), key=repr)


def ends_in(found: Found) -> Counter[tuple[str, str, str, int, int]]:
    """Fen by account, kind, claim and piece."""
    sums: Counter[tuple[str, str, str, int, int]] = Counter()
    for end in found.ends.to_pylist():
        sums[end["account"], end["kind"], end["claim"], end["row"], end["lo"]] += end["fen"]
    return sums


def test_stores_give_the_rows_of_the_engine(make_store: MakeStore) -> None:
    asked = country(chance_cases(1, 60, most_rounds=6))
    store = make_store(asked.movements)
    for limits in (OPEN, NARROW, SHORT):
        wanted, found = asked.ask(MemoryStore(asked.movements), limits), asked.ask(store, limits)
        assert pieces_in(found) == pieces_in(wanted)
        assert ends_in(found) == ends_in(wanted)
        assert found.rounds == wanted.rounds


def stolen(fen: int, *more: Row) -> list[Row]:
    """The victim V pays A at time 10; other rows stand around it."""
    return [row("stolen", 10, "V", "A", fen), *more]


V = {"stolen": "V"}
EXAMPLES: dict[str, tuple[list[Row], dict[str, str], dict[tuple[str, str, str], int]]] = {
    "T1": (
        stolen(
            3,
            row("own", 20, "W", "A", 7),
            row("o1", 30, "A", "B", 3),
            row("o2", 40, "A", "C", 7),
        ),
        V,
        {("B", "held", "V"): 3},
    ),
    "T4, a loop": (
        stolen(100_000, row("o", 20, "A", "B", 60_000), row("b", 30, "B", "A", 60_000)),
        V,
        {("A", "held", "V"): 100_000},
    ),
    "T15": (
        stolen(100, row("l", 20, "L", "A", 100), row("o", 30, "A", "", 100, channel="cash")),
        V | {"l": "L"},
        {("A", "cash", "V"): 100, ("A", "held", "L"): 100},
    ),
    "T20, by time": (
        [
            row("a", 1000, "V1", "M", 10_000_000),
            row("b", 1005, "V2", "M", 5_000_000),
            row("out", 1006, "M", "", 10_000_000),
            row("c", 1010, "V3", "M", 3_000_000),
        ],
        {"a": "a", "b": "b", "c": "c"},
        {
            ("M", "unknown", "a"): 10_000_000,
            ("M", "held", "b"): 5_000_000,
            ("M", "held", "c"): 3_000_000,
        },
    ),
    "an overdraft is filled first": (
        stolen(100, row("short", 5, "A", "B", 30), row("o", 20, "A", "C", 20)),
        V,
        {("A", "overdraft", "V"): 30, ("C", "held", "V"): 20, ("A", "held", "V"): 50},
    ),
    "missing money lies before the outflow that goes short": (
        stolen(10, row("short", 20, "A", "B", 30, payer_balance=0), row("again", 30, "W", "A", 5)),
        V | {"again": "W"},
        {("B", "held", "V"): 10, ("A", "held", "W"): 5},
    ),
    "only what the bank does not show as overdrawn was missing": (
        [row("short", 1, "A", "B", 30, payer_balance=-10), row("stolen", 2, "V", "A", 25)],
        V,
        {("A", "overdraft", "V"): 10, ("A", "held", "V"): 15},
    ),
    "money missing twice is counted once": (
        stolen(
            10,
            row("o1", 20, "A", "B", 30, payer_balance=0),
            row("o2", 30, "A", "B", 5, payer_balance=0),
            row("in", 40, "W", "A", 8),
            row("o3", 50, "A", "C", 8, payer_balance=0),
        ),
        V | {"in": "W"},
        {("B", "held", "V"): 10, ("C", "held", "W"): 8},
    ),
    "money goes back to a victim": (
        stolen(10, row("o", 20, "A", "V2", 10), row("paid", 30, "V2", "A", 15)),
        V | {"paid": "V2"},
        {("V2", "returned_to_victim", "V"): 10, ("A", "held", "V2"): 15},
    ),
    "a reversal at once changes nothing": (
        stolen(
            10,
            row("o", 20, "A", "B", 6),
            row("back", 21, "B", "A", 6, reverses="o"),
            row("c", 30, "A", "C", 4),
        ),
        V,
        {("C", "held", "V"): 4, ("A", "held", "V"): 6},
    ),
    "an exit is taken back in part": (
        stolen(
            10,
            row("o", 20, "A", "", 8, channel="merchant"),
            row("back", 30, "", "A", 5, reverses="o"),
        ),
        V,
        {("A", "merchant", "V"): 3, ("A", "held", "V"): 7},
    ),
    "an exit has no bank whose time counts": (
        stolen(
            10,
            row("o", 20, "A", "", 8, channel="cash", time_to=50),
            row("back", 30, "", "A", 5, reverses="o", payer_balance=0),
        ),
        V,
        {("A", "cash", "V"): 3, ("A", "held", "V"): 7},
    ),
    "an arrival counts when the payee's bank says": (
        stolen(10, row("late", 20, "A", "B", 10, time_to=40), row("o", 30, "B", "C", 10)),
        V,
        {("B", "overdraft", "V"): 10},
    ),
    "money leaves in another currency": (
        stolen(10, row("fx", 20, "A", "B", 4, currency="USD")),
        V,
        {("A", "currency_exchange", "V"): 4, ("A", "held", "V"): 6},
    ),
}  # fmt: skip


def test_stores_give_the_known_answers(make_store: MakeStore) -> None:
    asked = country(Case(tuple(rows), seeds) for rows, seeds, _ in EXAMPLES.values())
    found = asked.ask(make_store(asked.movements), OPEN)
    answers: dict[str, dict[tuple[str, str, str], int]] = {name: {} for name in EXAMPLES}
    for (account, kind, claim, _, _), fen in ends_in(found).items():
        number, own_account = account.split("-")
        key = own_account, kind, claim.split("-")[1]
        answer = answers[list(EXAMPLES)[int(number)]]
        answer[key] = answer.get(key, 0) + fen
    assert answers == {name: wanted for name, (_, _, wanted) in EXAMPLES.items()}


def test_stores_refuse_what_the_engine_refuses(make_store: MakeStore) -> None:
    rows = [
        row("a", 1, "V", "A", 5),
        row("usd", 2, "V", "A", 5, currency="USD"),
    ]
    store = make_store(movements_of(rows))
    paid = Seeds((0,), ("V",))
    with pytest.raises(InputError, match="negative"):
        store.trace_fifo(paid, openings={"A": -1})
    with pytest.raises(InputError, match="no kind of gap"):
        store.trace_fifo(paid, gap_kinds={"A": EndKind.HELD})


def test_nothing_paid_is_nothing_found(make_store: MakeStore) -> None:
    store = make_store(movements_of([row("a", 1, "V", "A", 0), row("b", 2, "V", "A", 5)]))
    for seeds in (Seeds((), ()), Seeds((0,), ("V",))):
        found = store.trace_fifo(seeds)
        assert (len(found.pieces), len(found.ends), found.rounds) == (0, 0, 0)
