"""What every copy of a fund flow says: transfers, accounts, and what they rest on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core import clock
from fanzha.core.masking import mask_account, mask_name, mask_numbers
from fanzha.core.money import format_yuan
from fanzha.desk.drawing import fate_word
from fanzha.desk.flow.aim import RULES
from fanzha.desk.flow.fates import Fate
from fanzha.desk.flow.rows import witnessed
from fanzha.desk.flow.ways import hop
from fanzha.desk.templatetags.fanzha_flow import account_name
from fanzha.identity.queries import officer_names
from fanzha.movements import queries as movements
from fanzha.tracing.engine import ENGINE, RULE_VERSIONS, row_shares
from fanzha.tracing.reports import Asked, report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from fanzha.cases.models import Bridge
    from fanzha.desk.flow.sheet import Sheet
    from fanzha.desk.flow.ways import Hop

NO_STATEMENT = "尚无流水"


@dataclass(frozen=True)
class Party:
    """A side of a transfer as the copy names it; `ref` is an id that says nothing."""

    ref: str
    number: str
    holder: str
    bank: str


@dataclass(frozen=True)
class Moved:
    """One transfer: `fen` of it are traced, `row_fen` is all of it; `origin` is file and row."""

    id: str
    tier: int
    at: datetime
    payer: Party
    payee: Party
    row_fen: int
    fen: int
    channel: str
    origin: str


@dataclass(frozen=True)
class Copy:
    """A fund flow to be kept; `about` are label and text of what it rests on."""

    sheet: Sheet
    full: bool
    moved: tuple[Moved, ...]
    about: tuple[tuple[str, str], ...]
    input_sha256: str
    output_sha256: str

    @property
    def basis(self) -> str:
        """The sentence without which no figure may be read."""
        return self.about[0][1]


def copy_of(sheet: Sheet, *, full: bool = False) -> Copy:
    """Put the copy together; `full` shows numbers and names, for which a reason must be kept."""
    trace, digest = sheet.flow.trace, sheet.flow.digest
    found = report(trace, Asked(input_sha256=digest))["output_sha256"]
    return Copy(sheet, full, tuple(_moved(sheet, full=full)), _about(sheet, found), digest, found)


def party(sheet: Sheet, number: str, *, full: bool) -> Party:
    """Name an account; a victim by surname, a number that nobody told by nothing."""
    if not number:
        return Party("", "", "", "")
    account, victim = sheet.accounts[number], sheet.victim_of.get(number)
    holder = victim.name if victim else account.holder
    shown = "" if account.is_nameless else number
    bank = account_name(account) if account.closed else account.institution_name
    return Party(
        sheet.node_id(number),
        shown if full else mask_account(shown),
        holder if full else mask_name(holder),
        bank,
    )


def _moved(sheet: Sheet, *, full: bool) -> Iterator[Moved]:
    trace = sheet.flow.trace
    claims = sheet.chosen.claims if sheet.chosen else None
    shares = row_shares(trace)
    known = witnessed(sheet, [each.row for each in shares])
    links = sheet.flow.links
    writers = officer_names({link.bridge.officer_id for link in links.values()})
    files = {each.public_id: each.file_name for each in movements.statements_of_case(sheet.case.pk)}
    tiers = sheet.flow.tiers
    for share in shares:
        fen = sum(n for claim, n in share.by_claim.items() if claims is None or claim in claims)
        if not fen:
            continue
        each: Hop = hop(trace, share.row, fen)
        read = [one for told in known[share.row] for one in told.witnesses]
        origin = "；".join(f"{files[name]} 第 {row} 行" for name, row in read if name in files)
        if share.row in links:
            origin = "；".join(filter(None, [_by_hand(links[share.row].bridge, writers), origin]))
        yield Moved(
            f"T{share.row + 1}",
            tiers.get(each.to_account, tiers.get(each.from_account, 0) + 1),
            clock.local(each.at),
            party(sheet, each.from_account, full=full),
            party(sheet, each.to_account, full=full),
            each.row_fen,
            fen,
            "" if each.to_account else str(trace.movements.channel[share.row]),
            origin or "被害人陈述",
        )


def _by_hand(bridge: Bridge, writers: Mapping[int, str]) -> str:
    """The mark of what no statement shows: who joined it, when and why."""
    who, at = writers.get(bridge.officer_id, ""), clock.local(bridge.written_at)
    return f"人工连接（{who} {at:%Y-%m-%d %H:%M}：{mask_numbers(bridge.reason)}）"


def _joined(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """A line that says how much rests on work by hand; none where nothing does."""
    bridges = [link.bridge for link in sheet.flow.links.values()]
    if bridges:
        fen = format_yuan(sum(each.amount_fen for each in bridges))
        yield "人工连接", f"{len(bridges)} 笔，共 {fen} 元，无流水证实，不作为止付冻结依据"


def _about(sheet: Sheet, found: str) -> tuple[tuple[str, str], ...]:
    trace, known = sheet.flow.trace, sheet.flow.given.transfers.known.values()
    until = max((each.until for each in known if each.until), default=None)
    received = f"{clock.local(until):%Y-%m-%d %H:%M:%S}" if until else NO_STATEMENT
    limits = trace.limits
    window = f"，到账后 {limits.hop_window // 3600} 小时内转出" if limits.hop_window else ""
    figures = sheet.picture.figures
    return (
        ("依据", f"依据截至 {received} 收到的流水"),
        ("案件编号", sheet.case.number),
        ("追踪时间", f"{clock.local(sheet.flow.given.at):%Y-%m-%d %H:%M:%S}"),
        ("规则", f"{gettext(RULES[trace.rule][0])}（{RULE_VERSIONS[trace.rule]}）"),
        ("规则含义", gettext(RULES[trace.rule][1])),
        ("限制", f"单笔不低于 {format_yuan(limits.min_amount_fen)} 元{window}"),
        *_joined(sheet),
        ("已付", f"{format_yuan(figures['paid'])} 元"),
        *((fate_word(str(f)), f"{format_yuan(figures[f])} 元") for f in Fate if figures[f]),
        ("引擎", ENGINE),
        ("输入哈希 SHA-256", sheet.flow.digest),
        ("结果哈希 SHA-256", found),
    )
