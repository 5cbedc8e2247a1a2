"""After an answer the page offers one next step; its button drafts, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from fanzha.channels.bank_gateway import actions as gateway
from fanzha.channels.bank_gateway.client import Item
from fanzha.channels.bank_gateway.models import FrontEnd, Message
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions
from fanzha.instructions.actions import Answer
from fanzha.instructions.models import Instruction
from fanzha.instructions.rules import Kind, Move
from fanzha.movements import actions as movements
from tests import build
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored
from tests.movements.test_import import reply

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fanzha.identity.models import Officer


@pytest.fixture(autouse=True)
def noon(own_lake: Path) -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def ask(lin: Officer, zhao: Officer, liang: Officer) -> Any:
    """Draft, approve, send and answer one instruction."""

    def answer(kind: Kind, code: str, move: Move) -> Instruction:
        build.bank()
        approver = liang if kind == Kind.QUERY else zhao
        opened = build.case(lin)
        with acting_for(lin):
            (package,) = actions.draft(lin, opened, [build.draft(kind)], at=NOON, ground=DUTY)
        with acting_for(approver):
            actions.approve(approver, package, at=NOON, ground=DUTY)
        with system_scope("test") as system:
            asked = Instruction.objects.select_related("case", "package").get()
            actions.send(system, asked, at=NOON, ground=DUTY)
            actions.record_reply(
                system, asked, Answer(move, code, ""), message_id=1, at=NOON, ground=DUTY
            )
        return asked

    return answer


def page_of(officer: Officer, of: Instruction, language: str = "en") -> str:
    return shown(browser(officer, language).get(f"/instructions/{of.public_id}/"))


def draft_next(officer: Officer, of: Instruction, **form: str) -> Any:
    form = {"reason": "再次办理"} | form
    return browser(officer).post(f"/instructions/{of.public_id}/onward/", form)


def newest() -> list[Instruction]:
    return list(stored(Instruction))[1:]


def test_what_a_paper_was_missing_for_is_drafted_again_under_a_new_number(
    lin: Officer, ask: Any
) -> None:
    asked = ask(Kind.STOP, "0600", Move.FAIL)
    sent = len(stored(Message))
    assert "Draft again: Stop" in page_of(lin, asked)
    assert "再次起草：止付" in page_of(lin, asked, "zh-hans")
    answer = draft_next(lin, asked, step="again")
    (again,) = newest()
    assert answer["location"] == f"/instructions/{again.public_id}/"
    assert (again.kind, again.state, again.reason) == (Kind.STOP, "awaiting_approval", "再次办理")
    assert again.application_id != asked.application_id
    assert (again.account, again.transfer_fen) == (asked.account, asked.transfer_fen)
    assert len(stored(Message)) == sent
    assert "already under way" in page_of(lin, asked)


def test_after_a_wrong_name_only_another_name_goes_on(lin: Officer, ask: Any) -> None:
    asked = ask(Kind.STOP, "0301", Move.FAIL)
    assert "Name on the account, as the caller gives it now" in page_of(lin, asked)
    assert draft_next(lin, asked, step="renamed", account_name="贾某").status_code == 409
    assert draft_next(lin, asked, step="again").status_code == 409
    assert newest() == []
    draft_next(lin, asked, step="renamed", account_name="贾某某")
    (again,) = newest()
    assert again.account_name == "贾某某"


def test_less_than_came_in_is_followed_by_a_query(lin: Officer, ask: Any) -> None:
    asked = ask(Kind.STOP, "1200", Move.TAKE_PARTIAL_EFFECT)
    assert "Draft: query this account" in page_of(lin, asked)
    draft_next(lin, asked, step="query")
    (query,) = newest()
    assert (query.kind, query.account, query.amount_fen) == (Kind.QUERY, asked.account, None)


def test_no_stop_left_leads_to_the_fund_flow_and_drafts_nothing(lin: Officer, ask: Any) -> None:
    asked = ask(Kind.STOP, "1304", Move.FAIL)
    page = page_of(lin, asked)
    assert "Freeze what is traced: open the fund flow" in page
    assert f"/cases/{asked.case.number}/flow/" in page
    assert draft_next(lin, asked, step="freeze").status_code == 409
    assert newest() == []


def test_a_cut_off_answer_is_asked_for_again_in_both_halves(lin: Officer, ask: Any) -> None:
    asked = ask(Kind.QUERY, "0000", Move.TAKE_EFFECT)
    assert "Draft: query both halves" not in page_of(lin, asked)
    with system_scope("test") as system:
        gateway.keep_received(
            system, FrontEnd.objects.get(), [Item(1, b"<x/>")], at=NOON, ground=DUTY
        )
        message = Message.objects.get(outgoing=False)
        gateway.note_read(
            system, message, state="handled", tx_code="100302", note="", at=NOON, ground=DUTY,
            application_id=asked.application_id, case_id=asked.case_id,
        )  # fmt: skip
        movements.import_reply(
            system, reply({}, result="2400"), b"<x/>", message_id=message.pk,
            account=asked.account, institution_code=build.BANK, case_id=asked.case_id, at=NOON,
            ground=DUTY,
        )  # fmt: skip
    assert "Draft: query both halves" in page_of(lin, asked)
    draft_next(lin, asked, step="halves")
    first, second = newest()
    assert first.period_until == second.period_since
    assert second.period_until == NOON
    assert {first.account, second.account} == {asked.account}


def test_who_may_not_draft_sees_no_button(zhao: Officer, liang: Officer, ask: Any) -> None:
    asked = ask(Kind.STOP, "0600", Move.FAIL)
    for officer in (zhao, liang):
        if not officer.may("instruction.draft"):
            assert "Draft again" not in page_of(officer, asked)
            assert draft_next(officer, asked, step="again").status_code in (403, 404)
            break
    else:
        pytest.fail("nobody in the cast lacks the right to draft")
