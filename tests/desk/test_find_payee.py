"""A payment whose payee nobody knows whole: the bank that sent the money is asked whom it paid."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from fanzha.core import clock
from fanzha.desk.actions import take_report
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions as instructions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move
from fanzha.movements import actions as movements
from tests import build
from tests.build import BANK, MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import browser
from tests.movements.build import line, table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.cases.models import Case
    from fanzha.identity.models import Officer

PAYER = "6299020000000000002"
PAID = 48_230_000


@pytest.fixture(autouse=True)
def noon(own_lake: Path) -> Iterator[None]:
    with clock.held_at(NOON):
        yield


def told(by: Officer, **changes: Any) -> Case:
    build.bank()
    facts = {"to": "", "from_account": PAYER, "from_institution": BANK} | changes
    with acting_for(by):
        return take_report(
            by, build.report(build.payment(**facts)), at=NOON, ground=DUTY, draft=False
        ).case


def steps(by: Officer, case: Case) -> list[tuple[str, list[str]]]:
    found = browser(by).get(reverse("desk:flow_data", args=[case.number])).json()
    rows = [row for row in found["table"] if row["tier"] == 1]
    return [(row["node"], [step["kind"] for step in row["next"]]) for row in rows]


def statement(case: Case, by: Officer, *payees: str) -> None:
    """The payer's own statement: the sum went to each of these."""
    rows = [
        line(
            card_no=PAYER, holder_name="甲某", direction="出", amount_fen="482300.00",
            txn_time=f"{NOON - timedelta(minutes=30 + at):%Y-%m-%d %H:%M:%S}",
            cp_account_no=payee, cp_name="贾某",
        )
        for at, payee in enumerate(payees)
    ]  # fmt: skip
    with acting_for(by):
        movements.import_statement(
            by, table(*rows).encode(), file_name="a.csv", case_id=case.pk, at=NOON, ground=DUTY
        )
    with system_scope("test") as system:
        refresh(system, case.pk, DUTY)


def the_order() -> Instruction:
    with system_scope("test"):
        return Instruction.objects.select_related("package", "case").get()


def test_the_payers_bank_is_asked_and_its_statement_names_the_payee(
    lin: Officer, liang: Officer, chen: Officer
) -> None:
    case = told(lin)
    ((node, found),) = steps(lin, case)
    assert found == ["find_payee"]
    made = browser(lin).post(
        reverse("desk:flow_draft", args=[case.number, node]), {"kind": "find_payee"}
    )
    assert made.status_code == 302
    order = the_order()
    asked = order.kind, order.account, order.institution_code, order.transfer_fen
    assert asked == (Kind.QUERY, PAYER, BANK, PAID)
    assert order.account_name
    assert steps(lin, case)[0][1] == ["approve"]
    with acting_for(liang):
        instructions.approve(liang, order.package, at=NOON, ground=DUTY)
    assert steps(lin, case)[0][1] == ["wait"]
    statement(case, chen, MULE)
    ((_, found),) = steps(lin, case)
    assert found == ["stop_payment", "transaction_query"]


def test_an_answer_without_the_payment_leaves_it_to_a_person(lin: Officer, liang: Officer) -> None:
    case = told(lin)
    browser(lin).post(
        reverse("desk:flow_draft", args=[case.number, steps(lin, case)[0][0]]),
        {"kind": "find_payee"},
    )
    order = the_order()
    with acting_for(liang):
        instructions.approve(liang, order.package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        order = the_order()
        instructions.send(system, order, at=NOON, ground=DUTY)
        instructions.record_reply(
            system, order, Answer(Move.TAKE_EFFECT, "0000", ""), message_id=1, at=NOON, ground=DUTY
        )
    assert steps(lin, case)[0][1] == ["complete"]


def test_without_a_payer_there_is_nobody_to_ask(lin: Officer) -> None:
    assert steps(lin, told(lin, from_account="", from_institution=""))[0][1] == ["complete"]


def test_several_payments_of_one_payer_are_asked_about_once(lin: Officer) -> None:
    build.bank()
    facts: dict[str, Any] = {
        "to": "", "from_account": PAYER, "from_institution": BANK,
    }  # fmt: skip
    both = build.payment(**facts), build.payment(100_000, **facts)
    with acting_for(lin):
        case = take_report(lin, build.report(*both), at=NOON, ground=DUTY, draft=False).case
    assert [found for _, found in steps(lin, case)] == [["find_payee"]] * 2
    browser(lin).post(reverse("desk:flow_draft_all", args=[case.number]), {"what": "follow"})
    assert the_order().account == PAYER


def test_rows_to_several_payees_name_none(lin: Officer, chen: Officer) -> None:
    case = told(lin)
    statement(case, chen, MULE, OTHER_MULE)
    assert steps(lin, case)[0][1] == ["find_payee"]
