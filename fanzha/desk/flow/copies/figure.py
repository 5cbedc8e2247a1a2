"""The picture on paper: the same positions as on the screen, as SVG and as PDF.

It must be read when printed in black and white: each fate has its own line as well as its own
colour, and every box says its state in words.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext, gettext_noop
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A3, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from fanzha.desk.flow.picture import Band
from fanzha.desk.templatetags.fanzha_flow import band_word, node_name, say, tier_word, yuan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fanzha.desk.flow.copies.content import Copy
    from fanzha.desk.flow.sheet import Entry

FONT: Final = "STSong-Light"
MARGIN: Final = 36
HEAD: Final = 64
LOOK: Final[Mapping[Band, tuple[str, tuple[float, ...]]]] = {
    Band.HELD: ("#1b7f46", ()),
    Band.TRANSIT: ("#b87503", (9, 3)),
    Band.UNKNOWN: ("#7c828d", (3, 3)),
    Band.GONE: ("#4b4f58", (1, 2)),
    Band.RETURNED: ("#6fb58d", (9, 2, 2, 2)),
}
"""Colour and dashes of each fate; the dashes alone tell them apart."""
BY_HAND: Final = gettext_noop("by hand")
COMMANDS: Final = {"M": "moveTo", "C": "curveTo", "L": "lineTo"}
FACES: Final = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
INK: Final = "#1d2129"
EXITS: Final = "出口"
# Paragraphs ask for the font when they are made, not when they are drawn.
pdfmetrics.registerFont(UnicodeCIDFont(FONT))


class Stroke(NamedTuple):
    """A curve of an edge, in the commands M, C and L of SVG."""

    path: str
    width: float
    colour: str
    dashes: tuple[float, ...]


class Frame(NamedTuple):
    """A box; dashed where nobody sees in."""

    x: float
    y: float
    width: float
    height: float
    colour: str
    line: float
    dashes: tuple[float, ...]


class Words(NamedTuple):
    """A line of text, from `x` on, or up to it if `end`."""

    x: float
    y: float
    text: str
    size: float
    end: bool = False


Shape = Stroke | Frame | Words


def shapes(copy: Copy) -> Iterator[Shape]:
    """Everything that is drawn, what lies below first."""
    sheet = copy.sheet
    for column in sheet.columns:
        count = f"　{column.accounts} 户" if column.accounts else ""
        name = tier_word(column.number) if column.accounts or not column.number else EXITS
        yield Words(column.x, 21, f"{name}{count}", 12)
    for line in sheet.placed.lines:
        for strip in line.strips:
            yield Stroke(strip.path, strip.width, *LOOK[strip.band])
        if sheet.flow.by_hand(line.edge.rows):
            yield Stroke(line.path, line.grip, "#ffffff", (5, 7))
            yield Words(*line.middle, gettext(BY_HAND), 9)
    for entry in sheet.entries:
        yield from _box(entry)


def _box(entry: Entry) -> Iterator[Shape]:
    box, face = entry.box, entry.face
    dashes = (4.0, 2.5) if face in {"gap", "closed", "others", "hub"} else ()
    line = {"held": 2.2, "live": 1.6, "exit": 1.6}.get(face, 0.8)
    yield Frame(box.x, box.y, box.width, box.height, INK, line, dashes)
    top = box.y + box.lift
    yield Words(box.x + 6, top + 15, node_name(entry)[:9], 11)
    paid = entry.paid_fen if entry.node.kind == "victim" else entry.node.received_fen
    if not entry.closed:
        yield Words(box.x + box.width - 5, top + 31, yuan(paid), 10, end=True)
    if entry.look:
        yield Words(box.x + 6, top + 31, say(entry.look.word)[:6], 9)
        if entry.face == "held":
            held = yuan(entry.held_fen)
            yield Words(box.x + box.width - 5, top + 15, held, 9, end=True)


def as_svg(copy: Copy) -> bytes:
    """A file that stands alone; what it rests on is written below the picture."""
    placed = copy.sheet.placed
    height = placed.height + 14 * len(copy.about) + 40
    size = f'width="{placed.width}" height="{height}" viewBox="0 0 {placed.width} {height}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{FACES}">',
        f"<title>{escape(copy.sheet.case.number)}</title>",
        '<rect width="100%" height="100%" fill="#fff"/>',
        *map(_svg, shapes(copy)),
        *map(_svg, _key(10, placed.height + 10)),
    ]
    for at, (label, text) in enumerate(copy.about):
        out.append(_svg(Words(10, placed.height + 36 + 14 * at, f"{label}：{text}", 10)))
    return "\n".join([*out, "</svg>\n"]).encode()


def _key(x: float, y: float) -> Iterator[Shape]:
    """How each fate is drawn."""
    for at, (band, look) in enumerate(LOOK.items()):
        left = x + 110 * at
        yield Stroke(f"M{left} {y}L{left + 40} {y}", 6, *look)
        yield Words(left + 46, y + 4, band_word(band), 10)


def _svg(shape: Shape) -> str:
    if isinstance(shape, Words):
        end = ' text-anchor="end"' if shape.end else ""
        place = f'x="{shape.x:g}" y="{shape.y:g}" font-size="{shape.size:g}"'
        return f'<text {place} fill="{INK}"{end}>{escape(shape.text)}</text>'
    dashes = " ".join(f"{each:g}" for each in shape.dashes)
    dashed = f" stroke-dasharray={quoteattr(dashes)}" if dashes else ""
    if isinstance(shape, Stroke):
        line = f'stroke="{shape.colour}" stroke-width="{shape.width:g}"{dashed}'
        return f'<path d="{shape.path}" fill="none" {line}/>'
    size = f'width="{shape.width:g}" height="{shape.height:g}" rx="3"'
    line = f'stroke="{shape.colour}" stroke-width="{shape.line:g}"{dashed}'
    return f'<rect x="{shape.x:g}" y="{shape.y:g}" {size} fill="#fff" {line}/>'


def as_pdf(copy: Copy) -> bytes:
    """A3 landscape, as many pages as the picture is high; the same content, the same bytes."""
    out = io.BytesIO()
    page = Canvas(out, pagesize=landscape(A3), invariant=True)
    page.setTitle(copy.sheet.case.number)
    draw(page, copy)
    page.save()
    return out.getvalue()


def draw(page: Canvas, copy: Copy) -> None:
    """Draw the picture on pages of A3 landscape of a canvas that is open."""
    width, height = landscape(A3)
    placed = copy.sheet.placed
    room = height - 2 * MARGIN - HEAD
    scale = min((width - 2 * MARGIN) / placed.width, 1.2)
    pages = max(-int(-placed.height * scale // room), 1)
    for number in range(pages):
        page.setPageSize((width, height))
        page.setFont(FONT, 14)
        title = f"资金流向图 {copy.sheet.case.number}（{number + 1}/{pages}）"
        page.drawString(MARGIN, height - MARGIN, title)
        page.setFont(FONT, 8)
        page.drawString(MARGIN, height - MARGIN - 14, copy.basis)
        hashes = f"输入 {copy.input_sha256}　结果 {copy.output_sha256}"
        page.drawString(MARGIN, height - MARGIN - 26, hashes)
        page.saveState()
        page.translate(MARGIN, height - MARGIN - 44)
        for shape in _key(0, 0):
            _pdf(page, shape)
        page.restoreState()
        page.saveState()
        clip = page.beginPath()
        clip.rect(MARGIN, MARGIN, width - 2 * MARGIN, room)
        page.clipPath(clip, stroke=0)
        page.translate(MARGIN, MARGIN + room * (number + 1))
        page.scale(scale, scale)
        for shape in shapes(copy):
            _pdf(page, shape)
        page.restoreState()
        page.showPage()


def _pdf(page: Canvas, shape: Shape) -> None:
    if isinstance(shape, Words):
        page.setFillColor(HexColor(INK))
        page.setFont(FONT, shape.size)
        place = page.drawRightString if shape.end else page.drawString
        place(shape.x, -shape.y, shape.text)
        return
    page.setStrokeColor(HexColor(shape.colour))
    page.setDash(list(shape.dashes))
    if isinstance(shape, Frame):
        page.setLineWidth(shape.line)
        page.setFillColor(HexColor("#ffffff"))
        page.roundRect(
            shape.x, -shape.y - shape.height, shape.width, shape.height, 3, stroke=1, fill=1
        )
        return
    page.setLineWidth(shape.width)
    path = page.beginPath()
    for command, numbers in re.findall(r"([MCL])([-\d. ]+)", shape.path):
        n = [float(each) for each in numbers.split()]
        flipped = [-each if at % 2 else each for at, each in enumerate(n)]
        getattr(path, COMMANDS[command])(*flipped)
    page.drawPath(path, stroke=1, fill=0)
