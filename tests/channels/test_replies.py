from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from fanzha.channels.bank_gateway.codec import Message, decode
from fanzha.channels.bank_gateway.replies import (
    read_freeze,
    read_release,
    read_result,
    read_statement,
    read_stop,
)
from fanzha.channels.bank_gateway.rules import (
    Delivery,
    Outcome,
    classify,
    outcome_of_freeze,
    read_gateway_code,
)
from fanzha.core.clock import ZONE


def reply(tx_code: str, **body: Any) -> Message:
    return Message(tx_code, to="990199990000", body={"ApplicationID": "A1", **body})


def test_a_stop_reply_is_read_into_fen_and_aware_times() -> None:
    view = read_stop(
        reply("200102", Result="0000", AccountBalance="1200.5", StartTime="20260302091530")
    )
    assert view.result.known
    assert view.result.label == "成功"
    assert view.balance_fen == 120_050
    assert view.start_time == datetime(2026, 3, 2, 9, 15, 30, tzinfo=ZONE)
    assert view.expire_time is None
    assert view.issues == ()


def test_flawed_values_become_none_and_are_named() -> None:
    view = read_stop(
        reply("100102", Result="0000", AccountBalance="1.2e3", StartTime="20260230000000")
    )
    assert view.balance_fen is None
    assert view.start_time is None
    assert view.issues == (
        "AccountBalance: '1.2e3' is no amount",
        "StartTime: '20260230000000' is no time",
    )


def test_a_freeze_behind_another_is_queued() -> None:
    view = read_freeze(
        reply(
            "100202",
            Result="0000",
            AppliedBalance="100.00",
            FrozedBalance="0.00",
            FormerApplicationDepartment="某地法院",
            FormerFrozenBalance="50",
            FormerFrozenExpireTime="20270101000000",
        )
    )
    assert view.queued
    assert view.former_frozen_fen == 5_000
    assert outcome_of_freeze(view) is Outcome.QUEUED


def test_a_freeze_that_holds_less_than_asked_is_partial() -> None:
    view = read_freeze(
        reply("100202", Result="0000", AppliedBalance="100.00", FrozedBalance="40.00")
    )
    assert outcome_of_freeze(view) is Outcome.PARTIAL


def test_a_release_says_when_and_how_much_was_freed() -> None:
    view = read_release(
        reply(
            "200204", Result="0000", AppliedBalance="500.00", UnfreezeBalance="300",
            AccountBalance="800.5", WithdrawalTime="20260302091530",
        )
    )  # fmt: skip
    assert (view.applied_fen, view.freed_fen, view.balance_fen) == (50_000, 30_000, 80_050)
    assert view.withdrawn_at == datetime(2026, 3, 2, 9, 15, 30, tzinfo=ZONE)
    assert view.result.known
    assert view.issues == ()


def test_a_release_of_a_stop_names_no_amounts_and_flaws_are_named() -> None:
    view = read_release(
        reply("100104", Result="1900", WithdrawalTime="soon", FailureCause="已到期")
    )
    assert (view.applied_fen, view.freed_fen, view.balance_fen) == (None, None, None)
    assert view.failure_cause == "已到期"
    assert view.issues == ("WithdrawalTime: 'soon' is no time",)


@pytest.mark.parametrize(
    ("tx_code", "code", "outcome"),
    [
        ("200104", "0000", Outcome.EFFECTIVE),
        ("100204", "0400", Outcome.FAILED),
        ("100104", "1999", Outcome.FAILED),
        ("100102", "0000", Outcome.EFFECTIVE),
        ("100102", "1200", Outcome.PARTIAL),
        ("100102", "1301", Outcome.ALREADY_STOPPED),
        ("100102", "1302", Outcome.ALREADY_FROZEN),
        ("100102", "1303", Outcome.ALREADY_FROZEN),
        ("100102", "1304", Outcome.FREEZE_OR_LOSE),
        ("100106", "1800", Outcome.FREEZE_OR_LOSE),
        ("100104", "1900", Outcome.FREEZE_OR_LOSE),
        ("100102", "0301", Outcome.NAME_MISMATCH),
        ("100202", "0302", Outcome.GUARDED),
        ("200202", "0600", Outcome.PAPER_MISSING),
        ("100302", "1100", Outcome.RETRY),
        ("100302", "1101", Outcome.RETRY),
        ("100302", "1199", Outcome.RETRY),
        ("100302", "0900", Outcome.DELIVERED_TWICE),
        ("100302", "2400", Outcome.TRUNCATED),
        ("100102", "0300", Outcome.FAILED),
        ("100206", "1", Outcome.EFFECTIVE),
        ("100205", "0", Outcome.FAILED),
        ("100206", "0000", Outcome.EFFECTIVE),
        ("100102", "1", Outcome.UNKNOWN),
        ("100102", "9876", Outcome.UNKNOWN),
        ("100102", "", Outcome.UNKNOWN),
    ],
)
def test_a_result_means_one_thing(tx_code: str, code: str, outcome: Outcome) -> None:
    assert classify(tx_code, read_result(reply(tx_code, Result=code))) is outcome
    assert classify(tx_code, code) is outcome


def test_an_unknown_result_is_kept_word_for_word() -> None:
    result = read_result(reply("100102", Result="9876"))
    assert (result.code, result.known, result.group) == ("9876", False, "unknown")


def test_gateway_codes_say_what_the_sender_does() -> None:
    assert read_gateway_code("100000").delivery is Delivery.DELIVERED
    assert read_gateway_code("200003").delivery is Delivery.DELIVERED
    assert read_gateway_code("200001").delivery is Delivery.REFUSED
    assert read_gateway_code("603202").delivery is Delivery.RESEND
    assert read_gateway_code("200009").delivery is Delivery.LATER
    assert read_gateway_code("777777").delivery is Delivery.UNKNOWN


ROW = (
    "<Transaction><BorrowingSigns>{sign}</BorrowingSigns><TransactionAmount>{amount}"
    "</TransactionAmount><AccountBalance>-3.10</AccountBalance><TransactionTime>20260302091530"
    "</TransactionTime><OpponentName>某人</OpponentName><TransactionStatus>00</TransactionStatus>"
    "<Channelling>x</Channelling></Transaction>"
)
CARD = "<AccountName>柏小舟</AccountName><CardNumber>62990101</CardNumber>"
TWO_WRAPPERS = (
    "<Accounts>{card}<Account>{account}<Transactions>{rows}</Transactions></Account></Accounts>"
)
ACCOUNT = "<AccountNumber>62990101_1</AccountNumber><Currency>CNY</Currency>"


@pytest.mark.parametrize(
    "shape",
    [
        TWO_WRAPPERS,
        "<Accounts>{card}<Account>{account}{rows}</Account></Accounts>",
        "<L><Accounts>{card}<A><Account>{account}<T>{rows}</T></Account></A></Accounts></L>",
        "{card}{account}{rows}",
    ],
)
def test_statement_rows_are_found_in_every_wrapping(shape: str) -> None:
    rows = ROW.format(sign="0", amount="12.30") + ROW.format(sign="贷?", amount="1")
    inner = shape.format(card=CARD, account=ACCOUNT, rows=rows)
    raw = (
        "<Response><Head><TxCode>100302</TxCode></Head><Body><ApplicationID>A1</ApplicationID>"
        f"<Result>0000</Result><FeedbackRemark>完整</FeedbackRemark>{inner}</Body></Response>"
    )
    first, second = read_statement(decode(raw.encode())).rows
    assert first["amount_fen"] == 1_230
    assert first["balance_fen"] == -310
    assert first["direction"] == "out"
    assert first["success"] == "ok"
    assert first["card_no"] == "62990101"
    assert first["account_no"] == "62990101_1"
    assert first["holder_name"] == "柏小舟"
    assert first["cp_name"] == "某人"
    assert first["query_note"] == "完整"
    assert first["extra"] == {"Channelling": "x"}
    assert first["txn_time"] == datetime(2026, 3, 2, 9, 15, 30, tzinfo=ZONE)
    assert (first["row_no"], second["row_no"]) == (1, 2)
    assert second["direction"] == "unknown"
    assert second["raw"]["BorrowingSigns"] == "贷?"
    assert second["issues"] == []


def test_a_broken_row_is_kept_with_its_flaws() -> None:
    broken = {"TransactionAmount": "-5", "TransactionTime": "soon", "BorrowingSigns": "1"}
    body = {"Accounts": {"Account": [{"Transactions": {"Transaction": [broken]}}]}}
    view = read_statement(reply("100302", Result="0000", **body))
    (row,) = view.rows
    assert (row["amount_fen"], row["txn_time"], row["direction"]) == (None, None, "in")
    assert len(row["issues"]) == 2
    assert view.issues[0].startswith("row 1: ")


def test_a_reply_at_the_row_cap_counts_as_cut_off() -> None:
    rows = [{"TransactionAmount": "1", "TransactionTime": "20260302091530"}] * 1_000
    body = {"Accounts": {"Account": [{"Transactions": {"Transaction": rows}}]}}
    assert read_statement(reply("100302", Result="0000", **body)).truncated
    assert read_statement(reply("100302", Result="2400")).truncated
    assert not read_statement(reply("100302", Result="0000")).truncated


@pytest.mark.parametrize("body", [{"Accounts": "none"}, {"Transaction": "x"}, {"Account": ["a"]}])
def test_odd_shapes_give_no_rows_and_no_exception(body: dict[str, Any]) -> None:
    assert read_statement(reply("100302", Result="0000", **body)).rows == ()
