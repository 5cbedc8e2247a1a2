from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fanzha.channels.bank_gateway.codec import Message
from fanzha.channels.bank_gateway.holdings import number_of, read_holdings
from fanzha.channels.bank_gateway.orders import Envelope
from fanzha.channels.bank_gateway.replies import read_freeze, read_statement, read_stop
from fanzha.channels.bank_gateway.reports import answer_to
from fanzha.channels.bank_gateway.rules import Outcome, outcome_of_freeze, outcome_of_stop
from fanzha.channels.bank_gateway.serials import new_serial
from fanzha.channels.bank_gateway.strange import strange
from fanzha.simulation.banks.ledger import PaymentRefused
from tests.simulation.build import (
    BUSY,
    CENTRE,
    FULL,
    GUARDED,
    HOLDER,
    LIMITED,
    MULE,
    NORTH,
    SECOND,
    SOUTH,
    START,
    VICTIM,
    Town,
    changed,
    open_town,
    town,
)

if TYPE_CHECKING:
    from pathlib import Path


def test_a_stop_holds_for_48_hours_from_its_effect(town: Town) -> None:
    reply = read_stop(town.ask(town.stop()))
    assert outcome_of_stop(reply) is Outcome.EFFECTIVE
    assert reply.balance_fen == 80_000
    assert reply.start_time == START
    assert reply.expire_time == START + timedelta(hours=48)
    assert reply.issues == ()


def test_a_stopped_account_takes_money_and_pays_none(town: Town) -> None:
    town.ask(town.stop())
    town.pay(VICTIM, MULE, "100.00")
    assert town.balance(MULE) == 90_000
    with pytest.raises(PaymentRefused, match="stopped"):
        town.pay(MULE, SECOND, "0.01", "K2")
    town.wait(48 * 3600)
    town.pay(MULE, SECOND, "0.01", "K2")


@pytest.mark.parametrize(
    ("result", "change"),
    [
        ("0300", {"AccountNumber": "629911999"}),
        ("0300", {"BankID": SOUTH}),
        ("0301", {"AccountName": "别人"}),
        ("0500", {"Reason": ""}),
        ("0500", {"InvestigatorName": ""}),
        ("0600", {"Attachments": ""}),
        ("0700", {"BankID": "990100000099"}),
        ("0800", {"TransferTime": "2026-03-02"}),
        ("0801", {"ExpireTime": "20260301000000"}),
        ("0801", {"ExpireTime": "20260401000000"}),
        ("0200", {"TransferAmount": "-5"}),
        ("0200", {"TransferAmount": "1e9"}),
        ("0500", {"ApplicationID": ""}),
    ],
)
def test_a_flawed_stop_is_turned_away_without_effect(
    town: Town, result: str, change: dict[str, str]
) -> None:
    message = changed(town.stop(), **change)
    assert town.result(message) == result
    assert town.world.effects(message.application_id) == 0
    assert town.world.ledger.holds.running_stop(MULE, town.world.now_ms()) is None


def test_a_protected_account_is_neither_stopped_nor_frozen_but_can_be_queried(town: Town) -> None:
    assert town.result(town.stop(GUARDED)) == "0302"
    assert town.result(town.freeze(GUARDED)) == "0302"
    assert town.result(town.query(GUARDED)) == "0000"


def test_a_second_stop_while_one_runs_and_a_third_at_all_are_refused(town: Town) -> None:
    assert town.result(town.stop()) == "0000"
    assert town.result(town.stop()) == "1301"
    town.wait(48 * 3600)
    assert town.result(town.stop()) == "0000"
    town.wait(48 * 3600)
    assert town.result(town.stop()) == "1304"


def test_a_stop_on_a_frozen_account_says_which_freeze(town: Town) -> None:
    assert town.result(town.stop(LIMITED)) == "1302"
    assert town.result(town.stop(FULL)) == "1303"


def test_in_a_world_of_limited_stops_only_the_amount_is_held(tmp_path: Path) -> None:
    town = open_town(tmp_path, limited_stop=True)
    reply = read_stop(town.ask(town.stop()))
    assert outcome_of_stop(reply) is Outcome.PARTIAL
    assert reply.balance_fen == 80_000
    town.pay(VICTIM, MULE, "12000.00")
    town.pay(MULE, SECOND, "2800.00", "K2")
    with pytest.raises(PaymentRefused, match="stopped"):
        town.pay(MULE, SECOND, "0.01", "K2")
    town.world.store.close()


def test_a_limit_freeze_leaves_the_rest_free(town: Town) -> None:
    reply = read_freeze(town.ask(town.freeze(amount_fen=50_000)))
    assert outcome_of_freeze(reply) is Outcome.EFFECTIVE
    assert (reply.applied_fen, reply.frozen_fen, reply.available_fen) == (50_000, 50_000, 30_000)
    town.pay(MULE, SECOND, "300.00", "K2")
    with pytest.raises(PaymentRefused, match="frozen"):
        town.pay(MULE, SECOND, "0.01", "K2")


def test_a_freeze_above_the_balance_freezes_what_is_there_and_what_comes(town: Town) -> None:
    reply = read_freeze(town.ask(town.freeze(amount_fen=100_000)))
    assert outcome_of_freeze(reply) is Outcome.PARTIAL
    assert reply.frozen_fen == 80_000
    town.pay(VICTIM, MULE, "250.00")
    assert town.world.ledger.free_fen(MULE, town.world.now_ms()) == 5_000


def test_a_freeze_behind_another_waits_and_names_it(town: Town) -> None:
    reply = read_freeze(town.ask(town.freeze(LIMITED)))
    assert outcome_of_freeze(reply) is Outcome.QUEUED
    assert reply.former_department == "某地法院"
    assert reply.former_frozen_fen == 10_000
    assert reply.frozen_fen == 0


def test_a_queued_freeze_starts_when_the_first_ends(town: Town) -> None:
    town.ask(town.freeze(BUSY, amount_fen=10_000, days=1))
    town.ask(town.freeze(BUSY, amount_fen=20_000, days=90))
    assert town.world.ledger.free_fen(BUSY, town.world.now_ms()) == 20_000
    town.wait(25 * 3600)
    assert town.world.ledger.free_fen(BUSY, town.world.now_ms()) == 10_000


def test_a_freeze_needs_both_papers_and_a_lawful_term(town: Town) -> None:
    only_one = changed(town.freeze())
    only_one.body["Attachments"] = {"Attachment": only_one.body["Attachments"]["Attachment"][:1]}
    assert town.result(only_one) == "0600"
    assert town.result(town.freeze(days=400)) == "0801"
    assert town.result(changed(town.freeze(), FreezeType="09")) == "0599"


def test_a_statement_explains_the_balance(town: Town) -> None:
    town.pay(VICTIM, MULE, "1000.00")
    town.pay(MULE, SECOND, "600.00", "K2")
    view = read_statement(town.ask(town.query()))
    assert view.issues == ()
    assert not view.truncated
    (account,) = view.accounts
    assert (account.holder_name, account.balance_fen) == ("柏小舟", 120_000)
    balance = 0
    for row in view.rows:
        balance += row["amount_fen"] if row["direction"] == "in" else -row["amount_fen"]
        assert row["balance_fen"] == balance
    assert balance == 120_000
    incoming, outgoing = view.rows[-2:]
    assert (incoming["cp_account_no"], incoming["cp_name"]) == (VICTIM, "沈若溪")
    assert (outgoing["cp_account_no"], outgoing["cp_bank"]) == (SECOND, SOUTH)


def test_both_sides_of_a_transfer_show_one_serial(town: Town) -> None:
    town.pay(MULE, SECOND, "600.00", "K2")
    paid = read_statement(town.ask(town.query(MULE))).rows[-1]
    got = read_statement(town.ask(town.query(SECOND))).rows[-1]
    assert (paid["direction"], got["direction"]) == ("out", "in")
    for column in ("serial_no", "txn_time", "amount_fen"):
        assert paid[column] == got[column]


def test_a_query_gives_the_rows_of_its_period_only(town: Town) -> None:
    town.pay(VICTIM, MULE, "1.00")
    message = changed(
        town.query(),
        InquiryPeriodStart="20260302090000",
        InquiryPeriodEnd="20260302090000",
    )
    assert len(read_statement(town.ask(message)).rows) == 1
    upside_down = changed(
        town.query(),
        InquiryPeriodStart="20260302090001",
        InquiryPeriodEnd="20260302090000",
    )
    assert town.result(upside_down) == "0801"
    basic = read_statement(town.ask(changed(town.query(), InquiryMode="01")))
    assert basic.rows == ()
    assert basic.accounts[0].balance_fen == 80_100


def test_more_rows_than_the_cap_are_cut_off_with_2400(tmp_path: Path) -> None:
    town = open_town(tmp_path)
    with town.world.store.transaction():
        for _ in range(1_001):
            town.pay(VICTIM, MULE, "0.01")
    reply = town.ask(town.query())
    view = read_statement(reply)
    assert reply.body["Result"] == "2400"
    assert len(view.rows) == 1_000
    assert view.truncated
    town.world.store.close()


def test_the_same_application_under_a_new_serial_is_0900(town: Town) -> None:
    message = town.stop()
    assert town.result(message) == "0000"
    assert town.result(changed(message)) == "0900"
    assert town.world.effects(message.application_id) == 1


def test_the_same_serial_again_is_a_duplicate_without_a_second_answer(town: Town) -> None:
    message = town.stop()
    assert [town.send(message) for _ in range(3)] == ["100000", "200003", "200003"]
    town.wait(5)
    assert len(town.answers()) == 1
    assert town.world.effects(message.application_id) == 1


def test_without_its_duplicate_check_a_bank_acts_again_and_counts(tmp_path: Path) -> None:
    town = open_town(tmp_path, check_duplicates=False)
    message = town.stop()
    assert [town.send(message) for _ in range(3)] == ["100000", "100000", "100000"]
    town.wait(5)
    assert [each.body["Result"] for each in town.answers()] == ["0000"] * 3
    assert town.world.effects(message.application_id) == 3
    town.world.store.close()


def test_the_bank_says_who_holds_an_account(town: Town) -> None:
    answer = town.ask(town.holder_query())
    books = town.world.ledger.account(MULE)
    assert books is not None
    assert (answer.tx_code, answer.body["Result"]) == ("100304", "0000")
    assert answer.body["AccountSubjectName"] == books["holder"]
    assert answer.body["AccountCredentialNumber"] == books["id_number"]
    assert strange(answer) == ()
    assert town.result(town.holder_query("6299000000000000000")) == "0300"


def test_the_bank_names_all_accounts_of_a_customer_and_what_is_held_there(tmp_path: Path) -> None:
    known = town()["accounts"]
    known[2]["holder"] = HOLDER[MULE]
    here = open_town(tmp_path, accounts=known)
    here.ask(here.stop(VICTIM, holder=HOLDER[MULE]))
    answer = here.ask(here.all_accounts_query())
    assert (answer.tx_code, answer.body["Result"], strange(answer)) == ("100310", "0000", ())
    told = read_holdings(answer)
    assert [(number_of(each), each.status, each.balance_fen) for each in told.accounts] == [
        (MULE, "正常", 80_000), (VICTIM, "止付", 2_000_000),
    ]  # fmt: skip
    (held,) = told.measures
    assert (held.type_code, held.account_number, held.held_fen) == (
        "0001", f"{VICTIM}_1", 2_000_000,
    )  # fmt: skip
    assert here.result(here.all_accounts_query(holder="别人")) == "0301"
    here.world.store.close()


def test_our_answer_to_a_report_is_taken_in_silence(town: Town) -> None:
    envelope = Envelope(CENTRE, new_serial(CENTRE, START), f"0401{1:032}")
    assert town.send(answer_to(envelope, "已受理", "岚江市反诈中心")) == "100000"
    town.wait(60)
    assert town.answers() == []


def test_what_the_bank_does_not_offer_is_1000(town: Town) -> None:
    message = Message("100501", "S1", message_from=CENTRE, body=town.query().body)
    assert town.result(message) == "1000"


def test_garbage_is_refused_and_answered_where_the_sender_can_be_seen(town: Town) -> None:
    assert town.world.receive(b"\xff\x00 nothing").code == "200001"
    raw = (
        "<Response><Head><TxCode>100101</TxCode><MessageFrom>990199990000</MessageFrom>"
        f"</Head><Body><ApplicationID>A1</ApplicationID><BankID>{NORTH}</BankID><broken"
    )
    assert town.world.receive(raw.encode()).code == "200001"
    (answer,) = town.answers()
    assert (answer.tx_code, answer.to, answer.application_id) == ("100102", CENTRE, "A1")
    assert answer.body["Result"] == "0599"
