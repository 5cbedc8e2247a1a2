"""Statements of institutions without a layout of their own, their sums counted by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fanzha.movements.cells import account_of, time_of
from fanzha.movements.columnar.whole import read_columns
from fanzha.movements.rules import NotAStatement, Reading, read_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

A, B = "6299000000000000011", "6299000000000000029"
SIDED = {
    "times of six digits, sums at the foot": f"""\
某银行个人账户交易明细
户名：甲一,账号：{A},币种：人民币
序号,交易日期,交易时间,摘要,借方发生额,贷方发生额,余额,对方账号,对方户名
1,20260103,101530,转账,"1,200.00",,"8,800.00",{B},乙二
2,20260104,090000,存款,,500.00,"9,300.00",,
合计,,,,"1,200.00",500.00,,,
打印时间：2026-02-01
""",
    "nothing is 0.00, separated by tabs": f"""\
卡号：{A}
交易日期\t摘要\t支出金额\t存入金额\t账户余额\t对方账号
2026/1/3 10:15:30\t转账\t1200.00\t0.00\t8800.00\t{B}
2026/1/4 9:00\t存款\t0.00\t500.00\t9300.00\t
""",
    "header and subtotals on every page, a stamp": f"""\
账号：{A}
交易时间,摘要,借方金额,贷方金额,余额,对方账号
2026-01-03 10:15:30,转账,1200.00,,8800.00,{B}
本页小计,,1200.00,,,
承前页,,,,8800.00,
交易时间,摘要,借方金额,贷方金额,余额,对方账号
2026-01-04 09:00:00,存款,,500.00,9300.00,{B}
累计,,1200.00,500.00,,
电子专用章
""",
    "dated lines that carry balances forward": f"""\
交易时间,摘要,借方金额,贷方金额,余额,对方账号,本方账号
2026-01-01 00:00:00,上年结转,,,10000.00,,{A}
2026-01-03 10:15:30,转账,1200.00,,8800.00,{B},{A}
2026-01-04 09:00:00,存款,,500.00,9300.00,{B},{A}
2026-01-31 00:00:00,本月合计,1200.00,,9300.00,,{A}
""",
    "English": f"""\
Account No.,{A}
Date/Time,Description,Debit,Credit,Balance,Counterparty Account
03-Jan-2026 10:15:30,Transfer,"1,200.00",,"8,800.00",{B}
"Jan 4, 2026 9:00",Deposit,,500.00,"9,300.00",
""",
}
DIRECTED = {
    "a header in two languages": f"""\
交易时间,借贷标志,交易金额,余额,卡号,对方账号
Transaction time,Dr/Cr,Amount,Balance,Card,Counterparty account
2026-01-03 10:15:30,借,1200.00,8800.00,{A},{B}
2026-01-04 09:00:00,贷,500.00,9300.00,{A},{B}
""",
    "letters for directions, carets between cells": f"""\
交易卡号^交易时间^收付标志^交易金额^交易余额^交易对手账卡号
{A}^20260103101530^D^1200.00^8800.00^{B}
{A}^20260104090000^C^500.00^9300.00^{B}
""",
    "days and times of Excel in two columns": f"""\
交易卡号,交易日期,交易时间,收付标志,交易金额,交易余额,交易对手账卡号
{A},46025,0.427430555555556,出,1200,8800,{B}
{A},2026年1月4日,9时0分0秒,进,500,9300,{B}
""",
    "the names of a vendor": f"""\
反馈卡号,反馈账号,交易主体的出入账标志,币种,交易金额,交易余额,交易时间,交易对方账号
{A},990100001,出账,CNY,1200.00,8800.00,2026/01/03 10:15:30,{B}
{A},990100001,入账,CNY,500.00,9300.00,2026/01/04 09:00:00,{B}
""",
    "a wallet, its account above": f"""\
姓名:甲一,卡号:{A}
交易日期,交易时间,收支类型,交易金额（元）,余额（元）,对方户名,对方账号
2026-01-03,10:15:30,支出,1200.00,8800.00,乙二,{B}
2026-01-04,9:00:00,收入,500.00,9300.00,乙二,{B}
""",
}


def read(text: str) -> Reading:
    return read_file(text.encode(), "made.csv")


@pytest.mark.parametrize("text", [*SIDED.values(), *DIRECTED.values()], ids=[*SIDED, *DIRECTED])
def test_two_rows_are_read_and_nothing_else(text: str) -> None:
    reading = read(text)
    assert [(row.direction, row.amount_fen) for row in reading.rows] == [
        ("out", 120_000), ("in", 50_000),
    ]  # fmt: skip
    assert reading.rows[0].txn_time == time_of("2026-01-03 10:15:30")[0]
    assert reading.rows[1].txn_time == time_of("2026-01-04 09:00")[0]
    assert {row.own_key for row in reading.rows} == {A}
    assert reading.rejects == []


def test_a_layout_of_its_own_goes_before_a_general_one() -> None:
    assert read(DIRECTED["letters for directions, carets between cells"]).profile == "bank_34@2"
    assert read(DIRECTED["a wallet, its account above"]).profile == "general_directed@2"


def test_a_sign_alone_says_no_direction() -> None:
    with pytest.raises(NotAStatement):
        read(f"交易时间,交易金额,账户余额,对方账号\n2026-01-03 10:15:30,-1200.00,8800.00,{B}\n")


def test_a_broken_row_is_not_taken_for_a_footer() -> None:
    text = SIDED["nothing is 0.00, separated by tabs"] + "2026-01-05 10\t转账\t12\t\t\t\n"
    assert [each.reason for each in read(text + "20260\n").rejects] == ["bad_time", "no_amount"]


def test_times_of_a_column_in_utc_are_moved() -> None:
    reading = read(
        "Txn Hash,Time(UTC),From,To,Amount,Token,Result\n"
        "a1,2026-01-03 02:15:30,TAa1,TBb2,1200.123456,USDT,SUCCESS\n"
    )
    (row,) = reading.rows
    assert row.txn_time == datetime(2026, 1, 3, 2, 15, 30, tzinfo=UTC)
    assert (row.currency, row.direction) == ("USDT", "unknown")


def test_an_address_is_no_masked_number() -> None:
    assert account_of("0x" + "1" * 40) != account_of("0x" + "1" * 39 + "2")
    assert account_of("0x" + "1" * 40).kind == "text"


@pytest.mark.parametrize("text", ["05-Xyz-2026", "Jan 32, 2026", "46025 1.5"])
def test_what_is_no_day_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="bad_time"):
        time_of(text)


@pytest.mark.parametrize("text", [*SIDED.values(), *DIRECTED.values()], ids=[*SIDED, *DIRECTED])
def test_a_large_file_reads_the_same(text: str) -> None:
    by_row = read(text)
    found: list[dict[str, object]] = []

    def keep(tables: Iterator[pa.Table]) -> None:
        for table in tables:
            found.extend(table.to_pylist())

    told = read_columns(text.encode(), "made.csv", keep)
    assert told is not None
    summary, _ = told
    assert (summary.read, summary.kept, summary.skipped) == (by_row.read, 2, by_row.skipped)
    for one, row in zip(found, by_row.rows, strict=True):
        names = (
            "row_no",
            "txn_time",
            "direction",
            "amount_fen",
            "own_key",
            "cp_key",
            "balance_fen",
        )
        assert [one[name] for name in names] == [getattr(row, name) for name in names]


def test_rows_below_another_account_are_its_own() -> None:
    section = SIDED["header and subtotals on every page, a stamp"]
    text = section + section.replace(A, B)
    assert [row.own_key for row in read(text).rows] == [A, A, B, B]
    assert read(text).rejects == []
    assert read_columns(text.encode(), "made.csv", lambda tables: [*tables]) is None
    assert read_columns((section + section).encode(), "made.csv", lambda tables: [*tables])
