"""Choose how a question is answered (计划): in plain Python, on the index, or by one sweep.

Every way gives the same figures; they differ in what they cost. The plan says which was taken and
why, so that a reader of the result need not guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.cases import END_WIDTH, PIECE_WIDTH, Walked, Walker
from fanzha.tracing.engine.columns import CODE_OF, Columns
from fanzha.tracing.engine.given import LINE_RULES
from fanzha.tracing.engine.index import build_with
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import FLOW_RULES, InputError, Seeds
from fanzha.tracing.engine.run import trace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fanzha.tracing.engine.index import Index
    from fanzha.tracing.engine.model import EndKind

PLAIN_ROWS: Final = 100_000
"""Below this the plain engine is done before machine code is loaded."""
ROWS_PER_PAYMENT: Final = 50
"""Transfers that a payment runs through, where nobody knows better."""
WALK_COST: Final = 16
"""A transfer looked up on the index costs as much as so many rows of a sweep."""
PIECE_SEED, PIECE_PARENT, END_PIECE = 3, 4, 3


class Way(StrEnum):
    """How a question is answered."""

    PLAIN = "plain"
    WALK = "walk"
    SWEEP = "sweep"


@dataclass(frozen=True)
class Plan:
    """The way taken, why, and how many transfers it was expected to touch."""

    way: Way
    reason: str
    expected_rows: int


def plan(
    *,
    rows: int,
    payments: int,
    rule: str = "fifo",
    limits: Limits = NO_LIMITS,
    ways: bool = True,
    special: bool = False,
    touched: int | None = None,
) -> Plan:
    """Choose the way for so many payments among so many rows.

    `ways`: pieces are asked for, not only sums. `special`: some rows reverse others, stand in other
    currencies or have two times. `touched` is how many transfers will carry traced money, if known.
    """
    if rule not in FLOW_RULES:
        raise InputError(f"{rule!r} is no flow rule")
    expected = min(payments * ROWS_PER_PAYMENT if touched is None else touched, rows)
    if rule == "own_first":
        return Plan(Way.PLAIN, "only the plain engine knows the rule own_first", expected)
    if rule not in LINE_RULES and (special or limits.hop_window is not None):
        reason = "reversals, currencies, two times or a hop window ask for every lot on its own"
        return Plan(Way.PLAIN, reason, expected)
    if rows < PLAIN_ROWS:
        return Plan(Way.PLAIN, f"{rows} rows are fewer than {PLAIN_ROWS}", expected)
    if ways or special or rule == "lifo" or limits != NO_LIMITS:
        reason = "a walk tells which way the money went" if ways else "a sweep cannot answer this"
        return Plan(Way.WALK, reason, expected)
    if expected * WALK_COST < rows:
        reason = f"about {expected} of {rows} rows carry traced money"
        return Plan(Way.WALK, reason, expected)
    reason = f"about {expected} of {rows} rows carry traced money: one pass over all is cheaper"
    return Plan(Way.SWEEP, reason, expected)


@dataclass(frozen=True, eq=False)
class Walks:
    """All cases under `fifo` or `lifo`, and the plan that was followed."""

    plan: Plan
    walked: Walked


def walk(
    ground: Index | Columns,
    cases: Sequence[Sequence[int]],
    *,
    rule: str = "fifo",
    limits: Limits = NO_LIMITS,
    stops: Mapping[int, EndKind] | None = None,
    opening: NDArray[np.int64] | None = None,
) -> Walks:
    """Tell which way the money of every case went; `ground` is an index, or what to make one of.

    `cases` are rows of payments, each its own claim; `stops` are accounts that are not followed.
    `opening` (fen by account) counts only with bare columns. Small ground is traced plainly.
    """
    if rule not in LINE_RULES:
        raise InputError(f"{rule!r} keeps no fen apart: it has no walk")
    columns = ground if isinstance(ground, Columns) else ground.columns
    none = np.zeros(columns.accounts, np.int64) if opening is None else opening
    own = none if isinstance(ground, Columns) else ground.opening_fen
    chosen = plan(
        rows=len(columns), payments=sum(map(len, cases)), rule=rule, limits=limits,
        special=columns.special,
    )  # fmt: skip
    if chosen.way is Way.PLAIN:
        found = [
            _plain(columns, case, rule=rule, limits=limits, stops=stops or {}, opening=own)
            for case in cases
        ]
        return Walks(chosen, _together(found, [len(case) for case in cases]))
    index = build_with(ground, own) if isinstance(ground, Columns) else ground
    matches = index.newest_first if rule == "lifo" else index.matches
    walker = Walker(index.lines, matches, columns.accounts)
    return Walks(chosen, walker.walk(cases, limits=limits, stops=stops))


def _plain(
    columns: Columns,
    payments: Sequence[int],
    *,
    rule: str,
    limits: Limits,
    stops: Mapping[int, EndKind],
    opening: NDArray[np.int64],
) -> Walked:
    movements = columns.movements()
    seeds = Seeds.of(movements, [(str(row), str(row)) for row in payments])
    result = trace(
        movements, seeds, rule=rule, limits=limits,
        gap_kinds={str(account): kind for account, kind in stops.items()},
        openings={name: int(opening[int(name)]) for name in movements.accounts},
    )  # fmt: skip
    place = {str(row): at for at, row in enumerate(sorted(payments))}
    pieces = [
        (p.row, p.lo, p.hi, place[p.claim], p.parent, p.hop, int(columns.from_account[p.row]))
        for p in result.pieces
    ]
    ends = [(int(end.account), CODE_OF[end.kind], end.fen, end.piece) for end in result.ends]
    return Walked(
        pieces=np.array(pieces, np.int64).reshape(-1, PIECE_WIDTH),
        ends=np.array(ends, np.int64).reshape(-1, END_WIDTH),
        firsts=np.array([0, len(pieces)]),
        waiting=len(pieces),
    )


def _together(found: Sequence[Walked], payments: Sequence[int]) -> Walked:
    """Put cases behind each other; `payments` is how many each has."""
    pieces, ends, firsts = [], [], [0]
    seeds = 0
    for walked, count in zip(found, payments, strict=True):
        mine, last = walked.pieces.copy(), walked.ends.copy()
        mine[:, PIECE_SEED] += seeds
        mine[mine[:, PIECE_PARENT] >= 0, PIECE_PARENT] += firsts[-1]
        last[:, END_PIECE] += firsts[-1]
        pieces.append(mine)
        ends.append(last)
        firsts.append(firsts[-1] + len(mine))
        seeds += count
    return Walked(
        pieces=np.concatenate([np.empty((0, PIECE_WIDTH), np.int64), *pieces]),
        ends=np.concatenate([np.empty((0, END_WIDTH), np.int64), *ends]),
        firsts=np.array(firsts, np.int64),
        waiting=firsts[-1],
    )
