"""The register of clocks and what a clock does next: pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.core.spans import Limit, Span, to_the_last_minute

if TYPE_CHECKING:
    from datetime import datetime

DATA = Path(__file__).parent / "data"


class State(StrEnum):
    """Where a clock stands; an expired duty presses on until it is met."""

    RUNNING = "running"
    MET = "met"
    EXPIRED = "expired"
    STOPPED = "stopped"


class EndNotGiven(Refusal):
    """The rule has no length: who starts the clock says when it ends."""

    message = gettext_noop("Say by when: the rule %(rule)s has no length of its own.")


@dataclass(frozen=True)
class Rule:
    """One entry of the register; `limit` is None where the end is given with the start.

    `term`: its end is a fact, nothing is owed. `favour`: granted to a person. `escalates`: after
    the end the unit above is pressed too.
    """

    name: str
    version: int
    zh: str
    en: str
    basis: str
    mark: str
    limit: Limit | None
    warn_before: tuple[Span, ...]
    term: bool
    favour: bool
    escalates: bool

    def ends(self, start: datetime) -> datetime:
        """When it ends if it began at `start`; raises EndNotGiven."""
        if self.limit is None:
            raise EndNotGiven(rule=self.name)
        end = self.limit.ends(start)
        return to_the_last_minute(end) if self.favour else end

    def presses(self, start: datetime, due: datetime) -> tuple[datetime, ...]:
        """The moments at which it presses, the end last; those before the start are none."""
        warnings = sorted(span.before(due) for span in self.warn_before)
        return (*(each for each in warnings if start < each < due), due)


def passed(moments: tuple[datetime, ...], at: datetime) -> int:
    """How many of the moments have come at `at`."""
    return sum(each <= at for each in moments)


def rule(name: str) -> Rule:
    """The rule of this name; an unknown one is a bug."""
    return register()[name]


def limit(name: str) -> Limit:
    """The length of a rule that has one."""
    found = rule(name).limit
    assert found is not None, name
    return found


@cache
def register() -> dict[str, Rule]:
    """All rules by name."""
    data = yaml.safe_load((DATA / "clocks.yaml").read_text(encoding="utf-8"))
    return {name: _rule(name, data["version"], facts) for name, facts in data["clocks"].items()}


def _rule(name: str, version: int, facts: dict[str, Any]) -> Rule:
    warn = tuple(Span(**each) for each in facts.get("warn", ()))
    length = facts.get("length")
    of_law = length and Limit(
        name, Span(**length), facts["basis"], mark=facts["mark"], uses_max=facts.get("uses_max"),
        warn_before=warn,
    )  # fmt: skip
    return Rule(
        name=name, version=version, zh=facts["zh"], en=facts["en"], basis=facts["basis"],
        mark=facts["mark"], limit=of_law or None, warn_before=warn,
        term=facts.get("term", False), favour=facts.get("favour", False),
        escalates=facts.get("escalate", False),
    )  # fmt: skip


def unit_above(path: str) -> str:
    """The path of the unit above; the top stands above itself."""
    return path.rpartition(".")[0] or path
