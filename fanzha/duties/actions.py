"""What clocks do by themselves, and what people do to orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings

from fanzha.core.ids import new_public_id
from fanzha.duties import clocks, orders, rules
from fanzha.duties.clocks import About, Term
from fanzha.duties.events import Expired, Pressed
from fanzha.duties.models import Clock, Order, OrderStep
from fanzha.duties.orders import Move, State
from fanzha.identity.acting import action, record, root_path, system_scope
from fanzha.identity.models import Officer
from fanzha.identity.queries import unit_name
from fanzha.outbox.announce import announce

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import Actor


TO_SIGN, TO_REPORT = CLOCKS = ("order_sign", "order_feedback")
"""The rules of the clocks of an order."""


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
        "pressed": pressed, "next_press_at": None, "state": rules.State.EXPIRED,
        "closed_at": at if rule.term else None, "escalated_path": above,
    }  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What is ordered: of which kind and priority, of whom, about which case and objects.

    `objects` are shown as they stand, so numbers in them are masked; `due` is given where the
    priority's own deadline does not serve; `cause` where the platform orders by itself.
    """

    kind: str
    priority: str
    unit_path: str
    text: str
    objects: Sequence[Mapping[str, str | int]] = ()
    case_id: int | None = None
    case_number: str = ""
    restricted: bool = False
    due: datetime | None = None
    cause: str = ""


@action("order.issue", system=True)
def issue(by: Actor, wanted: Wanted, *, at: datetime, ground: Ground) -> Order:
    """Issue an order to a unit below; what one cause made is not ordered twice."""
    issuer_path = by.unit.path if isinstance(by, Officer) else root_path()
    if not orders.within(wanted.unit_path, issuer_path):
        raise orders.UnitNotBelow(unit=unit_name(wanted.unit_path))
    text = orders.said(wanted.text)
    sign_due, feedback_due = orders.ends(wanted.priority, at, wanted.due)
    before = wanted.cause and Order.objects.filter(cause=wanted.cause).first()
    if before:
        record("order", before.public_id, case_id=wanted.case_id, already=True)
        return before
    order = Order.objects.create(
        public_id=new_public_id("D", settings.ORGANISATION), kind=wanted.kind,
        priority=wanted.priority, text=text, objects_told=[dict(each) for each in wanted.objects],
        case_id=wanted.case_id, case_number=wanted.case_number, cause=wanted.cause,
        restricted=wanted.restricted, unit_path=wanted.unit_path,
        issuer_id=by.pk if isinstance(by, Officer) else None, issuer_path=issuer_path,
        issued_at=at, state=State.ISSUED, sign_due_at=sign_due, feedback_due_at=feedback_due,
    )  # fmt: skip
    clocks.keep(_about(order), _clocks(order), at)
    _note(by, order, "issue", at, text=text)
    return order


@action("order.ask")
def ask(by: Officer, wanted: Wanted, *, at: datetime, ground: Ground) -> Order:
    """Ask a unit that is not below for something that it keeps to itself, once per cause.

    The order is the platform's, since the asker may see neither it nor the case that it is of.
    """
    orders.said(ground.reason)
    with system_scope("duties.ask") as system:
        order = issue(system, wanted, at=at, ground=ground)
    record("asked", order.public_id, cause=wanted.cause)
    return order


@action("order.sign")
def sign(by: Officer, order: Order, *, at: datetime, ground: Ground) -> None:
    """Sign for an order in the name of one's unit: from now on it is ours to do."""
    _check_ours(by, order)
    _move(by, order, Move.SIGN, at, signed_by_id=by.pk, signed_at=at)


@action("order.sign")
def answer(
    by: Officer, order: Order, *, result: str, text: str, at: datetime, ground: Ground
) -> None:
    """Report what came of an order: one of the results of its kind, and in words."""
    _check_ours(by, order)
    if result not in orders.kinds()[order.kind].results:
        raise orders.ResultUnknown
    facts: dict[str, Any] = {
        "result": result, "feedback": orders.said(text), "answered_by_id": by.pk, "answered_at": at,
    }  # fmt: skip
    _move(by, order, Move.ANSWER, at, **facts)


@action("order.issue")
def accept(by: Officer, order: Order, *, at: datetime, ground: Ground) -> None:
    """Accept the feedback: the order is done."""
    _check_issuer(by, order)
    _move(by, order, Move.ACCEPT, at, text=ground.reason.strip())


@action("order.issue")
def send_back(by: Officer, order: Order, *, at: datetime, ground: Ground) -> None:
    """Send the feedback back, saying what is missing; the unit has its time for it anew."""
    _check_issuer(by, order)
    missing = orders.said(ground.reason)
    _, due = orders.ends(order.priority, at, None)
    _move(by, order, Move.SEND_BACK, at, text=missing, feedback_due_at=due)


@action("order.issue")
def withdraw_order(by: Officer, order: Order, *, at: datetime, ground: Ground) -> None:
    """Take an order back that is not reported on yet, for a reason."""
    _check_issuer(by, order)
    _move(by, order, Move.WITHDRAW, at, text=orders.said(ground.reason))


def _move(
    by: Officer, order: Order, step: Move, at: datetime, *, text: str = "", **facts: Any
) -> None:
    """Make one move of the table, claimed by the state; raises OrderMoveForbidden."""
    after = orders.next_state(State(order.state), step)
    facts |= {"state": after}
    if not Order.objects.filter(pk=order.pk, state=order.state).update(**facts):
        raise orders.OrderMoveForbidden(state=order.state, move=step)
    for name, value in facts.items():
        setattr(order, name, value)
    if step == Move.WITHDRAW:
        for rule in CLOCKS:
            clocks.stop(_about(order), rule, at)
    clocks.keep(_about(order), _clocks(order), at)
    _note(by, order, step, at, text=facts.get("feedback", text))


def _note(by: Actor, order: Order, step: str, at: datetime, *, text: str) -> None:
    """Keep the move as history; the log is kept longer than the case, so no words go into it."""
    OrderStep.objects.create(
        order=order, case_id=order.case_id, unit_path=order.unit_path, restricted=order.restricted,
        move=step, after=order.state, at=at, actor=str(by), text=text,
        result=order.result if step == Move.ANSWER else "",
    )  # fmt: skip
    record(
        "order", order.public_id, case_id=order.case_id, unit_path=order.unit_path,
        restricted=order.restricted, move=step, state=order.state, kind=order.kind,
        result=order.result,
    )  # fmt: skip


def _about(order: Order) -> About:
    # Without the case: the order stays with its unit when the case moves on.
    return About("order", order.public_id, order.unit_path)


def _clocks(order: Order) -> dict[str, Term]:
    found: dict[str, Term] = {}
    if order.state == State.ISSUED:
        found[TO_SIGN] = Term(order.issued_at, order.sign_due_at)
    if order.state in (State.ISSUED, State.SIGNED):
        found[TO_REPORT] = Term(order.issued_at, order.feedback_due_at)
    return found


def _check_ours(by: Officer, order: Order) -> None:
    if by.unit.path != order.unit_path:
        raise orders.NotYourOrder(unit=unit_name(order.unit_path))


def _check_issuer(by: Officer, order: Order) -> None:
    if not orders.within(order.issuer_path, by.unit.path):
        raise orders.NotIssuedHere
    if order.answered_by_id == by.pk:
        raise orders.OwnFeedback
