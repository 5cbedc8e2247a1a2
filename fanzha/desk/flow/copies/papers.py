"""The report (资金流向分析报告) and the fund-flow sheet as PDF, in Chinese."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A3, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from fanzha.core.money import format_yuan
from fanzha.desk.flow.copies.figure import FONT, draw
from fanzha.desk.flow.copies.tables import MOVED, PLACES, moved_rows, place_rows
from fanzha.desk.templatetags.fanzha_flow import exit_word, node_name, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from reportlab.platypus import Flowable

    from fanzha.desk.flow.copies.content import Copy
    from fanzha.desk.flow.sheet import Entry

MOST_ROWS: Final = 400
"""A paper of more transfers is not read; the sheet as XLSX has them all, and the paper says so."""
TEXT: Final = ParagraphStyle("text", fontName=FONT, fontSize=9, leading=13, wordWrap="CJK")
SMALL: Final = ParagraphStyle("small", parent=TEXT, fontSize=7.5, leading=10)
NAME: Final = ParagraphStyle("name", parent=TEXT, fontSize=12, leading=18, spaceBefore=8)
TITLE: Final = ParagraphStyle("title", parent=TEXT, fontSize=18, leading=26, alignment=1)
GRID: Final = TableStyle(
    [
        ("GRID", (0, 0), (-1, -1), 0.4, "#888888"),
        ("LINEBELOW", (0, 0), (-1, 0), 1, "#000000"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
)
LIMITS: Final = (
    "本报告为工作底稿，按所列规则对已收到的流水作计算，不认定任何账户持有人的责任。",
    "断点处的资金去向未知；“在账”若无流水证实，为最多可能金额。",
    "规则不同，各账户涉案金额可能不同；选用其他规则须另行说明理由。",
)


def as_sheet(copy: Copy) -> bytes:
    """The fund-flow sheet (资金流向表) alone."""
    return _built(copy, [_p("资金流向表", TITLE), _p(copy.basis), *_transfers(copy)])


def as_report(copy: Copy) -> bytes:
    """Facts, rule and meaning, limits, tables, gaps, hashes; the picture closes it."""
    gaps = [entry for entry in copy.sheet.entries if entry.is_gap]
    story: list[Flowable] = [_p("资金流向分析报告", TITLE), _p("一、依据与规则", NAME)]
    story += [_grid(("项目", "内容"), copy.about, (45, 335))]
    story += [_p("二、限制说明", NAME), *map(_p, LIMITS)]
    story += [_p("三、账户", NAME), _grid(PLACES, place_rows(copy))]
    story += [_p("四、转账", NAME), *_transfers(copy), _p("五、断点", NAME)]
    story += [_p(_gap(entry)) for entry in gaps]
    if not gaps:
        story.append(_p("没有断点。"))
    return _built(copy, [*story, _p("六、资金流向图见后页。", NAME)], picture=True)


def _gap(entry: Entry) -> str:
    state = say(entry.look.word) if entry.look else exit_word(entry.node.exit)
    return f"{node_name(entry)}：{state}，涉案 {format_yuan(entry.node.received_fen)} 元。"


def _transfers(copy: Copy) -> list[Flowable]:
    rows = moved_rows(copy)
    more = len(rows) - MOST_ROWS
    told = [_p(f"另有 {more} 笔未列，见资金流向表（XLSX）。")] if more > 0 else []
    return [_grid(MOVED, rows[:MOST_ROWS]), Spacer(1, 2 * mm), *told]


def _built(copy: Copy, story: Sequence[Flowable], *, picture: bool = False) -> bytes:
    out = io.BytesIO()
    paper = SimpleDocTemplate(
        out, pagesize=landscape(A3), invariant=1, title=copy.sheet.case.number,
        leftMargin=15 * mm, rightMargin=15 * mm, topMargin=15 * mm, bottomMargin=18 * mm,
    )  # fmt: skip

    class Pages(Canvas):
        """Pages with a foot; the picture follows the last of them."""

        def showPage(self) -> None:  # noqa: N802 - the library's name
            self.setFont(FONT, 7)
            foot = f"{copy.basis}　输入 {copy.input_sha256}　结果 {copy.output_sha256}"
            self.drawString(15 * mm, 9 * mm, foot)
            super().showPage()

        def save(self) -> None:
            if picture:
                draw(self, copy)
            super().save()

    paper.build(list(story), canvasmaker=Pages)
    return out.getvalue()


def _p(text: str, style: ParagraphStyle = TEXT) -> Paragraph:
    return Paragraph(escape(text), style)


def _grid(
    head: Sequence[str], rows: Iterable[Sequence[str | int]], widths: Sequence[float] = ()
) -> Table:
    lines = ([format_yuan(c) if isinstance(c, int) else c for c in row] for row in rows)
    cells = [[_p(each, SMALL) for each in line] for line in (head, *lines)]
    even = [380 / len(head)] * len(head)
    return Table(cells, [each * mm for each in widths or even], repeatRows=1, style=GRID)
