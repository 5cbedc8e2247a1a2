"""Large workbooks read by loops: what they read is what the library reads, or they give up."""

from __future__ import annotations

import io
import random
import re
import zipfile
from typing import TYPE_CHECKING

import pytest
import xlsxwriter  # type: ignore[import-untyped]  # ships no types

from fanzha.movements import sheets
from fanzha.movements.columnar.sheet import csv_of

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = ("张三", "a,b", 'q"x', "l1\nl2", "&<>", "　全角", "x\ty", "", "  s ", "\u2028z", "=1", "𠮷")
NUMBERS = (1, 0, -0.0, 100.5, 0.1 + 0.2, 10**15, 10**14, 62290000000000001, 1e-7, -3.25, 12345.678)
CHANGED = "xl/worksheets/sheet1.xml"


def by_loops(book: bytes) -> bytes | None:
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return csv_of(archive)


def by_library(book: bytes) -> bytes:
    (table,) = sheets.tables(book, "made.xlsx")
    return table.content


def made(write: Callable[[xlsxwriter.Workbook], object], *, shared: bool = True) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(
        out, {"constant_memory": not shared, "strings_to_urls": False}
    ) as book:
        write(book)
    return out.getvalue()


def any_table(chance: random.Random) -> Callable[[xlsxwriter.Workbook], object]:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        formats = None, book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
        for row in range(chance.randrange(3), chance.randrange(4, 30)):
            for column in range(chance.randrange(3), chance.randrange(4, 40)):
                one(sheet, row, column, chance.choice(formats))

    def one(sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, look: object) -> None:
        kind = chance.randrange(7)
        if kind < 3:
            sheet.write_string(row, column, chance.choice(TEXTS), look)
        elif kind < 5:
            sheet.write_number(row, column, chance.choice(NUMBERS), look)
        elif kind == 5:
            sheet.write_boolean(row, column, chance.random() < 0.5)
            sheet.write_formula(row, column + 1, "=A1", None, chance.choice([5, "a&b", "文"]))

    return write


@pytest.mark.parametrize("shared", [True, False])
def test_every_table_reads_as_the_library_reads_it(*, shared: bool) -> None:
    for seed in range(120):
        book = made(any_table(random.Random(seed)), shared=shared)
        assert by_loops(book) == by_library(book), seed


def changed(old: bytes, new: bytes) -> bytes:
    """A plain workbook with something in its sheet changed."""

    def write(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write_row(0, 0, ["卡号", 5, "出", 7])

    out = io.BytesIO()
    given = made(write, shared=False)
    with zipfile.ZipFile(io.BytesIO(given)) as archive, zipfile.ZipFile(out, "w") as other:
        for name in archive.namelist():
            content = archive.read(name)
            if name == CHANGED:
                assert re.search(old, content)
                content = re.sub(old, new, content, count=1)
            other.writestr(name, content)
    return out.getvalue()


def test_a_plain_workbook_is_read() -> None:
    assert by_loops(changed(rb">7<", rb">8<")) == "卡号,5,出,8\n".encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (rb"<sheetData>", rb"<!-- <sheetData> --><sheetData>"),
        (rb"<row", rb"<!-- --><row"),
        (rb"<t>", rb"<r><t>"),
        (rb">5<", rb">NaN<"),
        (rb'r="B1"', rb'r="A1"'),
        (rb'r="B1"', rb'r="B2"'),
        (rb'r="B1"', rb"r='B1'"),
        (rb'r="B1"', rb'r="B1" t="e"'),
        (rb'r="B1"', rb'r="B1" t="s"'),
        (rb'r="B1"', rb'r="B1" s="9"'),
        (rb">5</v>", rb">5</w>"),
        ("出".encode(), rb"&unknown;"),
        ("出".encode(), b"\xff"),
        ("出".encode(), rb"_x0041_"),
        (rb"</sheetData>.*", rb""),
        (rb"</row>.*", rb""),
        (rb"</v></c>.*", rb"</v>"),
        (rb'encoding="UTF-8"', rb'encoding="UTF-16"'),
    ],
)
def test_what_is_no_plain_table_is_for_the_library(old: bytes, new: bytes) -> None:
    assert by_loops(changed(old, new)) is None


def test_days_several_sheets_and_texts_of_several_looks_are_for_the_library() -> None:
    def days(book: xlsxwriter.Workbook) -> None:
        look = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet().write_row(0, 0, [1, 45_000], look)

    def two(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet().write_row(0, 0, [1, 2])
        book.add_worksheet().write_row(0, 0, [3, 4])

    def looks(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [1, 2])
        sheet.write_rich_string(1, 0, "a", book.add_format({"bold": True}), "b")

    assert [by_loops(made(each)) for each in (days, two, looks)] == [None, None, None]


def test_a_large_workbook_goes_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    book = made(any_table(random.Random(1)))
    before = by_library(book)
    monkeypatch.setattr(sheets, "LARGE", 0)
    monkeypatch.delattr(sheets, "calamine")
    assert by_library(book) == before
