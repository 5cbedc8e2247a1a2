"""The index in machine code gives what the plain engine gives, row for row."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given, settings

from fanzha.tracing.engine import EndKind, Limits, Movements, Seeds, trace
from fanzha.tracing.engine.cases import walk_cases
from fanzha.tracing.engine.columns import KINDS, Columns
from fanzha.tracing.engine.index import Index, build
from tests.tracing.networks import movements_of, networks

if TYPE_CHECKING:
    from fanzha.tracing.engine import Trace
    from fanzha.tracing.engine.cases import Walked
    from tests.tracing.reference import Case

many = settings(max_examples=300, deadline=None)


def index_of(movements: Movements, openings: dict[str, int]) -> Index:
    known = {
        movements.code_of[name]: fen for name, fen in openings.items() if name in movements.code_of
    }
    return build(Columns.of_movements(movements), openings=known)


def stops_of(movements: Movements, case: Case) -> dict[int, EndKind]:
    """The accounts that are not followed, as the index wants them."""
    found = {}
    for code, name in enumerate(movements.accounts):
        if name in case.gaps:
            found[code] = EndKind(case.gaps[name])
        elif case.known is not None and name not in case.known:
            found[code] = EndKind.NOT_QUERIED
    return found


def limits_of(case: Case) -> Limits:
    one = case.limits
    return Limits(one.min_amount_fen, one.max_hops, one.hop_window, one.max_transfers)


def traced(movements: Movements, case: Case, rule: str) -> Trace:
    return trace(
        movements, Seeds.of(movements, case.seeds.items()), rule=rule, limits=limits_of(case),
        openings=case.openings, known=case.known,
        gap_kinds={name: EndKind(kind) for name, kind in case.gaps.items()},
    )  # fmt: skip


def pieces_of(result: Trace) -> list[tuple[int, int, int, str, int]]:
    return sorted((p.row, p.lo, p.hi, p.claim, p.hop) for p in result.pieces)


def ends_of(result: Trace) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for end in result.ends:
        found[end.account, end.kind, end.claim] += end.fen
    return found


def walked_pieces(walked: Walked, claims: list[str]) -> list[tuple[int, int, int, str, int]]:
    return sorted((r, lo, hi, claims[s], hop) for r, lo, hi, s, _, hop, _ in walked.pieces.tolist())


def walked_ends(
    walked: Walked, movements: Movements, claims: list[str]
) -> Counter[tuple[str, str, str]]:
    found: Counter[tuple[str, str, str]] = Counter()
    for account, kind, fen, piece in walked.ends.tolist():
        claim = claims[walked.pieces[piece, 3]]
        found[movements.name(account), KINDS[kind], claim] += fen
    return found


def assert_same(case: Case, rule: str) -> None:
    movements = movements_of(case.rows)
    index = index_of(movements, dict(case.openings))
    seeds = Seeds.of(movements, case.seeds.items())
    walked = walk_cases(
        index, [seeds.rows], limits=limits_of(case), stops=stops_of(movements, case),
        matches=index.newest_first if rule == "lifo" else None,
    )  # fmt: skip
    wanted = traced(movements, case, rule)
    assert walked.finished
    assert walked_pieces(walked, list(seeds.claims)) == pieces_of(wanted)
    assert walked_ends(walked, movements, list(seeds.claims)) == ends_of(wanted)


@many
@given(networks())
def test_fifo_on_the_index_is_fifo_on_the_lines(case: Case) -> None:
    assert_same(case, "fifo")


@many
@given(networks())
def test_lifo_on_the_index_is_lifo_on_the_lines(case: Case) -> None:
    assert_same(case, "lifo")
