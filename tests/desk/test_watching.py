"""A watched account on the screens: what moves is told, imported, seen; the watch ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

from fanzha.channels.bank_gateway.codec import decode
from fanzha.channels.bank_gateway.models import Message
from fanzha.core import clock
from fanzha.identity.acting import acting_for, system_scope
from fanzha.instructions import actions, sweeps
from fanzha.instructions.models import Batch, Instruction
from fanzha.instructions.rules import WATCH_TERM, Kind
from fanzha.movements.models import Statement
from tests.build import MULE, OTHER_MULE
from tests.cast import DUTY, NOON
from tests.desk.browser import browser, shown, stored
from tests.desk.questions import answer, asked_on, drafted_stop, page_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fanzha.identity.models import Officer

OUT = "20260301121500"


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.held_at(NOON), translation.override("en"):
        yield


@pytest.fixture
def watch(lin: Officer, liang: Officer) -> Instruction:
    """A watch that was asked for on the page of a stop and sent."""
    return asked_on(drafted_stop(lin), Kind.WATCH, lin, liang)


def batch(serial: str, amount: str = "40.00", sign: str = "0") -> str:
    return f"""<CardNumber>{MULE}</CardNumber><Transaction>
    <BorrowingSigns>{sign}</BorrowingSigns><Currency>CNY</Currency>
    <TransactionAmount>{amount}</TransactionAmount><AccountBalance>60.00</AccountBalance>
    <TransactionTime>{OUT}</TransactionTime><TransactionSerial>{serial}</TransactionSerial>
    <OpponentAccountNumber>{OTHER_MULE}</OpponentAccountNumber>
    <TransactionStatus>00</TransactionStatus></Transaction>"""


def now(watch: Instruction) -> Instruction:
    found: Instruction = stored(Instruction, pk=watch.pk)[0]
    return found


def test_a_watch_goes_out_as_100305_and_its_receipt_starts_its_clock(watch: Instruction) -> None:
    sent = stored(Message, outgoing=True)[-1]
    body = decode(bytes(sent.content)).body
    assert (sent.tx_code, body["InterceptionOrderID"], body["AccountNumber"]) == (
        "100305", "1", MULE,
    )  # fmt: skip
    assert body["InterceptionEndDate"]
    answer(watch, "100306", "")
    assert (now(watch).state, now(watch).ends_at) == ("effective", WATCH_TERM.ends(NOON))
    assert stored(Batch) == stored(Statement) == []


def test_every_batch_becomes_a_statement_and_presses_until_somebody_saw_it(
    lin: Officer, watch: Instruction
) -> None:
    answer(watch, "100306", "")
    answer(watch, "100306", batch("S1"))
    answer(watch, "100306", batch("S2", "9.99", sign="1"))
    kept = [(each.left_fen, each.arrived_fen, each.rows) for each in stored(Batch)]
    assert kept == [(4_000, 0, 1), (0, 999, 1)]
    assert [each.case_id for each in stored(Statement)] == [watch.case_id] * 2
    assert now(watch).state == "effective"
    assert {each.state for each in stored(Message, outgoing=False)} == {"handled"}
    desk = shown(browser(lin).get("/"))
    assert "Money left a watched account" in desk
    assert "in 9.99, out 40.00" in desk
    page = page_of(lin, watch)
    assert "Moved since the watch began" in page
    assert "动态查询以来的变动" in page_of(lin, watch, "zh-hans")
    seen = f"/instructions/{watch.public_id}/seen/"
    assert browser(lin).post(seen, {"reason": "已止付下一级"}).status_code == 302
    assert "Money left a watched account" not in shown(browser(lin).get("/"))
    assert browser(lin).post(seen, {"reason": "再看"}).status_code == 409


def test_the_same_batch_twice_and_the_same_rows_again_are_told_once(watch: Instruction) -> None:
    answer(watch, "100306", "")
    answer(watch, "100306", batch("S1"))
    answer(watch, "100306", batch("S1"))
    answer(watch, "100306", f"<FeedbackRemark>重发</FeedbackRemark>{batch('S1')}")
    assert len(stored(Batch)) == 1
    assert {each.state for each in stored(Message, outgoing=False)} == {"handled"}


def test_a_batch_that_overtakes_the_receipt_starts_the_watch_and_is_kept(
    watch: Instruction,
) -> None:
    answer(watch, "100306", batch("S1"))
    answer(watch, "100306", "")
    assert now(watch).state == "effective"
    assert len(stored(Batch)) == 1


def test_a_no_after_the_watch_began_is_left_to_a_person(watch: Instruction) -> None:
    answer(watch, "100306", "")
    answer(watch, "100306", "", result="0300")
    assert stored(Message, outgoing=False)[-1].state == "unknown"
    assert now(watch).state == "effective"


def test_money_that_moves_on_an_account_of_another_is_not_taken(watch: Instruction) -> None:
    answer(watch, "100306", "")
    answer(watch, "100306", batch("S1").replace(MULE, OTHER_MULE))
    assert stored(Batch) == []
    assert stored(Message, outgoing=False)[-1].state == "unknown"


def test_a_watch_is_ended_by_an_approved_100307(
    lin: Officer, liang: Officer, watch: Instruction
) -> None:
    answer(watch, "100306", "")
    url = f"/instructions/{watch.public_id}/release/"
    wrong = {"because": "unrelated", "reason": "已查清"}
    assert browser(lin).post(url, wrong).status_code == 409
    browser(lin).post(url, {"because": "seen_enough", "reason": "已查清"})
    with acting_for(liang):
        end = Instruction.objects.select_related("case", "package").get(kind=Kind.RELEASE_WATCH)
        actions.approve(liang, end.package, at=NOON, ground=DUTY)
    with system_scope("test") as system:
        end.refresh_from_db()
        actions.send(system, end, at=NOON, ground=DUTY)
    body = decode(bytes(stored(Message, outgoing=True)[-1].content)).body
    assert (body["InterceptionOrderID"], body["OriginalApplicationID"]) == (
        "0", watch.application_id,
    )  # fmt: skip
    answer(end, "100308", f"<CardNumber>{MULE}</CardNumber>")
    assert now(watch).state == "released"
    assert "Enough was seen" in page_of(lin, end)


def test_a_watch_ends_by_itself_and_may_be_asked_for_again(
    lin: Officer, watch: Instruction
) -> None:
    answer(watch, "100306", "")
    assert "already under way" in page_of(lin, stored(Instruction)[0])
    with clock.held_at(WATCH_TERM.ends(NOON) + timedelta(seconds=1)):
        assert sweeps.lapse_due() >= 1
        assert now(watch).state == "lapsed"
        assert "Draft: Watch of an account" in page_of(lin, stored(Instruction)[0])
