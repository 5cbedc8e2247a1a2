"""The fund-flow sheet (资金流向表) as XLSX and CSV: every figure a number, every account a text."""

from __future__ import annotations

import csv
from io import BytesIO, StringIO
from typing import TYPE_CHECKING

from fanzha.core.money import FEN_PER_YUAN, format_yuan
from fanzha.core.sheets import safe
from fanzha.desk.templatetags.fanzha_flow import exit_word, node_name, say, tier_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fanzha.desk.flow.copies.content import Copy

MOVED = (
    "序号", "层级", "时间", "付款银行", "付款账号", "付款户名", "收款银行", "收款账号", "收款户名",
    "去向", "转账金额（元）", "其中涉案（元）", "来源",
)  # fmt: skip
PLACES = (
    "层级", "账户", "账号", "户名", "收到（涉案，元）", "转出（涉案，元）", "在账（涉案，元）", "状态",
)  # fmt: skip
Cell = str | int
"""A text, or a sum in fen."""


def moved_rows(copy: Copy) -> list[tuple[Cell, ...]]:
    """A line per transfer, in order of time."""
    return [
        (
            each.id, tier_word(each.tier), f"{each.at:%Y-%m-%d %H:%M:%S}",
            each.payer.bank, each.payer.number, each.payer.holder,
            each.payee.bank, each.payee.number, each.payee.holder,
            exit_word(each.channel) if each.channel else "", each.row_fen, each.fen, each.origin,
        )
        for each in copy.moved
    ]  # fmt: skip


def place_rows(copy: Copy) -> list[tuple[Cell, ...]]:
    """A line per box of the picture, in its order."""
    from fanzha.desk.flow.copies.content import party

    rows: list[tuple[Cell, ...]] = []
    for entry in copy.sheet.entries:
        number = entry.account.number if entry.account else ""
        who = party(copy.sheet, number, full=copy.full)
        here = entry.in_account_fen if entry.account else entry.node.here_fen
        state = say(entry.look.word) if entry.look else ""
        sums = (entry.node.received_fen, entry.node.passed_fen, here)
        told = ("", "", "") if entry.closed else sums
        rows.append(
            (tier_word(entry.node.column), node_name(entry), who.number, who.holder, *told, state)
        )
    return rows


def as_csv(copy: Copy) -> bytes:
    """The transfers; what they rest on stands above them."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerows([[label, safe(said)] for label, said in copy.about])
    writer.writerow(MOVED)
    for row in moved_rows(copy):
        cells = [format_yuan(c) if isinstance(c, int) else safe(c) for c in row]
        writer.writerow(cells)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(copy: Copy) -> bytes:
    """Three sheets: transfers, accounts, and what they rest on; prints landscape."""
    import xlsxwriter  # type: ignore[import-untyped] # it has no stubs

    raw = BytesIO()
    book = xlsxwriter.Workbook(raw, {"in_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True, "bottom": 1})
    money = book.add_format({"num_format": "#,##0.00"})

    def fill(name: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
        sheet = book.add_worksheet(name)
        sheet.write_string(0, 0, copy.basis)
        sheet.write_row(1, 0, head, bold)
        for at, row in enumerate(rows, start=2):
            for column, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(at, column, cell / FEN_PER_YUAN, money)
                else:
                    sheet.write_string(at, column, cell)
        sheet.freeze_panes(2, 0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, 1)
        sheet.autofit()

    fill("资金流向表", MOVED, moved_rows(copy))
    fill("账户", PLACES, place_rows(copy))
    fill("依据", ("项目", "内容"), copy.about)
    book.close()
    return raw.getvalue()
