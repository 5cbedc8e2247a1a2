"""The paper that goes with an instruction, as a Chinese PDF.

Until an installation says that it issues the legal paper itself, what goes out is marked as a
worksheet (工作底稿): the statutory form stands in the case-handling information system (F02).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from fanzha.core import clock
from fanzha.core.money import format_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

FONT = "STSong-Light"
_N86 = "根据《中华人民共和国反电信网络诈骗法》第二十条、银发〔2016〕86号"
_PCR = "根据《公安机关办理刑事案件程序规定》第"
_LAPSES = "期满未续的自动解除。对本决定不服的，可以向本机关申诉、控告。"
_FREED = "请立即办理，并将办理结果反馈本机关。"


@dataclass(frozen=True)
class Wording:
    """What the paper of one kind of instruction says: title, law, what is asked, last line.

    `series`: the word of its number (文号), by which papers are counted.
    """

    series: str
    title: str
    law: str
    asked: str
    closing: str = _LAPSES


WORDINGS: Mapping[str, Wording] = {
    "stop_payment": Wording("止付", "紧急止付申请表", _N86, "请对下列账户立即止付"),
    "freeze": Wording(
        "冻结",
        "协助冻结财产通知书",
        "根据《中华人民共和国刑事诉讼法》第一百四十四条、"
        "《公安机关办理刑事案件程序规定》第二百三十九条",
        "请协助冻结下列财产",
    ),
    "transaction_query": Wording(
        "查询", "协助查询财产通知书", f"{_PCR}二百三十八条", "请协助查询下列账户的交易明细"
    ),
    "holder_query": Wording(
        "查询", "协助查询财产通知书", f"{_PCR}二百三十八条", "请协助查询下列账户的开户人"
    ),
    "all_accounts_query": Wording(
        "查询",
        "协助查询财产通知书",
        f"{_PCR}二百三十八条",
        "请协助查询下列账户的开户人名下全部账户",
    ),
    "watch": Wording(
        "查询",
        "协助查询财产通知书",
        f"{_PCR}二百三十八条",
        "请对下列账户进行动态查询，发生新交易时即时反馈",
    ),
    "release_watch": Wording(
        "查询", "解除动态查询通知书", f"{_PCR}二百三十八条", "请解除对下列账户的动态查询", _FREED
    ),
    "release_stop": Wording("解除止付", "解除紧急止付申请表", _N86, "请对下列账户解除止付", _FREED),
    "extend_stop": Wording("延长止付", "紧急止付延期申请表", _N86, "请对下列账户继续止付"),
    "release_freeze": Wording(
        "解除冻结",
        "协助解除冻结财产通知书",
        f"{_PCR}二百四十一条",
        "请协助解除冻结下列财产",
        _FREED,
    ),
    "renew_freeze": Wording(
        "继续冻结",
        "协助继续冻结财产通知书",
        f"{_PCR}二百四十条、第二百四十三条",
        "请协助继续冻结下列财产",
    ),
}
"""By kind of instruction."""
UNNUMBERED = "（批准后编号）"
WORKSHEET = "工作底稿 · 正式文书以执法办案信息系统签发为准"
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_UNITS = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")


@dataclass(frozen=True)
class Paper:
    """What the paper says, line by line, so that screen and PDF show the same."""

    title: str
    number: str
    organisation: str
    institution: str
    opening: str
    rows: tuple[tuple[str, str], ...]
    closing: str
    dated: str
    seal: tuple[str, ...]
    worksheet: str


def paper_of(
    *,
    kind: str,
    number: str,
    organisation: str,
    institution: str,
    case_number: str,
    rows: Sequence[tuple[str, str]],
    at: datetime,
    approved_at: datetime | None,
    legal: bool,
) -> Paper:
    """Words of the paper of one instruction; `legal`: the installation issues it itself."""
    words = WORDINGS[kind]
    return Paper(
        title=words.title,
        number=number or UNNUMBERED,
        organisation=organisation,
        institution=institution,
        opening=f"因侦办 {case_number} 号案件需要，{words.law}，{words.asked}：",
        rows=tuple(rows),
        closing=words.closing,
        dated=f"{clock.local(at):%Y年%m月%d日}",
        seal=_seal(approved_at, legal=legal),
        worksheet="" if legal else WORKSHEET,
    )


def number_of(mark: str, kind: str, year: int, count: int) -> str:
    """`岚公反诈止付字〔2026〕12号`: the number of a paper within the series of its year."""
    return f"{mark}{WORDINGS[kind].series}字〔{year}〕{count}号"


def _seal(approved_at: datetime | None, *, legal: bool) -> tuple[str, ...]:
    """What stands where the seal goes."""
    if approved_at is None:
        return ("批准后", "加盖电子印章" if legal else "生效")
    return (
        "已批准",
        f"{clock.local(approved_at):%m-%d %H:%M}",
        *(("加盖电子印章",) if legal else ()),
    )


def as_pdf(paper: Paper) -> bytes:
    """One A4 page; the same words give the same bytes."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    page = Canvas(out, pagesize=A4, invariant=True)
    page.setTitle(paper.number)
    width, height = A4
    page.setFont(FONT, 12)
    page.drawCentredString(width / 2, height - 30 * mm, paper.organisation)
    page.setFont(FONT, 18)
    page.drawCentredString(width / 2, height - 42 * mm, paper.title)
    page.setFont(FONT, 10)
    page.drawRightString(width - 25 * mm, height - 52 * mm, paper.number)
    page.setFont(FONT, 11)
    y = height - 64 * mm
    for line in (f"{paper.institution}：", *_wrapped(paper.opening)):
        page.drawString(25 * mm, y, line)
        y -= 8 * mm
    for label, value in paper.rows:
        page.rect(25 * mm, y - 3 * mm, 160 * mm, 9 * mm)
        page.drawString(28 * mm, y, label)
        page.drawString(62 * mm, y, value[:42])
        y -= 9 * mm
    page.drawString(25 * mm, y - 8 * mm, paper.closing)
    page.drawString(25 * mm, y - 26 * mm, " ".join(paper.seal))
    page.drawRightString(width - 25 * mm, y - 26 * mm, paper.organisation)
    page.drawRightString(width - 25 * mm, y - 34 * mm, paper.dated)
    page.setFont(FONT, 9)
    page.drawCentredString(width / 2, 15 * mm, paper.worksheet)
    page.showPage()
    page.save()
    return out.getvalue()


def in_words(fen: int) -> str:
    """`肆拾捌万贰仟叁佰元整`: the amount as papers write it."""
    yuan, rest = divmod(fen, 100)
    words = (_integer_words(yuan) + "元") if yuan else ""
    jiao, cents = divmod(rest, 10)
    if not rest:
        return (words or "零元") + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif words:
        words += "零"
    return words + (_DIGITS[cents] + "分" if cents else "整")


def amount_line(fen: int) -> str:
    """`人民币 482,300.00 元（肆拾捌万贰仟叁佰元整）`."""
    return f"人民币 {format_yuan(fen)} 元（{in_words(fen)}）"


def _integer_words(value: int) -> str:
    groups: list[int] = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    words = ""
    for place in reversed(range(len(groups))):
        group = groups[place]
        if not group:
            continue
        if words and (group < 1000 or words.endswith("零")):  # noqa: PLR2004 - a gap before it
            words = words.rstrip("零") + "零"
        elif words and place + 1 < len(groups) and groups[place + 1] == 0:
            words += "零"
        words += _group_words(group) + _GROUPS[place]
    return words


def _group_words(group: int) -> str:
    words, gap = "", False
    for place in reversed(range(4)):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _UNITS[place]
            gap = False
        else:
            gap = True
    return words


def _wrapped(text: str, width: int = 40) -> list[str]:
    return [text[start : start + width] for start in range(0, len(text), width)]
