"""Layouts of many senders, made up here, through the door that every file goes through."""

from __future__ import annotations

import io
import random
import zipfile

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from fanzha.core.refusal import Refusal
from fanzha.movements import rules, sheets
from fanzha.movements.cells_of_sheets import as_text
from fanzha.movements.profile import marked

NEEDED = 22

BILLS = {
    "tenpay": (
        (
            "用户ID\t交易单号\t借贷类型\t交易时间\t交易金额(分)\t账户余额(分)\n"
            "made-up\tS1\t入\t2026-03-18 12:00:00\t12345\t12345\n"
            "made-up\tS2\t出\t2026-03-18 12:00:01\t45\t12300\n"
        ),
        ({"CNY": 12345}, {"CNY": 45}, {}),
    ),
    "alipay_balance": (
        (
            "交易订单号/外部流水号,账户,对方帐户,交易发生日期,收入金额(+)（元）,支出金额(-)（元）,余额（元）\n"
            "S1,made-up,other,2026-03-18 12:00:00,10.00,,10.00\n"
            "S2,made-up,other,2026-03-18 12:00:01,,2.50,7.50\n"
        ),
        ({"CNY": 1000}, {"CNY": 250}, {}),
    ),
    "wechat_bill": (
        (
            "微信支付账单明细,,\n交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号,商户单号,备注\n"
            "2026-03-18 12:00:00,转账,柏,/,收入,¥1.00,零钱,已收钱,S1,M1,/\n"
            "2026-03-18 12:00:01,零钱提现,柏,/,/,¥3.00,零钱,提现已到账,S2,M2,/\n"
        ),
        ({"CNY": 100}, {}, {"CNY": 300}),
    ),
    "cgb_credit": (
        (
            "交易日期,入账日期,交易摘要,交易金额,交易货币,入账金额,入账货币\n"
            "2026/03/18,2026/03/18,消费,5.00,人民币,5.00,人民币\n"
            "2026/03/19,2026/03/19,退款,-2.00,人民币,-2.00,人民币\n"
        ),
        ({"CNY": 200}, {"CNY": 500}, {}),
    ),
    "icbc": (
        (
            "卡号: 6299****9876\n\n"
            "交易日期,摘要,记账金额(收入),记账金额(支出),记账币种,余额\n"
            '2026-03-18,工资,"1,000.00",,人民币,"1,000.00",\n'
            "2026-03-19,消费,,10.00,人民币,990.00,\n"
            "人民币合计,,1000.00,10.00,,,\n"
        ),
        ({"CNY": 100_000}, {"CNY": 1000}, {}),
    ),
    "cmb_credit": (
        (
            "信用卡对账单（2026年01月）\n交易日,记账日,交易摘要,人民币金额,卡号末四位\n"
            "12/30,12/31,消费,1.00,0000\n01/02,01/03,消费,2.00,0000\n"
        ),
        ({}, {"CNY": 300}, {}),
    ),
}


def sums(reading: rules.Reading) -> tuple[dict[str, int], ...]:
    return reading.sums["in"], reading.sums["out"], reading.sums["unknown"]


@pytest.mark.parametrize("name", BILLS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_layout_is_known_by_its_columns_and_its_sums_are_exact(name: str, encoding: str) -> None:
    text, expected = BILLS[name]
    reading = rules.read_file(text.replace("¥", "￥").encode(encoding), "made.csv")
    assert (reading.profile.partition("@")[0], sums(reading)) == (name, expected)
    assert (reading.read, len(reading.kept), reading.rejects) == (2, 2, [])


def test_days_without_a_year_belong_to_the_year_of_the_bill() -> None:
    first, last = rules.read_file(BILLS["cmb_credit"][0].encode(), "made.csv").times
    assert first
    assert last
    assert (first.date().isoformat(), last.date().isoformat()) == ("2025-12-31", "2026-01-03")


def test_neutral_money_is_neither_in_nor_out() -> None:
    reading = rules.read_file(BILLS["wechat_bill"][0].encode(), "made.csv")
    assert [row.issues for row in reading.rows if row.direction == "unknown"] == [
        ["neutral", "own_masked"]
    ]


def test_every_profile_has_marks_and_can_be_told() -> None:
    assert len(marked()) >= NEEDED
    assert all(each.marks or each.general for each in marked())


def workbook(*tables: str) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for text in tables:
            sheet = book.add_worksheet()
            for at, line in enumerate(text.splitlines()):
                sheet.write_row(at, 0, line.split("\t"))
    return made.getvalue()


def test_sheets_of_a_workbook_are_tables_of_their_own() -> None:
    text = BILLS["tenpay"][0]
    found = sheets.tables(workbook(text, text), "made.csv")
    assert [each.name for each in found] == ["made.csv/Sheet1", "made.csv/Sheet2"]
    assert [sums(rules.read_file(each.content, each.name)) for each in found] == [
        BILLS["tenpay"][1]
    ] * 2


@pytest.mark.parametrize(
    ("cell", "text"),
    [(0.1 + 0.2, "0.3"), (67.0, "67"), (6.2220212345678902e18, "6.22202123456789e+18"), (None, "")],
)
def test_a_number_reads_as_excel_shows_it(cell: object, text: str) -> None:
    assert as_text(cell) == text


def test_a_page_saved_as_xls_is_read_as_a_table() -> None:
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in line.split(chr(9)))}</tr>"
        for line in BILLS["tenpay"][0].splitlines()
    )
    (table,) = sheets.tables(f"<html><table>{rows}</table></html>".encode("gb18030"), "made.xls")
    assert sums(rules.read_file(table.content, table.name)) == BILLS["tenpay"][1]


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def test_a_zip_gives_every_file_in_it() -> None:
    inside = zipped(**{"../a.csv": b"a,b", "b.csv": b"c,d"})
    assert [each.name for each in sheets.tables(inside, "z.zip")] == [
        "z.zip/../a.csv", "z.zip/b.csv",
    ]  # fmt: skip


def test_a_bomb_and_a_broken_archive_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1000)
    for bad in (zipped(a=b"0" * 1001), b"PK\x03\x04 nothing", zipped(a=zipped(b=zipped(c=b"")))):
        with pytest.raises(sheets.BadArchive):
            sheets.tables(bad, "z.zip")


def test_a_damaged_workbook_is_refused() -> None:
    with pytest.raises(sheets.BadWorkbook):
        sheets.tables(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 nothing more", "a.xls")


@pytest.mark.parametrize("name", BILLS)
def test_mutated_tables_are_read_or_refused_and_lose_no_row(name: str) -> None:
    chance = random.Random(name)
    text = BILLS[name][0]
    for _ in range(300):
        content = bytearray(text.encode(chance.choice(["utf-8", "gb18030"])))
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.choice(b',\t"\n0-.x\xff\x00')
        try:
            reading = rules.read_file(bytes(content), "made.csv")
        except Refusal:
            continue
        assert reading.read == len(reading.kept) + reading.duplicates + len(reading.rejects)
