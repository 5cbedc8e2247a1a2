"""Orders that the platform issues by itself: file or lose, and cash taken at a machine."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.cases import actions as cases
from fanzha.cases.reactions import order_at_machines
from fanzha.core import clock
from fanzha.duties.events import Pressed
from fanzha.duties.models import Order
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions
from fanzha.instructions.actions import Answer
from fanzha.instructions.pressed import file_or_lose
from fanzha.instructions.rules import Kind, Move
from fanzha.movements import actions as movements
from fanzha.movements.events import StatementImported
from tests import build
from tests.cast import DUTY, NOON
from tests.instructions.follow import answered, carried
from tests.movements.build import A, B, at, line, table

if TYPE_CHECKING:
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer
    from fanzha.instructions.models import Instruction

HOUR, LATE = timedelta(hours=1), timedelta(hours=36)
TAKEN = {"amount_fen": "2000.00", "direction": "出", "summary": "ATM取现"}


def ordered() -> list[Order]:
    with system_scope("test"):
        return list(Order.objects.order_by("pk"))


def stopped(lin: Officer) -> tuple[Case, Instruction]:
    """A case that nobody filed, with two stops of which the second ends an hour earlier."""
    build.bank()
    case = build.case(lin)
    found = []
    for account, end in ((build.MULE, NOON + 48 * HOUR), (build.OTHER_MULE, NOON + 47 * HOUR)):
        with acting_for(lin):
            (package,) = actions.draft(
                lin, case, [build.draft(Kind.STOP, account)], at=NOON, ground=DUTY
            )
        yes = Answer(Move.TAKE_EFFECT, "0000", "", effective_at=NOON, ends_at=end)
        found.append(answered(carried(package), yes))
    return case, found[0]


def test_a_stop_that_ends_soon_orders_the_unit_to_file_the_case(lin: Officer) -> None:
    case, stop = stopped(lin)
    with clock.held_at(NOON + LATE):
        for _ in range(2):
            file_or_lose(Pressed(1, 1, "stop_window", stop.public_id))
    (order,) = ordered()
    assert (order.kind, order.unit_path, order.case_number) == ("file_or_lose", "lj", case.number)
    assert order.feedback_due_at == NOON + 47 * HOUR
    assert [each["account"][-4:] for each in order.objects_told] == ["0981", "0128"]
    assert build.MULE not in str(order.objects_told)


def test_a_filed_case_and_another_clock_order_nothing(lin: Officer, liang: Officer) -> None:
    case, stop = stopped(lin)
    with clock.held_at(NOON + LATE):
        file_or_lose(Pressed(1, 1, "freeze_term", stop.public_id))
        with acting_for(liang):
            cases.file_case(liang, case, "岚公立字〔2026〕9号", at=NOON, ground=DUTY)
        file_or_lose(Pressed(1, 1, "stop_window", stop.public_id))
    assert ordered() == []


@pytest.fixture
def case(lin: Officer, own_lake: Path) -> Case:
    return build.case(lin)


def taken(by: Officer, case: Case, *lines: dict[str, str]) -> None:
    with acting_for(by):
        statement = movements.import_statement(
            by, table(*lines).encode(), file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
    with clock.held_at(NOON + HOUR):
        order_at_machines(StatementImported(statement.pk, case.pk))


def test_cash_at_a_machine_orders_somebody_there(chen: Officer, case: Case) -> None:
    taken(
        chen, case,
        line(**TAKEN, txn_time=at(60), place="柳桥路支行", terminal_no="T0012"),
        line(**TAKEN, txn_time=at(120), place="湖滨路", terminal_no="T0013"),
        line(**TAKEN, txn_time=at(180)),
        line(amount_fen="9.00", direction="出", cp_account_no=B, place="x", summary="转账"),
    )  # fmt: skip
    (order,) = ordered()
    assert order.kind == "cash_withdrawal"
    told = [(each["place"], each["terminal"], each["fen"]) for each in order.objects_told]
    assert told == [("湖滨路", "T0013", 200_000), ("柳桥路支行", "T0012", 200_000)]
    assert A not in str(order.objects_told)


def test_what_no_recording_shows_any_more_orders_nothing(chen: Officer, case: Case) -> None:
    old = at(-40 * 86_400)
    taken(chen, case, line(**TAKEN, txn_time=old, place="湖滨路"))
    assert ordered() == []


def test_what_the_victim_took_orders_nothing(lin: Officer, chen: Officer, case: Case) -> None:
    from fanzha.intake.models import Payment
    from tests.refusals.trial import writing

    with system_scope("test"), writing():
        Payment.objects.create(
            public_id="P-1", case_id=case.pk, from_account=A, to_account=B, amount_fen=1,
            kind="bank_transfer", complete=True, unit_path="lj",
        )  # fmt: skip
    taken(chen, case, line(**TAKEN, txn_time=at(60), place="湖滨路"))
    assert ordered() == []
