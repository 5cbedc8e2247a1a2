"""Cells and files as they come: damaged, mixed, formatted, empty, or no statement at all."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from fanzha.core.refusal import Refusal
from fanzha.movements import rules, sheets, source
from fanzha.movements.cells import Unreadable, amount_of
from fanzha.movements.cells_of_sheets import as_text
from tests.movements.build import A, B, at, line, read, table

SHEET = ["交易卡号", "交易时间", "交易金额", "收付标志", "交易余额", "交易对手账卡号"]


def book(*rows: list[Any], formats: dict[int, str] | None = None) -> rules.Reading:
    """The reading of a workbook with these cells below the header."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "default_date_format": "yyyy/m/d"}) as file:
        sheet = file.add_worksheet()
        for number, row in enumerate([SHEET, *rows]):
            for place, cell in enumerate(row):
                style = (formats or {}).get(place) if number else None
                sheet.write(
                    number,
                    place,
                    cell,
                    *([file.add_format({"num_format": style})] if style else []),
                )
    (found,) = sheets.tables(made.getvalue(), "made.xlsx")
    return rules.read_file(found.content, found.name)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("26,000.00", 2_600_000),
        ("¥１２３．４５", 12_345),
        ("-5", -500),
        ("+5.1", 510),
        ("(7.00)", -700),
        ("1 234.50元", 123_450), ("1.500000000000000", 150), ("1.234567E7", 1_234_567_000),
        ("0.0000000000", 0), ("CNY 8", 800),
    ],
)  # fmt: skip
def test_an_amount_is_exact_however_it_is_written(text: str, minor: int) -> None:
    assert amount_of(text) == minor


@pytest.mark.parametrize(
    ("text", "currency", "reason"),
    [
        ("1.2345", "CNY", "sub_fen"),
        ("1.9E-4", "CNY", "sub_fen"),
        ("1.75E+06", "CNY", "rounded_amount"),
        ("0.1234567", "USDT", "sub_fen"),
        ("1.0E99", "CNY", "bad_amount"),
        ("1,23", "CNY", "bad_amount"),
        ("--5", "CNY", "bad_amount"), ("5-", "CNY", "bad_amount"), ("壹佰", "CNY", "bad_amount"),
    ],
)  # fmt: skip
def test_an_amount_that_is_not_exact_is_no_amount(text: str, currency: str, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        amount_of(text, currency)
    assert raised.value.reason == reason


def test_a_small_amount_on_a_chain_is_exact() -> None:
    assert amount_of("1.9E-4", "USDT") == 190
    assert as_text(0.00019) == "0.00019"


def test_tokens_with_one_beginning_are_never_added() -> None:
    one, other = "0xb74a****f0428d", "0xb74a****ffffff"
    reading = read(line(currency=one), line(currency=other, txn_time=at(1)))
    assert reading.sums["in"] == {one.upper(): 10_000, other.upper(): 10_000}


def test_dates_that_excel_kept_as_numbers_are_dates() -> None:
    reading = book(
        [A, datetime.fromisoformat("2026-03-18 12:30:15"), 1.5, "进", 1.5, B],
        [A, 46100.25, 1, "进", 2.5, B],
        [A, date(2026, 3, 20), 1, "进", 3.5, B],
        formats={1: "yyyy-mm-dd hh:mm:ss"},
    )
    assert [row.txn_time.astimezone(UTC).isoformat()[:19] for row in reading.rows] == [
        "2026-03-18T04:30:15", "2026-03-18T22:00:00", "2026-03-19T16:00:00",
    ]  # fmt: skip
    assert book([A, 46099.5, 1, "进", 1, B]).rows[0].txn_time.hour == 12


def test_a_card_number_kept_as_a_float_is_damaged_and_its_row_stays() -> None:
    reading = book([A, at(0), 1, "进", 1, float(B)], [float(A), at(1), 1, "进", 2, 990100000001])
    assert [row.cp_kind for row in reading.rows] == ["damaged", "number"]
    assert reading.rows[1].own_kind == "damaged"
    assert reading.rows[1].cp_key == "990100000001"
    assert {each.kind for each in reading.findings} >= {"damaged_accounts"}
    assert reading.read == len(reading.kept) == 2


def test_a_formula_gives_the_value_that_was_saved_with_it() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as file:
        sheet = file.add_worksheet()
        sheet.write_row(0, 0, SHEET)
        sheet.write_row(1, 0, [A, at(0)])
        sheet.write_formula(1, 2, "=1+1.25", value=2.25)
        sheet.write_row(1, 3, ["进"])
        sheet.write_row(2, 0, [A, at(1)])
        sheet.write_formula(2, 2, "=1/0", value="#DIV/0!")
        sheet.write_row(2, 3, ["进"])
    (found,) = sheets.tables(made.getvalue(), "made.xlsx")
    reading = rules.read_file(found.content, found.name)
    assert [row.amount_fen for row in reading.rows] == [225]
    assert [(each.row_no, each.field) for each in reading.rejects] == [(3, "交易金额")]


def test_a_formula_written_as_text_is_an_odd_cell_and_never_worked_out() -> None:
    reading = read(line(), line(amount_fen="=1+1", txn_time=at(1)), line(summary="=cmd()"))
    assert [each.reason for each in reading.rejects] == ["bad_amount"]
    assert reading.rows[1].summary == "=cmd()"


def test_cells_merged_across_the_table_above_the_header_do_no_harm() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as file:
        sheet = file.add_worksheet()
        sheet.merge_range(0, 0, 1, 5, "某行交易明细")
        sheet.write_row(2, 0, SHEET)
        sheet.merge_range(3, 0, 4, 0, A)
        sheet.write_row(3, 1, [at(0), 1, "进", 1, B])
        sheet.write_row(4, 1, [at(1), 1, "进", 2, B])
    (found,) = sheets.tables(made.getvalue(), "made.xlsx")
    reading = rules.read_file(found.content, found.name)
    assert [row.row_no for row in reading.rows] == [4]
    assert [(each.row_no, each.reason) for each in reading.rejects] == [(5, "no_account")]
    assert reading.read == 2


def test_a_line_in_another_encoding_is_read_and_a_broken_one_named_by_its_row() -> None:
    one, two, three = (line(cp_name=name, txn_time=at(place))
                       for place, name in enumerate(("贾某", "甄某", "柏某")))  # fmt: skip
    lines = table(one, two, three).split("\r\n")
    mixed = [lines[0].encode(), lines[1].encode(), lines[2].encode("gb18030")]
    broken = lines[3].encode().replace("柏".encode(), b"\x81\xff")
    reading = rules.read_file(b"\r\n".join([*mixed, broken]), "made.csv")
    assert [row.cp_name for row in reading.rows] == ["贾某", "甄某"]
    assert [(each.row_no, each.reason) for each in reading.rejects] == [(4, "undecodable")]
    (told,) = [each.facts for each in reading.findings if each.kind == "mixed_encodings"]
    assert told == {"row": 3, "count": 1}


def test_a_line_of_utf_8_is_not_taken_for_nonsense_in_gb18030() -> None:
    names = ("贾某", "甄某", "柏某")
    head = "交易卡号,交易时间,交易金额,收付标志,对手户名"
    lines = [head, *(f"{A},{at(0)},1,收入,{name}" for name in names)]
    mixed = [each.encode("gb18030") for each in lines]
    mixed[2] = lines[2].encode()
    assert b"\r\n".join(mixed).decode("gb18030")
    reading = rules.read_file(b"\r\n".join(mixed), "made.csv")
    assert [row.cp_name for row in reading.rows] == [*names]
    (told,) = [each.facts for each in reading.findings if each.kind == "mixed_encodings"]
    assert told == {"row": 3, "count": 1}


def test_a_short_line_of_gb18030_is_not_taken_for_utf_8() -> None:
    content = "联通,联通\n".encode("gb18030") + "柏小舟,某行\n".encode()
    assert source.lines_of(content) == ["联通,联通", "柏小舟,某行"]


def test_full_width_digits_in_every_column_are_digits() -> None:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    (row,) = read(
        line(card_no=A.translate(wide), amount_fen="12.50".translate(wide), direction="１",
             txn_time=at(0).translate(wide), cp_account_no=B.translate(wide))
    ).rows  # fmt: skip
    assert (row.own_key, row.amount_fen, row.cp_key, row.direction) == (A, 1_250, B, "in")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b" \r\n\t\r\n"),
        ("mark.csv", b"\xef\xbb\xbf"),
        ("picture.csv", b"\xff\xd8\xff\xe0 made up"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n made up"),
        ("paper.csv", b"%PDF-1.7 made up"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("page.xls", b"<html><body>no table</body></html>"),
        ("words.txt", "这不是流水。\n只是一封信。\n".encode()),
        ("wide.csv", ",".join(["x"] * 100_000).encode() + b"\n" + b"," * 99_999),
        ("nul.csv", b"\0" * 5000),
    ],
)
def test_what_is_no_statement_is_refused_by_its_name(name: str, content: bytes) -> None:
    def read_all() -> None:
        for each in sheets.tables(content, name):
            rules.read_file(each.content, each.name)

    with pytest.raises(Refusal) as raised:
        read_all()
    assert name in str(raised.value)


def test_an_empty_sheet_is_refused_and_a_wrong_extension_does_not_matter() -> None:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as file:
        file.add_worksheet()
    (empty,) = sheets.tables(made.getvalue(), "made.csv")
    with pytest.raises(rules.EmptyStatement):
        rules.read_file(empty.content, empty.name)
    text = table(line()).encode()
    (found,) = sheets.tables(text, "made.xlsx")
    assert len(rules.read_file(found.content, found.name).rows) == 1
