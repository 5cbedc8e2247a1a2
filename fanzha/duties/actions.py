"""What clocks do by themselves: press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fanzha.duties import rules
from fanzha.duties.events import Expired, Pressed
from fanzha.duties.models import Clock
from fanzha.duties.rules import State
from fanzha.identity.acting import action, record
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import Actor


@action("order.issue", system=True)
def press(by: Actor, clock: Clock, *, at: datetime, ground: Ground) -> int:
    """Tell every moment of a clock that has come and was not told; how many."""
    pressed = rules.passed(tuple(clock.presses), at)
    last = len(clock.presses)
    won = pressed > clock.pressed and Clock.objects.filter(
        pk=clock.pk, pressed=clock.pressed, due_at=clock.due_at, closed_at=None
    ).update(**_after(clock, pressed, at))
    told = pressed - clock.pressed if won else 0
    record(
        "clock", f"{clock.rule} {clock.about}", case_id=clock.case_id, unit_path=clock.unit_path,
        told=told, expired=bool(won and pressed == last), due_at=clock.due_at.isoformat(),
    )  # fmt: skip
    for number in range(clock.pressed + 1, clock.pressed + told + 1):
        announce(
            Expired(clock.pk, clock.rule, clock.about)
            if number == last
            else Pressed(clock.pk, number, clock.rule, clock.about)
        )
    return told


def _after(clock: Clock, pressed: int, at: datetime) -> dict[str, Any]:
    """The columns of the clock after so many of its moments."""
    if pressed < len(clock.presses):
        return {"pressed": pressed, "next_press_at": clock.presses[pressed]}
    rule = rules.rule(clock.rule)
    above = rules.unit_above(clock.unit_path) if rule.escalates else ""
    return {
        "pressed": pressed, "next_press_at": None, "state": State.EXPIRED,
        "closed_at": at if rule.term else None, "escalated_path": above,
    }  # fmt: skip
