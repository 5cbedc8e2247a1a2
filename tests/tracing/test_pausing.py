"""A trace whose time is up says what is missing, and goes on to the end that it would have had."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.tracing.engine import (
    FLOW_RULES,
    RULE_VERSIONS,
    EndKind,
    NoteKind,
    account_ends,
    fates,
    go_on,
    row_shares,
    tiers,
)
from tests.tracing.agreement import engine, few
from tests.tracing.networks import ends_of, networks, row, traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from fanzha.tracing.engine import Trace
    from tests.tracing.reference import Case


def after(steps: int) -> Callable[[], bool]:
    """Say stop at every so many steps."""
    count = iter(range(1, 10_000))
    return lambda: next(count) % steps == 0


def found(trace: Trace) -> list[object]:
    """Everything that a trace found."""
    flow = [trace.pieces, trace.ends, trace.notes, trace.valuations, trace.exactness]
    return [*flow, account_ends(trace), row_shares(trace), tiers(trace), fates(trace)]


@pytest.mark.parametrize("rule", RULE_VERSIONS)
@few
@given(networks(), st.integers(1, 7))
def test_a_stopped_trace_goes_on_to_the_end_of_one_that_never_was(
    rule: str, case: Case, steps: int
) -> None:
    stop = after(steps)
    result = engine(case, rule, stop=stop)
    while result.paused is not None:
        if rule in FLOW_RULES:
            assert sum(end.fen for end in result.ends) == result.seeded_fen
        result = go_on(result, stop=stop)
    assert found(result) == found(engine(case, rule))


@pytest.mark.parametrize("rule", RULE_VERSIONS)
@few
@given(networks())
def test_going_on_twice_from_one_place_gives_the_same(rule: str, case: Case) -> None:
    paused = engine(case, rule, stop=lambda: True)
    before = found(paused)
    assert found(go_on(paused)) == found(go_on(paused))
    assert found(paused) == before


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_what_was_not_walked_is_listed_where_it_lies(rule: str) -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("out", 2, "A", "B", 10), row("on", 3, "B", "C", 10)]
    result = traced(rows, {"stolen": "V"}, rule=rule, stop=lambda: True)
    assert ends_of(result) == {("A", "beyond_limits", "V"): 10}
    assert [(end.account, end.fen) for end in result.unfinished] == [("A", 10)]
    assert [(note.kind, note.fen) for note in result.notes] == [(NoteKind.UNFINISHED, 10)]
    whole = go_on(result)
    assert ends_of(whole) == {("C", "held", "V"): 10}
    assert (whole.unfinished, whole.paused) == ((), None)
    assert go_on(whole) is whole


def test_a_payment_that_was_not_looked_at_lies_where_it_was_paid() -> None:
    rows = [row("one", 1, "V", "A", 10), row("two", 2, "W", "B", 5)]
    seeds = {"one": "V", "two": "W"}
    for rule in FLOW_RULES:
        result = traced(rows, seeds, rule=rule, stop=lambda: True)
        assert ends_of(result)["B", EndKind.BEYOND_LIMITS.value, "W"] == 5
