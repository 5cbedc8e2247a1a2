"""Files under a password, and workbooks that would unpack to more than the machine holds."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
import pyzipper  # type: ignore[import-untyped]  # ships no types
import typer
import xlsxwriter  # type: ignore[import-untyped]  # ships no types
from msoffcrypto.format.ooxml import OOXMLFile  # type: ignore[import-untyped]  # ships no types
from typer.testing import CliRunner

from fanzha.movements import sheets
from fanzha.wiring.cli.import_ import import_command
from tests.movements.build import line, table

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "made-up 密"
TEXT = table(line(), line(direction="出"))


LAST = 1_048_575


def workbook(*cells: tuple[int, int, str]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, column, text in cells:
            sheet.write(row, column, text)
    return made.getvalue()


def locked_workbook() -> bytes:
    lines = [line.split(",") for line in TEXT.splitlines()]
    cells = [(row, at, cell) for row, line in enumerate(lines) for at, cell in enumerate(line)]
    made = io.BytesIO()
    OOXMLFile(io.BytesIO(workbook(*cells))).encrypt(SECRET, made)
    return made.getvalue()


def locked_zip() -> bytes:
    made = io.BytesIO()
    with pyzipper.AESZipFile(made, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(SECRET.encode())
        archive.writestr("inner.csv", TEXT)
    return made.getvalue()


@pytest.mark.parametrize("make", [locked_workbook, locked_zip])
def test_a_locked_file_asks_for_its_password_and_opens_with_it(
    make: object, tmp_path: Path
) -> None:
    assert callable(make)
    path = tmp_path / "locked.bin"
    path.write_bytes(make())
    cli = typer.Typer()
    cli.command()(import_command)
    told = {}
    for password in ("", "wrong", SECRET):
        given = ["--password", password] if password else []
        done = CliRunner().invoke(cli, ["--dry-run", "--json", *given, str(path)])
        (told[password],) = json.loads(done.stdout)
        assert done.exit_code == (0 if password == SECRET else 2)
    assert told[""]["error"]["code"] == "Locked"
    assert "locked.bin" in told[""]["error"]["message"]
    assert told["wrong"]["error"]["code"] == "WrongPassword"
    assert (told[SECRET]["kept"], told[SECRET]["sum_out_fen"]) == (2, {"CNY": 10_000})


@pytest.mark.parametrize(
    "places", [((0, 0), (LAST, 16_383)), ((0, 16_383), (LAST, 0)), ((5, 300), (LAST, 1))]
)
def test_a_lone_cell_far_out_does_not_take_the_machine(
    places: tuple[tuple[int, int], ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "PIECE", 100)
    with pytest.raises(sheets.BadArchive):
        sheets.tables(workbook(*((*place, "a") for place in places)), "vast.xlsx")


def test_a_sheet_is_read_from_its_first_row_and_column() -> None:
    (away,) = sheets.tables(workbook((2, 1, 'a "b"'), (3, 2, "c,d"), (4, 1, "e\nf")), "away.xlsx")
    assert away.content.decode() == ',,\n,,\n,"a ""b""",\n,,"c,d"\n,e f,\n'


def test_a_wide_sheet_of_few_rows_is_read() -> None:
    (wide,) = sheets.tables(workbook((0, 0, "a"), (1, 16_383, "b")), "wide.xlsx")
    assert wide.content.startswith(b"a,")


def test_what_archives_in_an_archive_unpack_to_counts_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def zipped(*contents: bytes) -> bytes:
        made = io.BytesIO()
        with pyzipper.ZipFile(made, "w", pyzipper.ZIP_DEFLATED) as archive:
            for number, content in enumerate(contents):
                archive.writestr(f"{number}.csv", content)
        return made.getvalue()

    inner = zipped(b"0" * 600)
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1_500)
    assert sheets.tables(zipped(inner), "one.zip")
    with pytest.raises(sheets.BadArchive):
        sheets.tables(zipped(inner, inner, inner), "three.zip")
