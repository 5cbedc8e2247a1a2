"""Invariants V2, V3, V4, V6, V7, V8, V11 of tracing: what changes no figure, for every rule."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fanzha.tracing.engine import (
    FLOW_RULES,
    RULE_VERSIONS,
    InputError,
    input_sha256,
)
from fanzha.tracing.reports import Asked, report
from tests.tracing.agreement import engine, few, figures, joined, parts_of
from tests.tracing.networks import (
    FEATURES,
    changed,
    ends_of,
    movements_of,
    networks,
    row,
    scaled,
    shares_of,
)
from tests.tracing.reference import Replay, Rule, rounded

if TYPE_CHECKING:
    from fanzha.tracing.engine import Trace
    from tests.tracing.agreement import Part
    from tests.tracing.reference import Case

every_rule = pytest.mark.parametrize("rule", sorted(RULE_VERSIONS))
every_flow_rule = pytest.mark.parametrize("rule", FLOW_RULES)
chances = st.integers(0, 2**32).map(Random)
without_limits = networks(FEATURES - {"limits"})
without_reversals = networks(FEATURES - {"limits", "reversals"})


@every_rule
@few
@given(networks(), chances)
def test_v2_renaming_accounts_victims_and_rows_changes_no_number(
    rule: str, case: Case, chance: Random
) -> None:
    accounts, claims = _new_names(case, chance)
    name = {row.id: f"n{chance.random()}" for row in case.rows} | {"": ""}
    rows = [
        row._replace(
            id=name[row.id],
            payer=accounts[row.payer],
            payee=accounts[row.payee],
            reverses=name[row.reverses],
        )
        for row in case.rows
    ]
    renamed = changed(
        case,
        rows=rows,
        seeds={name[seed]: claims[claim] for seed, claim in case.seeds.items()},
        openings={accounts[account]: fen for account, fen in case.openings.items()},
        known=case.known and frozenset(accounts[account] for account in case.known),
        gaps={accounts[account]: kind for account, kind in case.gaps.items()},
    )
    before, after = figures(engine(case, rule)), figures(engine(renamed, rule))
    assert after.ends == {
        (accounts[account], kind, claims[claim]): fen
        for (account, kind, claim), fen in before.ends.items()
    }
    assert after.rows == {
        name[row]: {claims[claim]: fen for claim, fen in by_claim.items()}
        for row, by_claim in before.rows.items()
    }
    assert after.values == {
        (accounts[account], claims[claim]): fen for (account, claim), fen in before.values.items()
    }


def _new_names(case: Case, chance: Random) -> tuple[dict[str, str], dict[str, str]]:
    """New names, in another order of the alphabet."""
    accounts = sorted({end for row in case.rows for end in (row.payer, row.payee)} - {""})
    accounts = sorted({*accounts, *case.openings, *(case.known or ()), *case.gaps})
    claims = sorted(set(case.seeds.values()))
    new = chance.sample(["k", "a", "z", "0", "乙", "甲", "q"], 7)
    return (
        dict(zip(accounts, new, strict=False)) | {"": ""},
        dict(zip(claims, chance.sample(new, 4), strict=False)),
    )


@every_rule
@few
@given(networks(), chances)
def test_v3_shuffling_rows_of_distinct_times_changes_nothing(
    rule: str, case: Case, chance: Random
) -> None:
    rows = [
        row._replace(
            time=10 * at,
            time_to=None if row.time_to is None else 10 * at + chance.choice([3, 14, -5]),
        )
        for at, row in enumerate(sorted(case.rows, key=lambda row: row.time))
    ]
    before = engine(changed(case, rows=rows), rule)
    after = engine(changed(case, rows=chance.sample(rows, len(rows))), rule)
    assert before.ends == after.ends
    assert before.pieces == after.pieces
    assert before.notes == after.notes
    assert before.valuations == after.valuations
    assert input_sha256(before.movements, before.seeds) == input_sha256(
        after.movements, after.seeds
    )


@every_flow_rule
@few
@given(without_limits, chances)
def test_v4_the_order_of_lots_inside_one_transfer_is_kept(
    rule: str, case: Case, chance: Random
) -> None:
    """Shown by a fresh empty account put between payer and payee.

    Newest first turns the order round at every account, so under lifo there are two of them. Own
    money first puts what an overdraft adds in front of the claims, so it needs a covered transfer.
    """
    reversed_rows = {row.reverses for row in case.rows}
    overdrawn = Replay(case, Rule(rule)).overdrawn if rule == "own_first" else {}
    plain = [
        at
        for at, row in enumerate(case.rows)
        if row.moves
        and row.payer
        and row.payee
        and row.currency == case.currency
        and not row.reverses
        and row.time_to is None
        and row.id not in {*reversed_rows, *case.seeds, *overdrawn}
    ]
    assume(plain)
    at = chance.choice(plain)
    row = case.rows[at]
    between = ["M", "N"] if rule == "lifo" else ["M"]
    stations = [row.payer, *between, row.payee]
    steps = [
        row._replace(id=f"{row.id}/{n}", payer=payer, payee=payee)._replace(
            payer_balance=None if n else row.payer_balance
        )
        for n, (payer, payee) in enumerate(pairwise(stations))
    ]
    steps[-1] = steps[-1]._replace(id=row.id)
    longer = changed(
        case,
        rows=[*case.rows[:at], *steps, *case.rows[at + 1 :]],
        known=case.known and case.known | set(between),
    )
    before, after = engine(case, rule), engine(longer, rule)
    assert ends_of(after) == ends_of(before)
    if rule != "rolling_pro_rata":
        kept, there = _without_hops(parts_of(after)), _without_hops(parts_of(before))
        assert {name: parts for name, parts in kept.items() if "/" not in name} == there
    shares = {name: part for name, part in shares_of(after).items() if "/" not in name}
    assert shares == shares_of(before)


def _without_hops(parts: dict[str, list[Part]]) -> dict[str, list[Part]]:
    return {
        name: joined([(lo, hi, claim, 0) for lo, hi, claim, _ in told])
        for name, told in parts.items()
    }


@every_rule
@few
@given(networks())
def test_v6_a_second_witness_that_agrees_changes_nothing(rule: str, case: Case) -> None:
    rows = [row._replace(time_to=row.time) if row.time_to is None else row for row in case.rows]
    before, after = engine(case, rule), engine(changed(case, rows=rows), rule)
    assert figures(after) == figures(before)
    assert _hash(after) == _hash(before)


@few
@given(networks(), chances)
def test_v6_a_row_that_stands_twice_is_refused_instead_of_counted_twice(
    case: Case, chance: Random
) -> None:
    with pytest.raises(InputError, match="stands twice"):
        movements_of([*case.rows, chance.choice(case.rows)])


@every_flow_rule
@few
@given(without_limits, chances)
def test_v7_splitting_a_transfer_in_two_changes_no_end(
    rule: str, case: Case, chance: Random
) -> None:
    reversed_rows = {row.reverses for row in case.rows}
    whole_rows = [at for at, row in enumerate(case.rows) if row.id not in reversed_rows]
    assume(whole_rows)
    at = chance.choice(whole_rows)
    row = case.rows[at]._replace(payer_balance=None, payee_balance=None)
    first = chance.randint(0, row.fen)
    parts = [row._replace(fen=first), row._replace(id="rest", fen=row.fen - first)]
    claim = case.seeds.get(row.id)
    whole = changed(case, rows=[*case.rows[:at], row, *case.rows[at + 1 :]])
    split = changed(
        case,
        rows=[*case.rows[:at], *parts, *case.rows[at + 1 :]],
        seeds=dict(case.seeds) | ({"rest": claim} if claim else {}),
    )
    assert ends_of(engine(split, rule)) == ends_of(engine(whole, rule))


@every_rule
@few
@given(networks(), st.integers(2, 1000))
def test_v8_scaling_every_amount_scales_every_figure(rule: str, case: Case, factor: int) -> None:
    after = figures(engine(scaled(case, factor), rule))
    if rule == Rule.ROLLING_PRO_RATA:
        exact = Replay(case, Rule.ROLLING_PRO_RATA).exact_ends
        wanted: dict[tuple[str, str, str], int] = {}
        for claim in set(case.seeds.values()):
            wanted |= rounded(
                {k: Fraction(fen) * factor for k, fen in exact.items() if k[2] == claim}
            )
        assert after.ends == {key: fen for key, fen in wanted.items() if fen}
    elif rule in FLOW_RULES or rule in {"poison", "libr_cap"}:
        before = figures(engine(case, rule))
        assert after.ends == {key: fen * factor for key, fen in before.ends.items()}
        assert after.values == {key: fen * factor for key, fen in before.values.items()}
    else:
        # Shares are rounded once per account, and once more where a claim is cut to what it paid.
        before = figures(engine(case, rule))
        for key in {*before.values, *after.values}:
            off = after.values.get(key, 0) - factor * before.values.get(key, 0)
            assert abs(off) <= 2 * factor


def _hash(result: Trace) -> str:
    return str(report(result, Asked("of the same input"))["output_sha256"])


@every_rule
@few
@given(networks(), chances)
def test_v11_the_same_question_gives_the_same_hash(rule: str, case: Case, chance: Random) -> None:
    again = changed(
        case,
        seeds=dict(chance.sample(list(case.seeds.items()), len(case.seeds))),
        openings=dict(chance.sample(list(case.openings.items()), len(case.openings))),
        gaps=dict(chance.sample(list(case.gaps.items()), len(case.gaps))),
    )
    assert _hash(engine(again, rule)) == _hash(engine(case, rule))


@every_flow_rule
@few
@given(without_reversals, chances)
def test_a_transfer_followed_at_once_by_its_full_reversal_changes_nothing(
    rule: str, case: Case, chance: Random
) -> None:
    """Where the payer has the money, and the payee is followed and owes nothing."""
    order = sorted(case.rows, key=lambda row: row.time)
    rows = [row._replace(time=at, time_to=None) for at, row in enumerate(order)]
    at = chance.randrange(len(rows))
    replay = Replay(changed(case, rows=rows[:at]), Rule(rule))
    there = {name: sum(lot.fen for lot in a.lots) for name, a in replay.accounts.items()}
    in_debt = {name for name, account in replay.accounts.items() if account.debt}
    payers = [name for name, fen in there.items() if fen >= 1]
    payees = {"A", "B", "C", "D", "E", "new", ""} - in_debt
    assume(payers)
    payer = chance.choice(payers)
    payees = {name for name in payees - {payer} if not name or case.gap(name) is None}
    sent = row(
        "sent", at, payer, chance.choice(sorted(payees)), chance.randint(1, int(there[payer]))
    )
    back = sent._replace(id="back", payer=sent.payee, payee=payer, reverses="sent")
    straight = changed(case, rows=rows)
    undone = changed(case, rows=[*rows[:at], sent, back, *rows[at:]])
    assert ends_of(engine(undone, rule)) == ends_of(engine(straight, rule))
