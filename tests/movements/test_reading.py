from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanzha.core.refusal import Refusal
from fanzha.movements import rules
from fanzha.movements.rules import read_file
from tests.movements.build import HEADER, A, B, at, line, read, table


def test_a_row_carries_what_the_file_says_and_the_way_back() -> None:
    reading = read(
        line(
            amount_fen="¥26,000.00", balance_fen="27,000.5", direction="出",
            cp_account_no=f"\t{B[:4]} {B[4:8]}-{B[8:]}\t", cp_name="贾某", serial_no="S1",
            summary="转账", txn_time="２０２６-０３-１８ 12:00:05",
        )
    )  # fmt: skip
    (row,) = reading.rows
    assert (row.amount_fen, row.balance_fen, row.direction) == (2_600_000, 2_700_050, "out")
    assert (row.own_key, row.cp_key, row.cp_kind) == (A, B, "number")
    assert row.txn_time.isoformat() == "2026-03-18T12:00:05+08:00"
    assert (row.time_precision, row.success, row.currency) == ("second", "ok", "CNY")
    assert row.row_no == 2
    assert json.loads(row.raw)["交易金额"] == "¥26,000.00"
    assert len(row.row_sha256) == 64
    assert reading.profile == "bank_34@2"


def test_columns_are_found_by_name_in_any_order_and_extra_ones_are_kept() -> None:
    header = ["经办渠道", *reversed(HEADER)]
    extra = line() | {"经办渠道": "手机银行"}
    (row,) = read(extra, header=header).rows
    assert (row.own_key, row.amount_fen) == (A, 10_000)
    assert json.loads(row.extra) == {"经办渠道": "手机银行"}


def test_the_header_may_stand_below_a_preamble_and_be_spelt_as_seen_in_files() -> None:
    header = ["交易帐号", "交易户名", "交易时间", "交易金额(元)", "收付标志", "对手证件号"]
    before = "某行交易明细\r\n,,\r\n查询人：林某\r\n"
    told = {"交易帐号": A, "交易时间": at(1), "交易金额(元)": "5", "收付标志": "收"}
    reading = read(told, header=header, before=before)
    assert (reading.rows[0].amount_fen, reading.rows[0].row_no) == (500, 5)
    assert reading.skipped == 4


def test_a_column_of_fen_is_not_taken_for_yuan() -> None:
    header = ["交易卡号", "交易时间", "交易金额(分)", "收付标志"]
    with pytest.raises(rules.NotAStatement, match="交易金额"):
        read({}, header=header)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_gives_the_same_rows(encoding: str) -> None:
    text = table(line(cp_name="欧阳𠮷"), line(direction="出", txn_time=at(9)))
    plain, other = read_file(text.encode(), "x"), read_file(text.encode(encoding), "x")
    assert plain.rows == other.rows
    assert rules.batch_sha256(plain.rows) == rules.batch_sha256(other.rows)


def test_a_file_of_mixed_encodings_is_read_line_by_line() -> None:
    one, two = line(cp_name="贾某"), line(cp_name="甄某", txn_time=at(1))
    text = table(one, two).split("\r\n")
    mixed = "\r\n".join(text[:2]).encode() + b"\r\n" + text[2].encode("gb18030") + b"\r\n"
    assert [row.cp_name for row in read_file(mixed, "x").rows] == ["贾某", "甄某"]


@pytest.mark.parametrize(
    ("word", "direction"),
    [
        *((word, "in") for word in ("进", "入", "收", "收入", "贷", "1")),
        *((word, "out") for word in ("出", "付", "支", "支出", "借", "0")),
        *((word, "unknown") for word in ("", "O", "/", "不计收支", "转")),
    ],
)
def test_a_direction_is_one_of_the_known_words_or_unknown(word: str, direction: str) -> None:
    (row,) = read(line(direction=word)).rows
    assert row.direction == direction
    if direction == "unknown" and word not in ("", "/"):
        assert row.direction_word == word


@pytest.mark.parametrize(
    ("word", "success"),
    [("成功", "ok"), ("是", "ok"), ("00", "ok"), ("01", "failed"), ("失败", "failed"),
     ("", "unknown"), ("处理中", "unknown"), ("1", "unknown")],
)  # fmt: skip
def test_success_is_read_or_unknown(word: str, success: str) -> None:
    assert read(line(success=word)).rows[0].success == success


def test_failed_rows_are_kept_and_in_no_sum() -> None:
    reading = read(line(), line(success="失败", txn_time=at(1)), line(direction="", txn_time=at(2)))
    assert len(reading.kept) == 3
    assert reading.sums == {"in": {"CNY": 10_000}, "out": {}, "unknown": {"CNY": 10_000}}


def test_currencies_are_never_added() -> None:
    reading = read(
        line(), line(currency="日元", amount_fen="500"), line(currency="USD", amount_fen="1.25")
    )
    assert reading.sums["in"] == {"CNY": 10_000, "JPY": 500, "USD": 125}


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"amount_fen": "12.345"}, "交易金额", "sub_fen"),
        ({"amount_fen": "一百"}, "交易金额", "bad_amount"),
        ({"amount_fen": "1.75E+06"}, "交易金额", "rounded_amount"),
        ({"amount_fen": ""}, "交易金额", "no_amount"),
        ({"txn_time": "2026-02-30 10:00:00"}, "交易时间", "bad_time"),
        ({"txn_time": ""}, "交易时间", "no_time"),
        ({"card_no": "", "account_no": "/"}, "交易卡号", "no_account"),
        ({"currency": "JPY", "amount_fen": "0.5"}, "交易金额", "sub_fen"),
    ],
)
def test_a_broken_row_is_kept_out_and_named(cells: dict[str, str], field: str, reason: str) -> None:
    reading = read(line(), line(**cells), line(txn_time=at(5)))
    assert [row.row_no for row in reading.rows] == [2, 4]
    (reject,) = reading.rejects
    assert (reject.row_no, reject.field, reject.reason) == (3, field, reason)
    shown = rules.reject_json(reject)
    assert shown["message"] % shown["facts"]
    assert json.loads(shown["raw"])["账户开户名称"] == "柏小舟"


def test_a_bare_comma_in_an_amount_does_not_move_the_cells_behind_it() -> None:
    text = table(line(), line(amount_fen="26,000.00", txn_time=at(1))).replace('"', "")
    reading = read_file(text.encode(), "x")
    assert [row.amount_fen for row in reading.rows] == [10_000]
    assert reading.rejects[0].reason == "too_many_cells"
    with pytest.raises(rules.NoRowReadable):
        read_file(table(line(amount_fen="26,000.00")).replace('"', "").encode(), "x")


def test_a_bare_comma_is_noticed_in_rows_that_end_early_too() -> None:
    head, *rows = table(*(line(txn_time=at(n)) for n in range(9))).splitlines()
    rows = [row.rstrip(",") for row in rows]
    rows[4] = rows[4].replace("100.00", "26,000.00")
    reading = read_file("\n".join([head, *rows]).encode(), "x")
    assert {row.amount_fen for row in reading.rows} == {10_000}
    assert [each.row_no for each in reading.rejects] == [6]


def test_rows_may_end_in_a_delimiter_that_the_header_lacks() -> None:
    head, *rows = table(line(), line(txn_time=at(1))).splitlines()
    assert len(read_file("\n".join([head, *(f"{row}," for row in rows)]).encode(), "x").rows) == 2


def test_a_misplaced_thousands_comma_is_no_amount() -> None:
    text = table(line(amount_fen='"1,23"'), line(txn_time=at(1), amount_fen='"1,234.5"'))
    reading = read_file(text.encode(), "x")
    assert [row.amount_fen for row in reading.rows] == [123_450]
    assert reading.rejects[0].reason == "bad_amount"


def test_a_stray_quote_does_not_swallow_the_rows_below() -> None:
    reading = read(line(summary='"转账'), *(line(txn_time=at(n)) for n in range(1, 30)))
    assert reading.read == 30
    assert len(reading.rows) == 30


def test_a_quoted_cell_may_run_over_two_lines() -> None:
    reading = read(line(summary='"两\r\n行"'), line(txn_time=at(1)))
    assert [row.row_no for row in reading.rows] == [2, 4]
    assert reading.rows[0].summary == "两 行"


def test_totals_blank_lines_and_a_second_header_are_skipped_and_counted_apart() -> None:
    total = {HEADER[0]: "合计", "交易金额": "200.00"}
    again = {name: name for name in HEADER}
    reading = read(line(), {}, again, line(txn_time=at(1)), total)
    assert (reading.read, reading.skipped) == (2, 4)


def test_short_rows_are_padded() -> None:
    text = ",".join(HEADER) + "\n" + f"{A},,,,{at(0)},100,,进\n"
    (row,) = read_file(text.encode(), "x").rows
    assert (row.amount_fen, row.balance_fen, row.cp_kind) == (10_000, None, "")


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("6.29901E+18", "damaged"),
        ("6299010000000000011.0", "damaged"),
        ("6299****0011", "masked"),
        ("somebody@example.com", "text"),
        ("6299010000000000011_CNY", "number"),
        ("990100000001.0", "number"),
        ("0000000", ""),
        ("-", ""),
    ],
)
def test_numbers_that_a_spreadsheet_damaged_or_a_bank_masked_are_marked(
    cell: str, kind: str
) -> None:
    (row,) = read(line(cp_account_no=cell)).rows
    assert row.cp_kind == kind
    assert ("cp_damaged" in row.issues) == (kind == "damaged")


def test_a_sub_account_belongs_to_its_main_account() -> None:
    (row,) = read(line(card_no="", account_no="990100000001_02")).rows
    assert (row.own_key, row.sub_account) == ("990100000001", "02")


@pytest.mark.parametrize(
    ("cell", "precision"),
    [("20260318120000", "second"), ("2026/3/18 12:00", "minute"), ("2026年3月18日", "date"),
     ("2026-03-18T04:00:00Z", "second"), ("46099.5", "second")],
)  # fmt: skip
def test_times_keep_their_precision(cell: str, precision: str) -> None:
    (row,) = read(line(txn_time=cell)).rows
    assert row.time_precision == precision
    assert row.txn_time.timestamp() in (1773806400, 1773763200)


def test_a_file_that_knows_midnights_only_knows_the_date_only() -> None:
    reading = read(line(txn_time="2026-03-18 00:00:00"), line(txn_time="2026-03-19 00:00:00"))
    assert {row.time_precision for row in reading.rows} == {"date"}
    assert [each.kind for each in reading.findings] == ["date_only"]


def test_signed_amounts_are_made_positive_when_the_whole_file_signs_them() -> None:
    signed = read(line(direction="出", amount_fen="-5"), line(txn_time=at(1)))
    assert [(row.direction, row.amount_fen) for row in signed.rows] == [
        ("out", 500),
        ("in", 10_000),
    ]


def test_a_minus_against_the_file_makes_the_direction_unknown() -> None:
    reading = read(line(), line(amount_fen="-5", txn_time=at(1), summary="冲正"))
    assert [row.direction for row in reading.rows] == ["in", "unknown"]
    assert reading.findings[0].kind == "sign_against_direction"


@pytest.mark.parametrize(
    ("codes", "ways"),
    [("11", {"in"}), ("10", {"in", "out"}), ("12", {"unknown"}), ("102", {"in", "out", "unknown"})],
)
def test_a_code_that_banks_use_for_either_side_tells_nothing(codes: str, ways: set[str]) -> None:
    lines = [line(direction=code, txn_time=at(n)) for n, code in enumerate(codes)]
    reading = read(*lines)
    assert {row.direction for row in reading.rows} == ways
    unclear = [each for each in reading.findings if each.kind == "code_unclear"]
    assert bool(unclear) == (codes == "12")


def test_the_first_balance_that_disagrees_is_found_with_what_is_missing() -> None:
    reading = read(
        line(balance_fen="100"), line(txn_time=at(1), balance_fen="200"),
        line(txn_time=at(2), balance_fen="350"), line(txn_time=at(3), balance_fen="450"),
    )  # fmt: skip
    (check,) = reading.account_checks()
    assert (check["opening_fen"], check["closing_fen"]) == (0, 45_000)
    assert (check["breaks"], check["row"], check["missing_fen"]) == (1, 4, 5_000)


def test_rows_of_one_second_are_put_in_the_order_that_their_balances_allow() -> None:
    reading = read(
        line(balance_fen="100"), line(txn_time=at(1), balance_fen="300"),
        line(txn_time=at(1), balance_fen="200"),
    )  # fmt: skip
    (check,) = reading.account_checks()
    assert (check["breaks"], check["reordered"]) == (0, True)


def test_a_file_from_new_to_old_is_read_backwards() -> None:
    reading = read(
        line(txn_time=at(2), balance_fen="300"), line(txn_time=at(1), balance_fen="200"),
        line(balance_fen="100"),
    )  # fmt: skip
    assert reading.account_checks()[0]["breaks"] == 0
    assert reading.account_checks()[0]["opening_fen"] == 0


def test_a_round_count_of_rows_means_the_export_was_cut() -> None:
    reading = read(*(line(txn_time=at(n)) for n in range(1000)))
    assert reading.truncated
    assert not read(*(line(txn_time=at(n)) for n in range(1001))).truncated


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", rules.EmptyStatement),
        (b"\r\n \r\n", rules.EmptyStatement),
        (b"PK\x03\x04rest", rules.NotAText),
        (b"\x89PNG....", rules.NotAText),
        (b"<html><table>", rules.NotAText),
        (b"hello, world\n", rules.NotAStatement),
        (table().encode(), rules.EmptyStatement),
        (table(line(amount_fen="x"), line(amount_fen="y")).encode(), rules.NoRowReadable),
        (",".join(["x"] * 100_000).encode(), rules.NotAStatement),
    ],
)
def test_what_is_no_statement_is_refused_by_name(content: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as raised:
        read_file(content, "made.csv")
    assert "made.csv" in str(raised.value)


def test_the_refusal_names_file_row_and_field() -> None:
    with pytest.raises(rules.NotAStatement) as raised:
        read_file("a,b\n交易卡号,交易时间,交易金额\n1,2,3\n".encode(), "made.csv")
    assert raised.value.facts == {"file": "made.csv", "row": 2, "field": "收付标志"}


CELLS = st.one_of(
    st.sampled_from(
        ["", A, B, "进", "出", "100.00", "-5", "1,5", at(0), at(1), "2026", "合计", '"']
    ),
    st.text(max_size=6),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=len(HEADER) + 2), max_size=12), st.sampled_from("\n\r"))
def test_every_line_is_read_or_skipped_and_read_is_kept_duplicate_and_rejected(
    rows: list[list[str]], newline: str
) -> None:
    good = [line().get(name, "") for name in HEADER]
    text = newline.join(",".join(row) for row in [HEADER, good, *rows])
    reading = read_file(text.encode("utf-8", "replace"), "made.csv")
    assert reading.read == len(reading.kept) + reading.duplicates + len(reading.rejects)
    numbers = [row.row_no for row in reading.rows] + [each.row_no for each in reading.rejects]
    assert len(numbers) == len(set(numbers))
    assert all(row.amount_fen >= 0 for row in reading.rows)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_crash_the_reader(content: bytes) -> None:
    for whole in (table(line()).encode() + content, content):
        with suppress(Refusal):
            reading = read_file(whole, "made.csv")
            assert reading.read == len(reading.kept) + reading.duplicates + len(reading.rejects)
