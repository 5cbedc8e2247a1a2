"""Money that leaves an account while a hold is in force there: found, told, explained."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanzha.audit.models import Entry
from fanzha.audit.rules import Ground
from fanzha.core import clock
from fanzha.desk.duty import desk_of
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, checks, queries, rules
from fanzha.instructions.escapes import Escape, Outflow, Term, escapes, fresh
from fanzha.instructions.events import ReplyRecorded
from fanzha.instructions.models import Escape as Kept
from fanzha.instructions.reactions import watch_answer, watch_statement
from fanzha.instructions.rules import Kind
from fanzha.movements import actions as movements
from fanzha.movements.events import StatementImported
from tests.cast import DUTY, NOON, officer
from tests.desk.browser import browser, shown
from tests.instructions.follow import answered, hold
from tests.movements.build import line, table

if TYPE_CHECKING:
    from fanzha.instructions.models import Instruction

MINUTE = timedelta(minutes=1)
HELD = Term(NOON, NOON + 60 * MINUTE, None)
db = pytest.mark.usefixtures("db")


def out(minutes: float, fen: int = 100, balance: int | None = None, *, of: str = "S", row: int = 1,
        precision: str = "second") -> Outflow:  # fmt: skip
    return Outflow(of, row, NOON + minutes * MINUTE, precision, fen, balance)


def sure(term: Term, *rows: Outflow) -> list[bool]:
    return [each.certain for each in escapes(term, rows)]


def test_only_what_leaves_within_the_term_escapes() -> None:
    assert sure(HELD, out(-1), out(1), out(59.9), out(60)) == [True, True]


def test_a_time_that_names_a_longer_moment_is_only_possible_at_the_edges() -> None:
    assert sure(HELD, out(0, precision="minute")) == [False]
    assert sure(HELD, out(1, precision="minute")) == [True]
    assert sure(HELD, out(-12 * 60, precision="date")) == [False]
    assert sure(HELD, out(-36 * 60, precision="date")) == []
    assert sure(Term(NOON, None, None), out(24 * 60, precision="date")) == [True]


def test_a_freeze_up_to_an_amount_lets_the_rest_go() -> None:
    limited = Term(NOON, None, 5_000)
    assert sure(limited, out(1, balance=5_000)) == []
    assert sure(limited, out(1, balance=4_999)) == [True]
    assert sure(limited, out(1)) == [False]


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=8))
def test_two_statements_of_the_same_rows_tell_each_escape_once(told: list[tuple[int, int]]) -> None:
    first = [out(minute, fen, of="S1", row=n) for n, (minute, fen) in enumerate(told)]
    again = [each._replace(statement="S2", row_no=each.row_no + 9) for each in reversed(first)]
    one = fresh(escapes(HELD, first), [])
    assert len(one) == len(told)
    assert fresh(escapes(HELD, again), first) == []
    longer = [*again, out(5, 7, of="S2", row=99)]
    assert fresh(escapes(HELD, longer), first) == [Escape(longer[-1], certain=True)]


def imported(stop: Instruction, *lines: dict[str, Any]) -> StatementImported:
    """A statement of the stopped account comes into its case."""
    text = table(*(line(card_no=stop.account, **each) for each in lines))
    with system_scope("test") as system:
        made = movements.import_statement(
            system, text.encode(), file_name="流水.csv", case_id=stop.case_id, at=NOON, ground=DUTY
        )
    return StatementImported(made.pk, stop.case_id)


def leaving(minutes: float, yuan: str = "30000.00", **more: Any) -> dict[str, Any]:
    moment = clock.local(NOON + minutes * MINUTE)
    return {"direction": "出", "amount_fen": yuan, "txn_time": f"{moment:%Y-%m-%d %H:%M:%S}"} | more


def kept() -> list[tuple[int, bool]]:
    with system_scope("test"):
        return [(each.amount_fen, each.certain) for each in Kept.objects.order_by("id")]


@db
def test_a_statement_that_shows_money_leaving_after_the_stop_is_told_on_the_duty_desk() -> None:
    stop = hold()
    rows = leaving(-1), leaving(3), leaving(4, success="失败"), {"amount_fen": "8.00"}
    fact = imported(stop, *rows)
    watch_statement(fact)
    watch_statement(fact)
    assert kept() == [(3_000_000, True)]
    lin = officer("lin")
    with clock.held_at(NOON + 10 * MINUTE), acting_for(lin):
        found = [task for group in desk_of(lin, clock.now()).groups for task in group.tasks]
    assert [task.url for task in found if task.kind == "escaped"] == [
        f"/instructions/{stop.public_id}/"
    ]


@db
def test_a_stop_answered_after_the_statement_came_is_held_against_it_too() -> None:
    stop = hold(answered_at_all=False)
    imported(stop, leaving(3))
    assert kept() == []
    answered(stop, actions.Answer(rules.Move.TAKE_EFFECT, "0000", "", effective_at=NOON))
    watch_answer(ReplyRecorded(stop.pk, stop.case_id))
    assert kept() == [(3_000_000, True)]


@db
def test_an_officer_explains_it_once_and_it_presses_no_longer() -> None:
    stop = hold()
    watch_statement(imported(stop, leaving(3)))
    lin = officer("lin")
    with clock.held_at(NOON + 10 * MINUTE):
        page = browser(lin)
        assert "30,000.00" in shown(page.get(f"/instructions/{stop.public_id}/"))
        with system_scope("test"):
            (escape,) = queries.escapes_of(stop)
        address = f"/instructions/{stop.public_id}/escapes/{escape.pk}/"
        page.post(address, {"reason": "银行称为止付前已受理的汇款"})
        assert "银行称为止付前已受理的汇款" in shown(page.get(f"/instructions/{stop.public_id}/"))
        with acting_for(lin):
            assert all(
                task.kind != "escaped"
                for group in desk_of(lin, clock.now()).groups
                for task in group.tasks
            )
            with pytest.raises(checks.ExplainedBefore):
                actions.explain_escape(lin, escape, at=NOON, ground=Ground("case", "", "again"))
    with system_scope("test"):
        entry = Entry.objects.filter(action="instructions.explain_escape").get()
    assert entry.facts["statement"] == escape.statement


@db
def test_what_leaves_another_account_or_a_limited_freeze_above_its_amount_is_no_escape() -> None:
    freeze = hold(Kind.FREEZE, amount_fen=1_000_000, traced_fen=1_000_000)
    watch_statement(imported(freeze, leaving(3, balance_fen="10000.00")))
    assert kept() == []
    watch_statement(imported(freeze, leaving(5, balance_fen="9999.99")))
    assert kept() == [(3_000_000, True)]
