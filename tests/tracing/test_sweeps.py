"""One sweep over all rows gives what a trace of all payments gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from fanzha.simulation.networks import SHAPES
from fanzha.simulation.networks import network as city
from fanzha.tracing.engine import EndKind, InputError, Seeds, row_shares, trace
from fanzha.tracing.engine.cases import walk_cases
from fanzha.tracing.engine.columns import CODE_OF, KINDS, Columns
from fanzha.tracing.engine.index import build, build_with
from fanzha.tracing.engine.mixed import Mixer
from fanzha.tracing.engine.sweeps import reach, sweep_fifo, sweep_pro_rata, sweep_pro_rata_with
from tests.tracing.networks import movements_of, networks
from tests.tracing.test_index import index_of, limits_of, stops_of

if TYPE_CHECKING:
    from fanzha.tracing.engine import Movements, Trace
    from tests.tracing.reference import Case

many = settings(max_examples=150, deadline=None)
FEATURES = frozenset({"openings", "exits"})
LEFT, RETURNED, OVERDRAFT, CRUMBS = range(4)


def asked(case: Case, rule: str) -> tuple[Movements, Columns, list[int], np.ndarray, Trace]:
    """The rows as columns, the payments, the openings, and the plain engine's answer."""
    movements = movements_of(case.rows)
    columns = Columns.of_movements(movements)
    opening = np.array([case.openings.get(name, 0) for name in movements.accounts], np.int64)
    seeds = Seeds.of(movements, [(name, name) for name in case.seeds])
    wanted = trace(movements, seeds, rule=rule, openings=case.openings)
    return movements, columns, list(seeds.rows), opening, wanted


@many
@given(networks(FEATURES))
def test_a_fifo_sweep_is_one_trace_of_all_payments(case: Case) -> None:
    movements, columns, payments, opening, wanted = asked(case, "fifo")
    swept = sweep_fifo(columns, payments, opening)
    held: Counter[tuple[str, str]] = Counter()
    for account, payment, fen in swept.lots.tolist():
        held[movements.name(account), movements.ids[payments[payment]]] += fen
    ended: Counter[tuple[str, int]] = Counter()
    expected: Counter[tuple[str, str]] = Counter()
    for end in wanted.ends:
        if end.kind is EndKind.HELD:
            expected[end.account, end.claim] += end.fen
        else:
            ended[end.claim, place_of(end.kind)] += end.fen
    assert held == expected
    for at, payment in enumerate(payments):
        for kind in (LEFT, RETURNED, OVERDRAFT):
            assert swept.ended[at, kind] == ended[movements.ids[payment], kind]


def place_of(kind: EndKind) -> int:
    """The place of a kind of end in what a sweep counts."""
    return {EndKind.RETURNED_TO_VICTIM: RETURNED, EndKind.OVERDRAFT: OVERDRAFT}.get(kind, LEFT)


@many
@given(networks(FEATURES))
def test_a_pro_rata_sweep_is_one_trace_of_all_payments(case: Case) -> None:
    movements, columns, payments, opening, wanted = asked(case, "rolling_pro_rata")
    index = build_with(columns, opening)
    held: Counter[str] = Counter()
    ended: Counter[int] = Counter()
    for end in wanted.ends:
        if end.kind is EndKind.HELD:
            held[end.account] += end.fen
        else:
            ended[place_of(end.kind)] += end.fen
    # The plain engine's ends are rounded per claim, to less than a fen each.
    for swept in (
        sweep_pro_rata(columns, payments, opening),
        sweep_pro_rata_with(columns, payments, index.balances),
    ):
        for account, name in enumerate(movements.accounts):
            assert swept.held[account] == pytest.approx(held[name], abs=len(payments))
        bound = len(payments) * len(movements.accounts)
        assert swept.ended == pytest.approx([ended[kind] for kind in range(4)], abs=bound)
        total = float(swept.held.sum() + swept.ended.sum())
        assert total == pytest.approx(float(columns.amount_fen[payments].sum()))


@many
@given(networks(FEATURES))
def test_what_is_too_little_to_follow_is_told_as_crumbs(case: Case) -> None:
    _, columns, payments, opening, _ = asked(case, "rolling_pro_rata")
    balances = build_with(columns, opening).balances
    one = sweep_pro_rata(columns, payments, opening, least_fen=5)
    other = sweep_pro_rata_with(columns, payments, balances, least_fen=5)
    assert one.held == pytest.approx(other.held)
    assert one.ended == pytest.approx(other.ended)
    paid = float(columns.amount_fen[payments].sum())
    assert float(one.held.sum() + one.ended.sum()) == pytest.approx(paid)
    whole = sweep_pro_rata(columns, payments, opening)
    assert whole.ended[CRUMBS] == 0
    assert (one.held <= whole.held + 1e-9).all()


@many
@given(networks(FEATURES))
def test_reach_is_what_poison_touches(case: Case) -> None:
    movements, columns, payments, _, wanted = asked(case, "poison")
    touched = {movements.name(int(movements.to_account[share.row])) for share in row_shares(wanted)}
    found = reach(columns, payments)
    assert {movements.name(at) for at in np.flatnonzero(found).tolist()} == touched - {""}


def test_an_account_that_is_not_followed_passes_nothing_on() -> None:
    columns = Columns.of(
        np.arange(3), np.array([-1, 0, 1], np.int32), np.array([0, 1, 2], np.int32),
        np.full(3, 10), accounts=3,
    )  # fmt: skip
    assert reach(columns, [0]).tolist() == [True, True, True]
    assert reach(columns, [0], unfollowed=[1]).tolist() == [True, True, False]


def test_rows_of_nothing_touch_nobody() -> None:
    columns = Columns.of(
        np.arange(3), np.array([-1, 0, 0], np.int32), np.array([0, 1, 2], np.int32),
        np.array([10, 0, 5]), accounts=3,
    )  # fmt: skip
    assert reach(columns, [0]).tolist() == [True, False, True]


def test_a_payment_that_is_no_row_or_stands_twice_is_refused() -> None:
    columns = Columns.of(
        np.arange(1), np.array([-1], np.int32), np.array([0], np.int32), np.array([10]), accounts=1
    )
    for payments in ([1], [-1], [0, 0]):
        with pytest.raises(InputError):
            reach(columns, payments)


def test_the_invented_city_knows_where_the_money_ended() -> None:
    made = city(20_000, seed=3)
    assert (np.diff(made.time) >= 0).all()
    assert {scheme.shape for scheme in made.schemes} == set(SHAPES)
    columns = Columns.of(made.time, made.payer, made.payee, made.fen, accounts=made.accounts)
    openings = dict(enumerate(made.opening_fen.tolist()))
    walked = walk_cases(
        build(columns, openings=openings), [scheme.payments for scheme in made.schemes]
    )
    plain = [at for at, scheme in enumerate(made.schemes) if not scheme.mixed]
    assert plain
    for case in plain:
        scheme = made.schemes[case]
        first, last = walked.firsts[case], walked.firsts[case + 1]
        ends = walked.ends[(walked.ends[:, 3] >= first) & (walked.ends[:, 3] < last)]
        held: Counter[int] = Counter()
        for account, kind, fen, _ in ends.tolist():
            assert KINDS[kind] in {EndKind.HELD, EndKind.UNKNOWN}
            if kind == CODE_OF[EndKind.HELD]:
                held[account] += fen
        assert held == scheme.held
        cash = sum(fen for _, kind, fen, _ in ends.tolist() if kind != CODE_OF[EndKind.HELD])
        assert cash == scheme.cash_fen
        rows = set(walked.pieces[first:last, 0].tolist())
        assert rows == {row for row in (*scheme.payments, *scheme.legs) if made.fen[row]}


def test_the_same_seed_invents_the_same_city() -> None:
    one, other = city(5_000, seed=1), city(5_000, seed=1)
    assert (one.fen == other.fen).all()
    assert one.schemes == other.schemes
    assert (city(5_000, seed=2).fen[:100] != one.fen[:100]).any()


WITH_LIMITS = frozenset(
    {"openings", "exits", "unknown_accounts", "gaps", "shared_claims", "limits"}
)


@many
@given(networks(WITH_LIMITS | {"claimed_balances"}))
def test_pro_rata_on_the_index_is_pro_rata_of_the_plain_engine(case: Case) -> None:
    movements = movements_of(case.rows)
    seeds = Seeds.of(movements, case.seeds.items())
    claims = sorted(set(seeds.claims))
    limits = replace(limits_of(case), hop_window=None)
    index = index_of(movements, dict(case.openings))
    found = Mixer(index).share(
        seeds.rows, [claims.index(claim) for claim in seeds.claims],
        limits=limits, stops=stops_of(movements, case),
    )  # fmt: skip
    wanted = trace(
        movements, seeds, rule="rolling_pro_rata", limits=limits, openings=case.openings,
        known=case.known, gap_kinds={name: EndKind(kind) for name, kind in case.gaps.items()},
    )  # fmt: skip
    rows: Counter[tuple[int, str]] = Counter()
    for share in row_shares(wanted):
        for claim, fen in share.by_claim.items():
            rows[share.row, claim] += fen
    for (row, claim), carried in zip(found.rows.tolist(), found.carried.tolist(), strict=True):
        rows[row, claims[claim]] -= carried
    assert all(abs(left) < 1 for left in rows.values())
    ends: Counter[tuple[str, str, str]] = Counter()
    for end in wanted.ends:
        ends[end.account, end.kind, end.claim] += end.fen
    for (account, kind, claim), share in zip(
        found.ends.tolist(), found.ended.tolist(), strict=True
    ):
        ends[movements.name(account), KINDS[kind], claims[claim]] -= share
    assert all(abs(left) < 1 for left in ends.values())
    paid = float(movements.amount_fen[list(seeds.rows)].sum())
    assert float(found.ended.sum()) == pytest.approx(paid)
