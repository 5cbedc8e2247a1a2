"""What one trace is asked: its whole input, checked once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine.limits import NO_LIMITS, Limits
from fanzha.tracing.engine.model import (
    FLOW_RULES,
    HOME_CURRENCY,
    RULE_VERSIONS,
    STOP_KINDS,
    EndKind,
    InputError,
    Movements,
    Seeds,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

LINE_RULES: Final = ("fifo", "lifo")
"""Flow rules under which no fen depends on whose money it is: they know lines, and `backward`."""


@dataclass(frozen=True, eq=False)
class Given:
    """The input of one trace; raises InputError for what cannot be asked."""

    movements: Movements
    seeds: Seeds
    rule: str
    limits: Limits = NO_LIMITS
    openings: Mapping[str, int] = field(default_factory=dict)
    known: Collection[str] | None = None
    gap_kinds: Mapping[str, EndKind] = field(default_factory=dict)
    backward: bool = False
    flow_rule: str = "fifo"

    def __post_init__(self) -> None:
        if self.rule not in RULE_VERSIONS:
            raise InputError(f"there is no rule {self.rule!r}")
        if self.flow_rule not in FLOW_RULES:
            raise InputError(f"there is no flow rule {self.flow_rule!r}")
        if self.backward and self.rule not in LINE_RULES:
            raise InputError(f"backward tracing is not defined for {self.rule!r}")
        if bad := sorted(set(self.gap_kinds.values()) - STOP_KINDS):
            raise InputError(f"{bad[0]!r} is no kind of gap")
        if any(fen < 0 for fen in self.openings.values()):
            raise InputError("an opening balance is negative")

    @property
    def flow(self) -> Given:
        """The same question under the flow rule that tells a valuation what arrived."""
        return replace(self, rule=self.flow_rule)

    @cached_property
    def currency(self) -> str:
        """The currency of the seeds, in which the trace runs."""
        rows = self.seeds.rows
        return self.movements.currency[rows[0]] if rows else HOME_CURRENCY

    @cached_property
    def claim_of(self) -> Mapping[int, str]:
        """The claim of each seed row."""
        return dict(zip(self.seeds.rows, self.seeds.claims, strict=True))

    @cached_property
    def _known(self) -> frozenset[str] | None:
        return None if self.known is None else frozenset(self.known)

    def opening(self, account: int) -> int:
        """Own money (fen) in the account before its first row."""
        return self.openings.get(self.movements.name(account), 0)

    def gap(self, account: int) -> EndKind | None:
        """As what money ends that reaches the account; None: it is followed."""
        name = self.movements.name(account)
        if name in self.gap_kinds:
            return self.gap_kinds[name]
        return EndKind.NOT_QUERIED if self._known is not None and name not in self._known else None
