"""`trace`: whose money went where, under the rule that was asked for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from fanzha.tracing.engine.follow import Walk
from fanzha.tracing.engine.given import LINE_RULES, Given
from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import FLOW_RULES, REACH, Note, NoteKind
from fanzha.tracing.engine.own_first import OwnFirst
from fanzha.tracing.engine.poison import Reach
from fanzha.tracing.engine.pro_rata import ProRata
from fanzha.tracing.engine.result import seeded_by_claim
from fanzha.tracing.engine.valuations import Valuing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from fanzha.tracing.engine.model import EndKind, Movements, Seeds
    from fanzha.tracing.engine.result import Paused, Trace


def trace(
    movements: Movements,
    seeds: Seeds,
    *,
    rule: str = "fifo",
    limits: Limits = NO_LIMITS,
    openings: Mapping[str, int] | None = None,
    known: Collection[str] | None = None,
    gap_kinds: Mapping[str, EndKind] | None = None,
    backward: bool = False,
    flow_rule: str = "fifo",
    stop: Callable[[], bool] | None = None,
) -> Trace:
    """Trace the seeds through the movements; under a flow rule ends sum to seeds, per claim.

    `openings` is own money (fen) that lay in an account before its first row. An account outside
    `known` (None: all are known), or named in `gap_kinds`, is never followed: money ends there as
    its gap kind, else `not_queried`. `flow_rule` tells a valuation which claim money arrived. The
    trace runs in the currency of the seeds. `stop` is asked after every step; once it says so, what
    is not walked yet ends as `beyond_limits`, and `go_on` goes on from there.
    Raises InputError for what cannot be asked, and for a negative opening.
    """
    given = Given(
        movements=movements, seeds=seeds, rule=rule, limits=limits, openings=openings or {},
        known=known, gap_kinds=gap_kinds or {}, backward=backward, flow_rule=flow_rule,
    )  # fmt: skip
    return _checked(_begun(given).go_on(stop))


def go_on(trace: Trace, *, stop: Callable[[], bool] | None = None) -> Trace:
    """Go on with an unfinished trace; a finished one is given back."""
    return trace if trace.paused is None else _checked(trace.paused.go_on(stop))


def _begun(given: Given) -> Paused:
    if given.rule in LINE_RULES:
        return Walk(given)
    if given.rule == "own_first":
        return OwnFirst(given)
    if given.rule == "rolling_pro_rata":
        return ProRata(given, exact=True)
    return Reach(given) if given.rule == REACH else Valuing(given, _begun(given.flow))


def _checked(trace: Trace) -> Trace:
    if trace.rule in FLOW_RULES:
        ended: Counter[str] = Counter()
        for end in trace.ends:
            ended[end.claim] += end.fen
        paid = +seeded_by_claim(trace.movements, trace.seeds)
        assert ended == paid, "the ends do not sum to the seeds"
    return replace(trace, notes=(*_order_notes(trace.movements), *trace.notes))


def _order_notes(movements: Movements) -> list[Note]:
    """Say where balances decided an order."""
    return [
        Note(row, NoteKind.ORDER_BY_BALANCE, movements.name(int(movements.to_account[row])), 0)
        for row in movements.settled
    ]
