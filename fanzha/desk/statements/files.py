"""Tables that leave the house as CSV or XLSX; no cell of them runs as a formula."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from django.http import HttpResponse

from fanzha.core.sheets import safe

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MOST_ROWS = 1_048_000
"""A sheet of Excel holds so many; what is beyond is left out, and the answer must say so."""


def answer(
    kind: str, name: str, about: str, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponse:
    """A file of KINDS to keep: `about` in its first line, then head and rows."""
    lines = [tuple(map(safe, row)) for row in rows]
    content = _csv(about, head, lines) if kind == "csv" else _xlsx(about, head, lines)
    return HttpResponse(
        content,
        content_type=KINDS[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            "Cache-Control": "no-store",
        },
    )


def _csv(about: str, head: Sequence[str], lines: Sequence[Sequence[object]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([[safe(about)], head, *lines])
    return text.getvalue().encode("utf-8-sig")


def _xlsx(about: str, head: Sequence[str], lines: Sequence[Sequence[object]]) -> bytes:
    import xlsxwriter  # type: ignore[import-untyped] # it has no stubs

    raw = BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "strings_to_formulas": False})
    sheet, bold = book.add_worksheet(), book.add_format({"bold": True})
    sheet.write_string(0, 0, about)
    sheet.write_row(1, 0, head, bold)
    sheet.freeze_panes(2, 0)
    for at, line in enumerate(lines[:MOST_ROWS], start=2):
        for column, cell in enumerate(line):
            # Numbers of accounts are text and stay it; whole numbers are row numbers alone.
            if isinstance(cell, int):
                sheet.write_number(at, column, cell)
            else:
                sheet.write_string(at, column, str(cell)[:32767])
    book.close()
    return raw.getvalue()
