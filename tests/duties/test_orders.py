"""Orders: issued down the tree, signed for, reported on, accepted or sent back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fanzha.audit.rules import Ground
from fanzha.cases import actions as cases
from fanzha.duties import actions, orders, queries
from fanzha.duties.actions import Wanted
from fanzha.duties.models import Clock, Order
from fanzha.duties.orders import State
from fanzha.duties.sweeps import press_due
from fanzha.identity.acting import acting_for, system_scope
from fanzha.identity.rules import PermissionMissing
from tests import build
from tests.cast import DUTY, NOON, officer

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.identity.models import Officer

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("db")


def wanted(**changes: Any) -> Wanted:
    facts: dict[str, Any] = {
        "kind": "task", "priority": "high", "unit_path": "lj.hd", "text": "核查该网点监控",
    }  # fmt: skip
    return Wanted(**facts | changes)


def issue(by: str = "zhao", *, at: datetime = NOON, **changes: Any) -> Order:
    issuer = officer(by)
    with acting_for(issuer):
        return actions.issue(issuer, wanted(**changes), at=at, ground=DUTY)


def signed(**changes: Any) -> Order:
    order, han = issue(**changes), officer("han")
    with acting_for(han):
        actions.sign(han, order, at=NOON + MINUTE, ground=DUTY)
    return order


def answered() -> Order:
    order, han = signed(), officer("han")
    with acting_for(han):
        actions.answer(han, order, result="done", text="监控已封存", at=NOON + HOUR, ground=DUTY)
    return order


def now(order: Order) -> Order:
    with system_scope("test"):
        return Order.objects.get(pk=order.pk)


def running() -> dict[str, datetime]:
    with system_scope("test"):
        return dict(Clock.objects.filter(closed_at=None).values_list("rule", "due_at"))


def test_an_order_is_signed_for_reported_on_and_accepted(zhao: Officer) -> None:
    order = answered()
    with acting_for(zhao):
        actions.accept(zhao, order, at=NOON + 2 * HOUR, ground=DUTY)
        steps = list(queries.steps(order).values_list("move", "after", "actor"))
    assert now(order).state == State.ACCEPTED
    assert steps == [
        ("issue", "issued", "zhao"), ("sign", "signed", "han"), ("answer", "answered", "han"),
        ("accept", "accepted", "zhao"),
    ]  # fmt: skip
    assert running() == {}


def test_its_clocks_run_from_the_priority_until_each_is_done() -> None:
    order = issue()
    assert running() == {"order_sign": NOON + 15 * MINUTE, "order_feedback": NOON + 24 * HOUR}
    han = officer("han")
    with acting_for(han):
        actions.sign(han, order, at=NOON, ground=DUTY)
    assert running() == {"order_feedback": NOON + 24 * HOUR}


def test_a_deadline_of_its_own_is_also_the_last_moment_to_sign() -> None:
    issue(due=NOON + 10 * MINUTE)
    assert set(running().values()) == {NOON + 10 * MINUTE}
    with pytest.raises(orders.DeadlinePast):
        issue(due=NOON)


def test_an_order_that_nobody_signs_for_is_pressed_at_the_unit_above() -> None:
    issue()
    assert press_due(NOON + HOUR) == 1
    with system_scope("test"):
        late = Clock.objects.get(rule="order_sign")
        assert (late.closed_at, late.escalated_path) == (None, "lj")


def test_what_is_sent_back_is_reported_on_anew(zhao: Officer) -> None:
    order = answered()
    with acting_for(zhao), pytest.raises(orders.OrderEmpty):
        actions.send_back(zhao, order, at=NOON + 2 * HOUR, ground=Ground("order"))
    with acting_for(zhao):
        actions.send_back(
            zhao, order, at=NOON + 2 * HOUR, ground=Ground("order", order.public_id, "缺少截图")
        )
    assert now(order).state == State.SIGNED
    assert running() == {"order_feedback": NOON + 26 * HOUR}


def test_another_unit_neither_sees_nor_signs(wu: Officer) -> None:
    order = issue()
    with acting_for(wu):
        assert list(queries.orders(size=9).rows) == []
        with pytest.raises(orders.NotYourOrder):
            actions.sign(wu, order, at=NOON, ground=DUTY)


def test_orders_go_down_the_tree_only(wu: Officer) -> None:
    with pytest.raises(orders.UnitNotBelow):
        issue("wu", unit_path="lj.hd")


def test_who_reported_does_not_accept(zhao: Officer) -> None:
    order = issue(unit_path="lj")
    with acting_for(zhao):
        actions.sign(zhao, order, at=NOON, ground=DUTY)
        actions.answer(zhao, order, result="done", text="已办", at=NOON, ground=DUTY)
        with pytest.raises(orders.OwnFeedback):
            actions.accept(zhao, order, at=NOON, ground=DUTY)


def test_a_lower_unit_does_not_decide_what_the_centre_ordered(han: Officer) -> None:
    order = answered()
    with acting_for(han), pytest.raises(PermissionMissing):
        actions.accept(han, order, at=NOON, ground=DUTY)


def test_a_result_of_another_kind_is_none(han: Officer) -> None:
    order = signed()
    with acting_for(han), pytest.raises(orders.ResultUnknown):
        actions.answer(han, order, result="filed", text="已立案", at=NOON, ground=DUTY)


def test_one_cause_orders_once() -> None:
    with system_scope("test") as system:
        made = [
            actions.issue(system, wanted(cause="file C-1"), at=NOON, ground=DUTY) for _ in range(2)
        ]
    assert made[0].pk == made[1].pk
    assert made[0].issuer_id is None


def test_what_is_withdrawn_presses_no_more(zhao: Officer) -> None:
    order = signed()
    with acting_for(zhao):
        actions.withdraw_order(
            zhao, order, at=NOON + HOUR, ground=Ground("order", order.public_id, "重复")
        )
    assert running() == {}
    with system_scope("test"):
        assert Clock.objects.get(rule="order_feedback").state == "stopped"


def test_an_order_of_a_restricted_case_is_seen_by_its_members(
    lin: Officer, zhao: Officer, liang: Officer
) -> None:
    case = build.case(lin)
    issue(unit_path="lj", case_id=case.pk, case_number=case.number)
    with acting_for(liang):
        cases.restrict(liang, case, at=NOON, ground=DUTY)
    assert [len(seen(each)) for each in (lin, liang, zhao)] == [1, 1, 0]


def seen(by: Officer) -> list[Order]:
    with acting_for(by):
        return queries.orders(size=9).rows


def test_the_list_is_read_in_parts() -> None:
    made = [issue().pk for _ in range(5)]
    with system_scope("test"):
        first = queries.orders([State.ISSUED], unit="lj.hd", size=3)
        second = queries.orders(size=3, before=first.rows[-1].pk)
    assert [each.pk for each in (*first.rows, *second.rows)] == made[::-1]
    assert (first.more, second.more) == (True, False)


def test_clocks_are_read_in_parts_by_their_end() -> None:
    for minutes in (40, 20, 60):
        issue(priority="low", due=NOON + minutes * MINUTE)
    with system_scope("test"):
        first = queries.clocks(rule="order_feedback", unit="lj", size=2)
        last = first.rows[-1]
        second = queries.clocks(rule="order_feedback", after=(last.due_at, last.pk), size=2)
    dues = [each.due_at - NOON for each in (*first.rows, *second.rows)]
    assert dues == [minutes * MINUTE for minutes in (20, 40, 60)]
