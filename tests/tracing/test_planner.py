"""The planner chooses by what a way costs; whatever it chooses, the figures are the same."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings

from fanzha.tracing.engine import InputError, Limits, Seeds, account_ends, row_shares, trace
from fanzha.tracing.engine import planner as planning
from fanzha.tracing.engine.columns import Columns
from fanzha.tracing.engine.planner import Way, plan, walk
from fanzha.tracing.engine.told import trace_of
from tests.tracing.networks import movements_of, networks
from tests.tracing.test_index import index_of, limits_of, pieces_of, stops_of, traced

if TYPE_CHECKING:
    from tests.tracing.reference import Case


def test_small_ground_is_traced_plainly() -> None:
    found = plan(rows=99_999, payments=1)
    assert found.way is Way.PLAIN
    assert "99999 rows" in found.reason


def test_who_asks_for_the_way_gets_a_walk() -> None:
    assert plan(rows=10**7, payments=10**6).way is Way.WALK


def test_sums_of_a_few_payments_are_walked_and_of_many_swept() -> None:
    few = plan(rows=10**7, payments=10, ways=False)
    many = plan(rows=10**7, payments=10**5, ways=False)
    assert (few.way, few.expected_rows) == (Way.WALK, 500)
    assert many.way is Way.SWEEP
    assert "5000000 of 10000000 rows" in many.reason
    assert plan(rows=10**7, payments=10, ways=False, touched=10**6).way is Way.SWEEP


def test_a_sweep_knows_no_limits_no_reversals_and_no_lifo() -> None:
    for more in ({"special": True}, {"rule": "lifo"}, {"limits": Limits(max_hops=3)}):
        asked = {"rows": 10**7, "payments": 10**5, "ways": False, **more}
        assert plan(**asked).way is Way.WALK  # type: ignore[arg-type] # drawn from a table


def test_what_only_the_plain_engine_knows_is_left_to_it() -> None:
    assert plan(rows=10**7, payments=1, rule="own_first").way is Way.PLAIN
    assert plan(rows=10**7, payments=1, rule="rolling_pro_rata").way is Way.WALK
    for more in ({"special": True}, {"limits": Limits(hop_window=60)}):
        asked = {"rows": 10**7, "payments": 1, "rule": "rolling_pro_rata", **more}
        assert plan(**asked).way is Way.PLAIN  # type: ignore[arg-type] # drawn from a table


def test_a_rule_that_is_no_flow_is_refused() -> None:
    with pytest.raises(InputError):
        plan(rows=1, payments=1, rule="poison")
    with pytest.raises(InputError):
        walk(Columns.empty(), [], rule="rolling_pro_rata")


@settings(max_examples=100, deadline=None)
@given(networks())
def test_whatever_is_chosen_the_figures_are_the_same(case: Case) -> None:
    movements = movements_of(case.rows)
    index = index_of(movements, dict(case.openings))
    payments = list(Seeds.of(movements, case.seeds.items()).rows)
    cases = [payments, payments[:1]]
    for rule in ("fifo", "lifo"):
        found = []
        for most in (planning.PLAIN_ROWS, 0):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(planning, "PLAIN_ROWS", most)
                walks = walk(
                    index, cases, rule=rule, limits=limits_of(case), stops=stops_of(movements, case)
                )
            assert walks.plan.way is (Way.PLAIN if most else Way.WALK)
            pieces, ends = walks.walked.pieces, walks.walked.ends
            sums: Counter[tuple[int, ...]] = Counter()
            for account, kind, fen, piece in ends.tolist():
                sums[account, kind, *pieces[piece, [0, 3]].tolist()] += fen
            found.append((sorted(pieces[:, [0, 1, 2, 3, 5, 6]].tolist()), sums))
        assert found[0] == found[1]


@settings(max_examples=100, deadline=None)
@given(networks())
def test_a_walk_reads_like_any_trace(case: Case) -> None:
    movements = movements_of(case.rows)
    index = index_of(movements, dict(case.openings))
    seeds = Seeds.of(movements, case.seeds.items())
    walked = walk(
        index, [seeds.rows], limits=limits_of(case), stops=stops_of(movements, case)
    ).walked
    claims = dict(zip(seeds.rows, seeds.claims, strict=True))
    told = trace_of(index.columns, walked, 0, claims=claims)
    wanted = traced(movements, case, "fifo")
    row_of = [int(name) for name in told.movements.ids]
    assert sorted((row_of[p.row], *p[1:4], p.hop) for p in told.pieces) == pieces_of(wanted)
    ends = [
        (movements.name(int(end.account)) if end.account else "", end.kind, end.fen, end.by_claim)
        for end in account_ends(told)
    ]
    assert sorted(ends, key=str) == sorted(map(tuple, account_ends(wanted)), key=str)
    shares = [(row_of[share.row], share.fen, share.by_claim) for share in row_shares(told)]
    assert shares == [tuple(share) for share in row_shares(wanted)]


def test_bare_columns_are_indexed_on_the_way() -> None:
    columns = Columns.of(
        np.arange(3), np.array([-1, 0, 1], np.int32), np.array([0, 1, 2], np.int32),
        np.full(3, 10), accounts=3,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "PLAIN_ROWS", 0)
        walked = walk(columns, [[0]], opening=np.array([0, 4, 0])).walked
    assert walked.ends[:, [0, 2]].tolist() == [[1, 4], [2, 6]]
    movements = columns.movements()
    plain = trace(movements, Seeds.of(movements, [("0", "0")]), openings={"1": 4})
    assert sorted((end.account, end.fen) for end in plain.ends) == [("1", 4), ("2", 6)]
