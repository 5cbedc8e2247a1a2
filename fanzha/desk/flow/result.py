"""One case traced and split by fate: what figures, table and picture are made of."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Final

from fanzha.cases import queries as cases
from fanzha.core import clock
from fanzha.core.recent import Store
from fanzha.desk.flow.fates import Fate, share, split_all
from fanzha.desk.flow.inputs import FlowInput, gather
from fanzha.movements import lasting
from fanzha.tracing import actions as tracing
from fanzha.tracing import kept
from fanzha.tracing.engine import (
    NO_LIMITS,
    EndKind,
    Movements,
    Seeds,
    Trace,
    account_ends,
    fates,
    input_sha256,
    tiers,
    trace,
)
from fanzha.tracing.engine.given import Given

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping

    from fanzha.audit.rules import Ground
    from fanzha.cases.models import Bridge
    from fanzha.desk.flow.joining import Link
    from fanzha.identity.acting import Actor
    from fanzha.tracing.engine import Limits

MOST_STEPS: Final = 200_000
"""A page is not kept waiting: a walk is given up after so many steps, and says so."""

_digests = Store(most=100)
_traces = Store(most=12)
"""Hashes of inputs and traces, by what was asked: a page, its drawer and its rows ask the same."""

KIND: Final = "trace"


@dataclass(frozen=True)
class CaseFlow:
    """The trace of a case and the fate of every fen of it."""

    given: FlowInput
    trace: Trace

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the canonical input, which a replay must reproduce."""
        return _digests.made((self.given.asked, self.trace.limits), self._digest)

    def _digest(self) -> str:
        given = self.given
        return input_sha256(
            self.trace.movements, self.trace.seeds,
            openings=given.openings, known=given.known, gap_kinds=given.gaps,
            limits=self.trace.limits,
        )  # fmt: skip

    @cached_property
    def links(self) -> Mapping[int, Link]:
        """What was joined by hand, by its row."""
        row_of, links = self.trace.movements.row_of, self.given.links
        return {row_of[name]: link for name, link in links.items()}

    def by_hand(self, rows: Collection[int]) -> list[Bridge]:
        """What was joined by hand among these rows, in order of time."""
        links = self.links
        return [links[row].bridge for row in sorted(links.keys() & set(rows))] if links else []

    @property
    def state(self) -> Hashable:
        """All that the fates depend on: the trace, what holds accounts, whom nobody reaches."""
        given, trace = self.given, self.trace
        holds = frozenset(given.holds.items())
        return given.asked, trace.rule, trace.limits, holds, given.victims, given.unreached

    @property
    def is_cut(self) -> bool:
        """Whether the walk was given up before its end."""
        return self.trace.paused is not None

    @cached_property
    def ends(self) -> Mapping[tuple[str, str], Counter[Fate]]:
        """Fates of every (account, end kind)."""
        found = [(end.account, str(end.kind), end.fen) for end in account_ends(self.trace)]
        given = self.given
        return split_all(found, given.holds, given.victims, given.unreached)

    @cached_property
    def figures(self) -> dict[str, int]:
        """Paid and its fates; what came back to the victim is apart; the rest sums to `paid`."""
        total: Counter[Fate] = Counter()
        for parts in self.ends.values():
            total.update(parts)
        figures = {str(fate): total[fate] for fate in Fate}
        figures["paid"] = self.trace.seeded_fen - total[Fate.RETURNED]
        return figures

    @cached_property
    def fates_of_row(self) -> dict[int, Counter[Fate]]:
        """Fates of the traced part of every row; each sums to the row's traced fen."""
        found: dict[int, Counter[Fate]] = {}
        for row, by_end in fates(self.trace).items():
            parts: Counter[Fate] = Counter()
            for (account, kind), fen in by_end.items():
                parts.update(share(self.ends[account, str(kind)], fen))
            found[row] = parts
        return found

    @cached_property
    def tiers(self) -> Mapping[str, int]:
        """Tier of every account reached; 1 got the victim's payment."""
        return tiers(self.trace)

    def in_account(self, account: str) -> int:
        """Traced fen that lie, or may lie, in the account now."""
        from fanzha.desk.flow.fates import IN_THE_ACCOUNT

        return sum(
            parts.total()
            for (name, kind), parts in self.ends.items()
            if name == account and kind in IN_THE_ACCOUNT
        )


def flow_of(
    case_id: int, *, rule: str = "fifo", limits: Limits = NO_LIMITS, by_hand: bool = False
) -> CaseFlow | None:
    """Trace the case as it is known now; None while nobody has paid anything.

    What officers joined counts only if asked for `by_hand`.
    """
    bridges = list(cases.bridges_of(case_id)) if by_hand else ()
    given = gather(case_id, clock.now(), bridges)
    if not given.seeds:
        return None
    key = given.asked, rule, limits
    found = _traces.made(key, lambda: _read(case_id, given, rule, limits))
    return CaseFlow(given, found)


def _read(case_id: int, given: FlowInput, rule: str, limits: Limits) -> Trace:
    """The trace that another process kept, with the hash of its input; else it is walked."""
    seeds = Seeds.of(given.rows, given.seeds)
    content = lasting.kept(case_id, given.transfers, KIND, _name(given, rule, limits))
    if content:
        asked = Given(
            movements=given.rows, seeds=seeds, rule=rule, limits=limits,
            openings=given.openings, known=given.known, gap_kinds=given.gaps,
        )  # fmt: skip
        found = kept.read(content, asked)
        if found:
            _digests.put((given.asked, limits), found.input_sha256)
            return found.trace
    return follow(given, given.rows, seeds, rule, limits)


def _keep(case_id: int, flow: CaseFlow) -> None:
    """Keep rows and trace of a large case for processes that have not seen it."""
    beside = {}
    if kept.can_keep(flow.trace):
        content = kept.written(kept.Kept(flow.trace, flow.digest))
        name = _name(flow.given, flow.trace.rule, flow.trace.limits)
        beside[KIND] = (name, content)
    lasting.keep(case_id, flow.given.transfers, beside)


def _name(given: FlowInput, rule: str, limits: Limits) -> str:
    version, *beside = given.asked
    return kept.name_of(version.name, *beside, rule, limits)


def follow(
    given: FlowInput, rows: Movements, seeds: Seeds, rule: str, limits: Limits = NO_LIMITS
) -> Trace:
    """Trace under one rule; after MOST_STEPS the rest ends as beyond the limits.

    What stays in an account without a statement is a gap, though a join leads on from it.
    """
    steps = count()
    found = trace(
        rows, seeds, rule=rule, limits=limits,
        openings=given.openings, known=given.known, gap_kinds=given.gaps,
        stop=lambda: next(steps) >= MOST_STEPS,
    )  # fmt: skip
    if not given.resting:
        return found
    ends = (
        end._replace(kind=given.resting[end.account])
        if end.kind is EndKind.HELD and end.account in given.resting
        else end
        for end in found.ends
    )
    return replace(found, ends=tuple(ends))


def refresh(by: Actor, case_id: int, ground: Ground) -> CaseFlow | None:
    """Trace the case and keep the result, so that lists show figures without tracing."""
    flow = flow_of(case_id)
    if flow is not None:
        _keep(case_id, flow)
        known = flow.given.transfers.known
        until = {name: each.until.isoformat() for name, each in known.items() if each.until}
        tracing.store(
            by, case_id, flow.trace, digest=flow.digest, figures=flow.figures, until=until,
            at=flow.given.at, ground=ground,
        )  # fmt: skip
    return flow
