"""Random stories of one account, through the actions: whatever happens, three things stay true."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fanzha.core import clock
from fanzha.core.refusal import Refusal
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, queries
from fanzha.instructions.actions import TAKES_EFFECT, Answer
from fanzha.instructions.models import Change, Instruction
from fanzha.instructions.rules import (
    EXTENSION_OF,
    HOLDING_STATES,
    MOVES,
    ON_ITS_WAY,
    STOP_WINDOW,
    Kind,
    Move,
    ReleaseGround,
    State,
)
from fanzha.instructions.sweeps import lapse_due
from tests import build
from tests.cast import DUTY, NOON, officer
from tests.instructions.follow import WHY

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.cases.models import Case

ANSWERS = {
    "yes": Move.TAKE_EFFECT, "partly": Move.TAKE_PARTIAL_EFFECT, "no": Move.FAIL,
    "what": Move.PUZZLE,
}  # fmt: skip
USES = (Kind.STOP, Kind.EXTEND_STOP)
STEPS = ("draft", "approve", "send", "extend", "release", "withdraw", "wait", *ANSWERS)
"""A bank answers the newest message or the oldest: `late` says which."""


LATE_EXTENSION = (
    "yes",
    "extend",
    "approve",
    "send",
    "wait",
    "wait",
    "wait",
    "draft",
    "approve",
    "send",
    "yes",
    "yes",
)
"""The second stop is in force when the bank says that it had extended the first."""

AGAIN = ("wait", "wait", "wait", "draft", "approve", "send", "yes")
"""The stop lapses and the account is stopped once more."""


class Story:
    """One account, its case, and the time as it goes by."""

    def __init__(self) -> None:
        self.at: datetime = NOON
        self.case: Case = build.case(officer("lin"))

    def tell(self, step: str, *, late: bool) -> None:
        """Try one step; what is refused changes nothing."""
        try:
            with transaction.atomic():
                if step in ANSWERS:
                    self._answer(ANSWERS[step], late=late)
                else:
                    getattr(self, f"_{step}")()
        except Refusal:
            pass

    def _draft(self) -> None:
        lin = officer("lin")
        with acting_for(lin):
            actions.draft(lin, self.case, [build.draft(Kind.STOP)], at=self.at, ground=DUTY)

    def _approve(self) -> None:
        liang = officer("liang")
        with acting_for(liang):
            for each in queries.awaiting(liang):
                actions.approve(liang, each, at=self.at, ground=DUTY)

    def _send(self) -> None:
        with system_scope("test") as system:
            for each in self._all(State.APPROVED):
                actions.send(system, each, at=self.at, ground=DUTY)

    def _extend(self) -> None:
        lin = officer("lin")
        with acting_for(lin):
            for each in self._all(*HOLDING_STATES):
                if each.kind in EXTENSION_OF:
                    actions.draft_extension(lin, each, at=self.at, ground=WHY)

    def _release(self) -> None:
        lin = officer("lin")
        with acting_for(lin):
            for each in self._all(*HOLDING_STATES, *ON_ITS_WAY):
                if each.kind == Kind.STOP:
                    actions.draft_release(
                        lin, each, ReleaseGround.WRONG_STOP, at=self.at, ground=WHY
                    )

    def _withdraw(self) -> None:
        lin = officer("lin")
        with acting_for(lin):
            for each in self._all(State.AWAITING_APPROVAL, State.APPROVED):
                actions.withdraw(lin, each, at=self.at, ground=WHY)

    def _wait(self) -> None:
        self.at += timedelta(hours=17)
        with clock.held_at(self.at):
            lapse_due()

    def _answer(self, move: Move, *, late: bool) -> None:
        with system_scope("test") as system:
            out = self._all(*ON_ITS_WAY, State.UNKNOWN_RESULT)
            if out:
                said = Answer(move, "0000", "", effective_at=self.at)
                actions.record_reply(
                    system, out[0 if late else -1], said, message_id=1, at=self.at, ground=DUTY
                )

    @staticmethod
    def _all(*states: State) -> list[Instruction]:
        found = Instruction.objects.filter(state__in=states).order_by("id")
        return list(found.select_related("case", "package", "concerns"))

    def check(self) -> None:
        """No state outside the table, no hold past its end, no third stop, whatever banks say."""
        with system_scope("test"):
            done = 0
            for each in Change.objects.select_related("instruction").order_by("id"):
                assert MOVES[State(each.before), Move(each.move)] == each.after
                if each.instruction.kind in USES:
                    assert each.move != Move.SUBMIT or done < (STOP_WINDOW.uses_max or 0)
                    done += each.move in TAKES_EFFECT
                    assert done <= (STOP_WINDOW.uses_max or 0)
            over = Instruction.objects.filter(state__in=HOLDING_STATES, ends_at__lte=self.at)
            assert not over.exclude(ends_rule="").exists()


@pytest.mark.timeout(120)
def test_no_story_leaves_the_table_or_overstays_or_asks_after_two_stops(db: None) -> None:
    build.bank()
    reached = set[str]()

    @settings(
        max_examples=5, deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @example([(step, False) for step in LATE_EXTENSION])
    @example([(step, False) for step in ("yes", *AGAIN, *AGAIN)])
    @given(st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), min_size=6, max_size=22))
    def told(steps: list[tuple[str, bool]]) -> None:
        with transaction.atomic():
            story = Story()
            for step, late in (("draft", False), ("approve", False), ("send", False), *steps):
                story.tell(step, late=late)
                if step == "wait":
                    story.check()
            story.check()
            reached.update(each.state for each in _states())
            transaction.set_rollback(True)

    told()
    assert {"effective", "failed", "lapsed", "withdrawn"} & reached


def _states() -> list[Instruction]:
    with system_scope("test"):
        return list(Instruction.objects.all())
