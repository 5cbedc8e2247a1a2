"""What an officer may draft next after an answer: pure (bank interface, section 8).

An answer never moves anything by itself: each step is a draft that somebody else approves.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fanzha.channels.bank_gateway.rules import Outcome
from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.instructions.inquiries import halves
from fanzha.instructions.rules import QUERIES, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


class Step(StrEnum):
    """What to draft; `freeze` starts at the fund flow, which knows how much is traced now."""

    AGAIN = "again"
    RENAMED = "renamed"
    QUERY = "query"
    HALVES = "halves"
    FREEZE = "freeze"


class NoSuchStep(Refusal):
    """The answer has changed, or somebody asks for what it does not offer."""

    message = gettext_noop("After this answer that is not a next step; read the page again.")


class NameUnchanged(Refusal):
    """0301: what a bank refused for its name is never sent unchanged."""

    message = gettext_noop("The bank refused this very name; write the one that the caller gives.")


@dataclass(frozen=True)
class Asked:
    """One draft of a step: what differs from the instruction that was answered."""

    kind: Kind
    account_name: str
    period: tuple[datetime, datetime] | None = None


_FREEZE_NOW = (Outcome.ALREADY_STOPPED, Outcome.ALREADY_FROZEN, Outcome.FREEZE_OR_LOSE)
_ASKED = (*QUERIES, Kind.WATCH, Kind.STOP, Kind.FREEZE)
_AGAIN = (Outcome.GUARDED, Outcome.PAPER_MISSING, Outcome.RETRY, Outcome.FAILED, Outcome.UNKNOWN)
STEPS: Mapping[tuple[Kind, Outcome], Step] = {
    **{(kind, each): Step.AGAIN for kind in _ASKED for each in _AGAIN},
    **{(kind, Outcome.NAME_MISMATCH): Step.RENAMED for kind in _ASKED},
    **{(kind, each): Step.FREEZE for kind in (Kind.STOP, Kind.EXTEND_STOP) for each in _FREEZE_NOW},
    **{(kind, Outcome.PARTIAL): Step.QUERY for kind in (Kind.STOP, Kind.FREEZE)},
    (Kind.QUERY, Outcome.TRUNCATED): Step.HALVES,
}
"""After which answer to what which step is offered; after all others there is none."""


def step_after(kind: Kind, outcome: Outcome | None, *, cut_off: bool = False) -> Step | None:
    """The step that is offered; a statement that was `cut_off` is asked for again in halves."""
    if outcome is None:
        return None
    if kind is Kind.QUERY and cut_off:
        outcome = Outcome.TRUNCATED
    return STEPS.get((kind, outcome))


def asked_by(
    step: Step, kind: Kind, *, name: str, told: str, period: tuple[datetime, datetime]
) -> list[Asked]:
    """What is drafted: `name` was sent, `told` is typed now, `period` is what a query asked for.

    Raises NameUnchanged, PeriodTooShort, and NoSuchStep for a freeze, which starts elsewhere.
    """
    if step is Step.HALVES:
        return [Asked(Kind.QUERY, name, half) for half in halves(*period)]
    if step is Step.QUERY:
        return [Asked(Kind.QUERY, name)]
    if step is Step.RENAMED:
        told = told.strip()
        if told in ("", name):
            raise NameUnchanged
        return [Asked(kind, told)]
    if step is Step.AGAIN:
        return [Asked(kind, name)]
    raise NoSuchStep
