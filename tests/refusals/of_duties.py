"""Trials of clocks: pressed when their moment has come, however they stand."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.duties import actions, clocks
from fanzha.duties.clocks import About, Term
from tests.cast import DUTY, NOON
from tests.refusals.trial import Done, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.duties.models import Clock
    from fanzha.identity.acting import System

DUE = timedelta(hours=40)


def _running(_: System) -> Clock:
    with writing():
        return clocks.start(About("instruction", "I-1", "lj"), "stop_window", Term(NOON), NOON)


def _put(clock: Clock, state: str) -> Clock:
    if state == "told":
        clock.pressed = 1
    return clock


def _trials() -> Iterator[Trial]:
    yield Trial(
        actions.press,
        lambda by, clock: actions.press(by, clock, at=NOON + DUE, ground=DUTY),
        _running, _put, {"running": Done(), "told": Done(writes=False)},
    )  # fmt: skip


TRIALS = tuple(_trials())
