"""Trials of clocks and orders, in every state of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fanzha.audit.rules import Ground
from fanzha.duties import actions, clocks, orders
from fanzha.duties.actions import Wanted
from fanzha.duties.clocks import About, Term
from fanzha.duties.models import Order
from fanzha.duties.orders import MOVES, Move, State
from tests.cast import DUTY, NOON
from tests.refusals.of_instructions import WHY
from tests.refusals.trial import Done, Refused, Trial, writing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fanzha.duties.models import Clock
    from fanzha.identity.acting import System

DUE = timedelta(hours=40)
WANTED = Wanted("task", "high", "lj", "办理")


def _running(_: System) -> Clock:
    with writing():
        return clocks.start(About("instruction", "I-1", "lj"), "stop_window", Term(NOON), NOON)


def _put(clock: Clock, state: str) -> Clock:
    if state == "told":
        clock.pressed = 1
    return clock


def _order(system: System) -> Order:
    return actions.issue(system, WANTED, at=NOON, ground=DUTY)


def _put_order(order: Order, state: str) -> Order:
    with writing():
        Order.objects.filter(pk=order.pk).update(state=state)
    order.state = state
    return order


def _state_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).state


def _allowed(move: Move) -> dict[str, Refused | Done]:
    return {
        state: Done(MOVES[state, move])
        if (state, move) in MOVES
        else Refused(orders.OrderMoveForbidden)
        for state in State
    }


def _orders() -> Iterator[Trial]:
    yield Trial(
        actions.issue,
        lambda by, text: actions.issue(by, replace(WANTED, text=text), at=NOON, ground=DUTY),
        put=lambda _, text: text, states={"办理": Done(), " ": Refused(orders.OrderEmpty)},
    )  # fmt: skip
    acts: dict[Move, tuple[Callable[..., object], Callable[[Any, Order], object]]] = {
        Move.SIGN: (
            actions.sign, lambda by, order: actions.sign(by, order, at=NOON, ground=DUTY)
        ),
        Move.ANSWER: (
            actions.answer,
            lambda by, order: actions.answer(
                by, order, result="done", text="已办", at=NOON, ground=DUTY
            ),
        ),
        Move.ACCEPT: (
            actions.accept, lambda by, order: actions.accept(by, order, at=NOON, ground=DUTY)
        ),
        Move.SEND_BACK: (
            actions.send_back, lambda by, order: actions.send_back(by, order, at=NOON, ground=WHY)
        ),
        Move.WITHDRAW: (
            actions.withdraw_order,
            lambda by, order: actions.withdraw_order(by, order, at=NOON, ground=WHY),
        ),
    }  # fmt: skip
    for move, (verb, act) in acts.items():
        yield Trial(verb, act, _order, _put_order, _allowed(move), _state_of)


def _trials() -> Iterator[Trial]:
    yield Trial(
        actions.press,
        lambda by, clock: actions.press(by, clock, at=NOON + DUE, ground=DUTY),
        _running, _put, {"running": Done(), "told": Done(writes=False)},
    )  # fmt: skip


def _ask_with(ground: Ground) -> Callable[[Any, Any], object]:
    return lambda by, _: actions.ask(by, WANTED, at=NOON, ground=ground)


def _asks() -> Iterator[Trial]:
    yield Trial(actions.ask, _ask_with(WHY), variant="with a reason")
    empty = {"": Refused(orders.OrderEmpty)}
    yield Trial(actions.ask, _ask_with(Ground("duty")), states=empty, variant="without one")


TRIALS = (*_asks(), *_trials(), *_orders())
