"""Each sentence of the page of rules on a network small enough to read, for the rules it speaks of.

What holds for `fifo` alone stands in `test_engine_examples.py`.
"""

from __future__ import annotations

import pytest

from fanzha.tracing.engine import (
    FLOW_RULES,
    REACH,
    RULE_VERSIONS,
    VALUATIONS,
    InputError,
    Limits,
    account_ends,
    row_shares,
)
from tests.tracing.networks import ends_of, row, shares_of, traced

STOLEN = {"stolen": "V"}
BOTH = {"first": "V", "second": "W"}
PAID_IN = [row("first", 1, "V", "A", 10), row("second", 2, "W", "A", 10)]


@pytest.mark.parametrize(
    ("rule", "order"),
    [
        ("fifo", [(0, 10, "V"), (10, 16, "W")]),
        ("lifo", [(0, 10, "W"), (10, 16, "V")]),
        ("own_first", [(5, 15, "V"), (15, 16, "W")]),
    ],
)
def test_lots_stand_in_a_transfer_in_the_order_of_their_release(
    rule: str, order: list[tuple[int, int, str]]
) -> None:
    own = [row("own", 3, "X", "A", 5)] if rule == "own_first" else []
    rows = [*PAID_IN, *own, row("out", 4, "A", "B", 16)]
    pieces = [p for p in traced(rows, BOTH, rule=rule).pieces if p.hop]
    assert sorted((p.lo, p.hi, p.claim) for p in pieces) == order


@pytest.mark.parametrize(
    ("rule", "filled"),
    [
        ("fifo", {"V": 6}),
        ("lifo", {"W": 6}),
        ("own_first", {"V": 6}),
        ("rolling_pro_rata", {"V": 3, "W": 3}),
    ],
)
def test_a_debt_is_filled_by_what_was_released_first(rule: str, filled: dict[str, int]) -> None:
    rows = [*PAID_IN, row("short", 3, "B", "X", 6), row("all", 4, "A", "B", 20)]
    ends = ends_of(traced(rows, BOTH, rule=rule))
    found = {claim: fen for (_, kind, claim), fen in ends.items() if kind == "overdraft"}
    assert found == filled


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_an_overdraft_is_own_money_for_the_payee(rule: str) -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("out", 2, "A", "B", 30)]
    assert ends_of(traced(rows, STOLEN, rule=rule)) == {("B", "held", "V"): 10}


@pytest.mark.parametrize(("rule", "onward"), [("fifo", 10), ("lifo", 10), ("own_first", 0)])
def test_missing_money_is_own_and_the_newest(rule: str, onward: int) -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("short", 2, "A", "B", 30, payer_balance=0),
        row("on", 3, "B", "C", 20),
    ]
    result = traced(rows, STOLEN, rule=rule)
    assert ("missing", 20) in [(note.kind, note.fen) for note in result.notes]
    assert shares_of(result).get("on", {}) == ({"V": onward} if onward else {})


@pytest.mark.parametrize("rule", FLOW_RULES)
@pytest.mark.parametrize("parts", [(16,), (6, 10)])
def test_a_transfer_undone_at_once_changes_nothing(rule: str, parts: tuple[int, ...]) -> None:
    rows = [*PAID_IN, row("own", 3, "X", "A", 5), row("sent", 4, "A", "B", 16)]
    back = [
        row(f"back{at}", 5 + at, "B", "A", fen, reverses="sent") for at, fen in enumerate(parts)
    ]
    after = [row("out", 9, "A", "C", 7)]
    undone = traced([*rows, *back, *after], BOTH, rule=rule)
    never = traced([*rows[:3], *after], BOTH, rule=rule)
    assert ends_of(undone) == ends_of(never)
    assert shares_of(undone).get("out") == shares_of(never).get("out")
    assert not undone.notes


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_a_reversal_first_takes_the_originals_own_lots(rule: str) -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("before", 2, "X", "B", 10),
        row("sent", 3, "A", "B", 10),
        row("later", 4, "X", "B", 10),
        row("back", 5, "B", "A", 10, reverses="sent"),
    ]
    result = traced(rows, STOLEN, rule=rule)
    assert ends_of(result) == {("A", "held", "V"): 10}
    assert not result.notes


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_a_refunded_exit_brings_its_money_back_also_to_the_victim_who_paid_by_it(rule: str) -> None:
    rows = [
        row("stolen", 1, "V", "", 10, channel="merchant"),
        row("refund", 2, "", "V", 4, reverses="stolen"),
    ]
    openings = {"V": 10}
    ends = ends_of(traced(rows, STOLEN, rule=rule, openings=openings))
    assert ends == {("V", "merchant", "V"): 6, ("V", "held", "V"): 4}
    assert ends_of(traced(rows, STOLEN, rule=rule, openings=openings, known=set())) == {
        ("V", "merchant", "V"): 6,
        ("V", "not_queried", "V"): 4,
    }


@pytest.mark.parametrize("rule", FLOW_RULES)
@pytest.mark.parametrize(
    ("limits", "cut"),
    [
        (Limits(min_amount_fen=8), 7),
        (Limits(min_amount_fen=7), 0),
        (Limits(max_hops=0), 7),
        (Limits(max_hops=1), 0),
        (Limits(hop_window=3), 7),
        (Limits(hop_window=4), 0),
        (Limits(max_transfers=0), 7),
        (Limits(max_transfers=1), 0),
    ],
)
def test_a_limit_is_inclusive_and_cuts_at_the_account(rule: str, limits: Limits, cut: int) -> None:
    rows = [row("stolen", 1, "V", "A", 7), row("out", 5, "A", "B", 7)]
    ends = ends_of(traced(rows, STOLEN, rule=rule, limits=limits))
    assert ends == {("A", "beyond_limits", "V") if cut else ("B", "held", "V"): 7}


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_most_transfers_are_counted_in_order_of_leaving_without_payments(rule: str) -> None:
    rows = [
        row("stolen", 1, "V", "A", 12),
        row("one", 2, "A", "B", 4),
        row("two", 3, "A", "C", 4),
        row("three", 4, "B", "D", 4),
        row("four", 5, "C", "E", 4),
    ]
    ends = ends_of(traced(rows, STOLEN, rule=rule, limits=Limits(max_transfers=3)))
    assert ends == {
        ("A", "held", "V"): 4,
        ("D", "held", "V"): 4,
        ("C", "beyond_limits", "V"): 4,
    }


def test_limits_never_change_whose_money_is_whose() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("small", 2, "A", "B", 1),
        row("own", 3, "X", "B", 5),
        row("out", 4, "B", "C", 5),
        row("again", 5, "W", "B", 3),
        row("rest", 6, "B", "D", 3),
    ]
    result = traced(
        rows, {"stolen": "V", "again": "W"}, rule="own_first", limits=Limits(min_amount_fen=2)
    )
    # The fen beyond limits is still a claim's: own money leaves before it, and it before W's.
    assert shares_of(result)["rest"] == {"W": 2}
    assert "out" not in shares_of(result)


def test_a_victims_payment_returns_what_it_takes_whatever_the_limits() -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("paid", 2, "A", "B", 6)]
    for rule in FLOW_RULES:
        limits = Limits(max_hops=0, min_amount_fen=100)
        ends = ends_of(traced(rows, {"stolen": "V", "paid": "A"}, rule=rule, limits=limits))
        assert ends["A", "returned_to_victim", "V"] == 6


@pytest.mark.parametrize("rule", ["fifo", "lifo"])
def test_backward_follows_money_into_the_debt_that_it_fills(rule: str) -> None:
    rows = [
        row("bought", 1, "A", "B", 30),
        row("on", 2, "B", "C", 30),
        row("stolen", 3, "V", "A", 20),
    ]
    assert ends_of(traced(rows, STOLEN, rule=rule)) == {("A", "overdraft", "V"): 20}
    backward = traced(rows, STOLEN, rule=rule, backward=True)
    assert ends_of(backward) == {("C", "held", "V"): 20}
    assert shares_of(backward) == {"stolen": {"V": 20}, "bought": {"V": 20}, "on": {"V": 20}}


@pytest.mark.parametrize("rule", ["fifo", "lifo"])
def test_backward_round_a_ring_ends_as_overdraft(rule: str) -> None:
    rows = [row("stolen", 1, "A", "B", 25), row("back", 2, "B", "A", 25)]
    result = traced(rows, STOLEN, rule=rule, backward=True)
    assert ends_of(result) == {("A", "overdraft", "V"): 25}
    assert shares_of(result) == {"stolen": {"V": 25}, "back": {"V": 25}}


@pytest.mark.parametrize("rule", sorted({*RULE_VERSIONS} - {"fifo", "lifo"}))
def test_backward_is_refused_by_rules_that_do_not_know_it(rule: str) -> None:
    with pytest.raises(InputError, match="backward"):
        traced([row("stolen", 1, "V", "A", 1)], STOLEN, rule=rule, backward=True)


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_money_arrives_at_the_time_of_the_payees_bank(rule: str) -> None:
    rows = [row("stolen", 1, "V", "A", 10, time_to=5), row("out", 3, "A", "B", 10)]
    assert ends_of(traced(rows, STOLEN, rule=rule)) == {("A", "overdraft", "V"): 10}
    late = [rows[0], row("out", 6, "A", "B", 10)]
    assert ends_of(traced(late, STOLEN, rule=rule)) == {("B", "held", "V"): 10}


@pytest.mark.parametrize("rule", FLOW_RULES)
def test_money_in_another_currency_does_not_reach_the_payee(rule: str) -> None:
    rows = [row("stolen", 1, "V", "A", 10), row("abroad", 2, "A", "B", 6, currency="USD")]
    ends = ends_of(traced(rows, STOLEN, rule=rule))
    assert ends == {("A", "held", "V"): 4, ("A", "currency_exchange", "V"): 6}


@pytest.mark.parametrize("valuation", VALUATIONS)
def test_the_ends_of_a_valuation_are_its_shares(valuation: str) -> None:
    rows = [*PAID_IN, row("out", 3, "A", "", 12, channel="cash"), row("own", 4, "X", "A", 4)]
    result = traced(rows, BOTH, rule=valuation)
    value = result.valuations[0]
    assert (value.account, value.share_fen) == ("A", sum(value.by_claim.values()))
    assert {claim: fen for (_, _, claim), fen in ends_of(result).items()} == {
        claim: fen for claim, fen in value.by_claim.items() if fen
    }
    assert {end.kind for end in result.ends} == {"held"}
    assert shares_of(result) == shares_of(traced(rows, BOTH))


@pytest.mark.parametrize(
    ("flow_rule", "caps"),
    [("fifo", {"V": 6}), ("lifo", {"V": 6}), ("own_first", {}), ("rolling_pro_rata", {"V": 4})],
)
def test_a_flow_rule_tells_which_claim_money_arrived(flow_rule: str, caps: dict[str, int]) -> None:
    rows = [row("stolen", 1, "V", "A", 6), row("own", 2, "X", "A", 3), row("out", 3, "A", "B", 6)]
    if flow_rule == "lifo":
        rows[0], rows[1] = row("own", 1, "X", "A", 3), row("stolen", 2, "V", "A", 6)
    if flow_rule == "own_first":
        rows[1] = row("own", 2, "X", "A", 6)
    result = traced(rows, STOLEN, rule="libr_cap", flow_rule=flow_rule)
    assert {v.account: v.by_claim for v in result.valuations}.get("B", {}) == caps


def test_no_claim_gets_more_in_all_accounts_than_it_paid() -> None:
    rows = [
        row("stolen", 1, "V", "A", 100),
        row("out", 2, "A", "B", 100),
        row("own", 3, "X", "A", 100),
    ]
    result = traced(rows, STOLEN, rule="pari_passu_end")
    assert [(v.account, v.by_claim["V"]) for v in result.valuations] == [("A", 100), ("B", 0)]


def test_poison_taints_in_full_and_counts_every_row_once() -> None:
    rows = [
        *PAID_IN,
        row("out", 3, "A", "", 5, channel="cash"),
        row("more", 4, "A", "B", 8),
        row("own", 5, "X", "B", 2),
    ]
    result = traced(rows, BOTH, rule=REACH)
    assert [(e.account, e.kind, e.fen, e.by_claim) for e in account_ends(result)] == [
        ("A", "cash", 5, {"V": 5, "W": 5}),
        ("A", "held", 7, {"V": 7, "W": 7}),
        ("B", "held", 10, {"V": 10, "W": 10}),
    ]
    assert [share.fen for share in row_shares(result)] == [10, 10, 5, 8]


def test_poison_lists_what_limits_cut_and_counts_transfers_in_order() -> None:
    rows = [
        row("stolen", 1, "V", "A", 10),
        row("one", 2, "A", "B", 4),
        row("two", 3, "A", "C", 4),
        row("three", 4, "B", "D", 4),
    ]
    result = traced(rows, STOLEN, rule=REACH, limits=Limits(max_transfers=2))
    assert ends_of(result) == {
        ("A", "held", "V"): 2,
        ("C", "held", "V"): 4,
        ("B", "beyond_limits", "V"): 4,
    }


def test_poison_reaches_further_by_the_shorter_or_by_the_later_way() -> None:
    rows = [
        row("stolen", 0, "V", "A", 10),
        row("straight", 1, "A", "D", 1),
        row("around", 2, "A", "B", 1),
        row("around2", 8, "B", "D", 1),
        row("out", 9, "D", "E", 1),
    ]
    by_hops = traced(rows, STOLEN, rule=REACH, limits=Limits(max_hops=2))
    by_time = traced(rows, STOLEN, rule=REACH, limits=Limits(hop_window=7))
    neither = traced(rows, STOLEN, rule=REACH, limits=Limits(max_hops=2, hop_window=7))
    assert "out" in shares_of(by_hops)
    assert "out" in shares_of(by_time)
    assert "out" not in shares_of(neither)
