"""Starting, moving and closing clocks: parts of the actions of whoever starts them.

None of this is a verb of its own: it belongs to the act that made a duty, or fulfilled it, and
stands in the audit entry of that act. Pressing (`actions.press`) is the one thing clocks do alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.duties import rules
from fanzha.duties.models import Clock
from fanzha.duties.rules import State

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True)
class About:
    """What a clock runs on, by kind and public number, and whose it is."""

    kind: str
    number: str
    unit_path: str
    case_id: int | None = None
    restricted: bool = False


@dataclass(frozen=True)
class Term:
    """From when to when a clock should run; without an end its rule says how long."""

    start: datetime
    due: datetime | None = None


def start(about: About, name: str, term: Term, at: datetime) -> Clock:
    """Start a clock, or move the one that runs already; raises EndNotGiven."""
    rule = rules.rule(name)
    due = term.due or rule.ends(term.start)
    running = _open(about).get(name)
    if running is not None:
        return extend(running, due, at)
    presses = rule.presses(term.start, due)
    return Clock.objects.create(
        rule=name, version=rule.version, basis=rule.basis, about_kind=about.kind,
        about=about.number, case_id=about.case_id, unit_path=about.unit_path,
        restricted=about.restricted, started_at=term.start, due_at=due, presses=list(presses),
        next_press_at=presses[0], state=State.RUNNING,
    )  # fmt: skip


def extend(clock: Clock, due: datetime, at: datetime) -> Clock:
    """Move the end, to later or sooner; of the moments past, only the last presses again."""
    if due == clock.due_at:
        return clock
    presses = rules.rule(clock.rule).presses(clock.started_at, due)
    pressed = max(rules.passed(presses, at) - 1, 0)
    facts = {
        "due_at": due, "presses": list(presses), "pressed": pressed, "state": State.RUNNING,
        "next_press_at": presses[pressed], "escalated_path": "",
    }  # fmt: skip
    Clock.objects.filter(pk=clock.pk).update(**facts)
    for name, value in facts.items():
        setattr(clock, name, value)
    return clock


def meet(about: About, name: str, at: datetime) -> bool:
    """What was owed is done; False when no such clock is open."""
    return _close(about, [name], State.MET, at)


def stop(about: About, name: str, at: datetime) -> bool:
    """Nothing is owed any more; False when no such clock is open."""
    return _close(about, [name], State.STOPPED, at)


def keep(about: About, wanted: Mapping[str, Term], at: datetime) -> None:
    """Make exactly the wanted clocks run: start, move, and close the others.

    A term that ends before its time is stopped, one that is over has expired, and a duty that is
    wanted no longer was met.
    """
    running = _open(about)
    for name, term in wanted.items():
        start(about, name, term, at)
    for name in running.keys() - wanted.keys():
        state = State.MET
        if rules.rule(name).term:
            state = State.EXPIRED if running[name].due_at <= at else State.STOPPED
        _close(about, [name], state, at)


def _open(about: About) -> dict[str, Clock]:
    """The open clocks of the thing; nobody else changes them until the transaction ends."""
    found = Clock.objects.select_for_update().filter(
        about_kind=about.kind, about=about.number, closed_at=None
    )
    return {each.rule: each for each in found}


def _close(about: About, names: list[str], state: State, at: datetime) -> bool:
    found = Clock.objects.filter(
        about_kind=about.kind, about=about.number, rule__in=names, closed_at=None
    )
    return bool(found.update(state=state, closed_at=at, next_press_at=None))
