"""From an instruction to its paper and its message."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from fanzha.channels.bank_gateway import inquiries
from fanzha.channels.bank_gateway import orders as wire
from fanzha.channels.bank_gateway.serials import new_serial
from fanzha.core.clock import local
from fanzha.core.masking import mask_account
from fanzha.identity.models import Officer
from fanzha.identity.queries import unit_name
from fanzha.instructions import papers
from fanzha.instructions.queries import identity_told
from fanzha.instructions.rules import (
    FREEZE_TERM,
    STOP_WINDOW,
    TX_CODE,
    WATCH_TERM,
    Kind,
    ReleaseGround,
)

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.channels.bank_gateway.codec import Message
    from fanzha.instructions.models import Instruction

PAPERS = {
    Kind.STOP: (wire.PAPER_STOP_FORM,),
    Kind.FREEZE: (wire.PAPER_POLICE_ID, wire.PAPER_FREEZE),
    Kind.QUERY: (),
    Kind.HOLDER: (),
    Kind.ACCOUNTS: (),
    Kind.WATCH: (),
    Kind.RELEASE_WATCH: (),
    Kind.RELEASE_STOP: (wire.PAPER_STOP_FORM,),
    Kind.EXTEND_STOP: (),
    Kind.RELEASE_FREEZE: (wire.PAPER_FREEZE,),
    Kind.RENEW_FREEZE: (wire.PAPER_FREEZE,),
}
ASKS = {
    Kind.HOLDER: "开户人身份信息、联系方式、代办人",
    Kind.ACCOUNTS: "开户人在贵行的全部账户、余额及强制措施",
    Kind.WATCH: f"自执行之时起 {WATCH_TERM.span.days} 日内的新交易",
}
"""What a query asks for, as its paper says it."""
QUERY_BACK_DAYS = 30
"""A query asks for so many days before the payment (assumed)."""


def paper(instruction: Instruction, *, at: datetime, full_number: bool) -> papers.Paper:
    """The paper of an instruction; screens show the account masked, the wire in full."""
    account = instruction.account if full_number else mask_account(instruction.account)
    rows = [("账户名称", instruction.account_name), ("账　　号", account)]
    if instruction.kind == Kind.STOP:
        rows.append(("止付期限", "自生效起 48 小时（银发〔2016〕86号）"))
        if instruction.transfer_fen:
            rows.append(("涉案转账", papers.amount_line(instruction.transfer_fen)))
    if instruction.kind == Kind.FREEZE:
        if instruction.amount_fen is None:
            rows += [("冻结方式", "全额冻结"), ("必要理由", instruction.necessity)]
        else:
            rows += [
                ("冻结方式", "限额冻结"),
                ("冻结金额", papers.amount_line(instruction.amount_fen)),
            ]
        rows += [("冻结期限", "六个月，自银行执行之时起"), ("孳　　息", "包括")]
    if instruction.kind == Kind.QUERY:
        rows.append(("查询内容", "开户信息、交易明细"))
        if instruction.period_since and instruction.period_until:
            ends = (instruction.period_since, instruction.period_until)
            told = " 至 ".join(f"{local(each):%Y年%m月%d日 %H:%M:%S}" for each in ends)
            rows.append(("查询期间", told))
    if instruction.kind in ASKS:
        rows.append(("查询内容", ASKS[Kind(instruction.kind)]))
    if instruction.concerns:
        rows += _follow_on_rows(instruction, instruction.concerns)
    return papers.paper_of(
        kind=instruction.kind,
        number=instruction.paper_number,
        organisation=unit_name(instruction.unit_path),
        institution=instruction.institution_name,
        case_number=instruction.case.number,
        rows=rows,
        at=at,
        approved_at=instruction.approved_at,
        legal=settings.ISSUES_PAPERS,
    )


GROUNDS = {
    ReleaseGround.UNRELATED: "经查明与案件无关",
    ReleaseGround.WRONG_STOP: "止付、冻结有误",
    ReleaseGround.CASE_DECIDED: "案件已作出处理决定",
    ReleaseGround.REDUCTION: "冻结金额超出涉案金额",
    ReleaseGround.SEEN_ENOUGH: "无继续动态查询的必要",
}
"""The ground of a release as papers say it."""


def _follow_on_rows(instruction: Instruction, hold: Instruction) -> list[tuple[str, str]]:
    """What a release or extension says of the earlier instruction and of what becomes of it."""
    rows = [("原文书号", hold.paper_number or hold.public_id)]
    if instruction.asked_until and hold.ends_at:
        rows.append(("延长至", f"{local(instruction.asked_until):%Y年%m月%d日 %H:%M:%S}"))
    else:
        rows.append(("解除理由", GROUNDS[ReleaseGround(instruction.release_ground)]))
        freed = instruction.amount_fen
        if instruction.kind != Kind.RELEASE_WATCH:
            rows.append(("解除范围", "全部" if freed is None else papers.amount_line(freed)))
    return [*rows, ("说　　明", instruction.reason)]


def message(instruction: Instruction, *, at: datetime) -> Message:
    """The message to the bank. Raises the refusals of the wire when something is missing."""
    envelope = wire.Envelope(
        settings.ORGANISATION_CODE_12,
        new_serial(settings.ORGANISATION_CODE_12, at),
        instruction.application_id,
    )
    id_type, id_number = (
        identity_told(instruction) if instruction.kind == Kind.ACCOUNTS else ("", "")
    )
    target = wire.Target(
        bank_id=instruction.institution_code,
        bank_name=instruction.institution_name,
        account_number=instruction.account,
        account_name=instruction.account_name,
        id_type=id_type,
        id_number=id_number,
    )
    request = wire.Request(
        envelope=envelope,
        target=target,
        applicant=_applicant(instruction, at),
        case=wire.CaseRef(instruction.case.number, case_type=instruction.case.fraud_type),
        reason=instruction.reason,
        attachments=[_attachment(instruction, each, at) for each in PAPERS[Kind(instruction.kind)]],
    )
    if instruction.kind == Kind.STOP:
        return wire.stop_payment(
            request, _transfer(instruction, at), starts=at, expires=STOP_WINDOW.ends(at)
        )
    if instruction.kind == Kind.FREEZE:
        return wire.freeze(
            request, amount_fen=instruction.amount_fen, starts=at, expires=FREEZE_TERM.ends(at)
        )
    if instruction.concerns:
        return _follow_on(instruction, instruction.concerns, request)
    return _question(instruction, request, at)


def _question(instruction: Instruction, request: wire.Request, at: datetime) -> Message:
    if instruction.kind == Kind.HOLDER:
        return inquiries.holder_query(request, feedback_limit_hours=1)
    if instruction.kind == Kind.ACCOUNTS:
        return inquiries.all_accounts_query(request, feedback_limit_hours=1)
    if instruction.kind == Kind.WATCH:
        return inquiries.watch(request, until=WATCH_TERM.ends(at), feedback_limit_hours=1)
    period = period_of(instruction, at)
    return inquiries.transaction_query(request, period=period, feedback_limit_hours=1)


def _follow_on(instruction: Instruction, hold: Instruction, request: wire.Request) -> Message:
    if instruction.kind == Kind.RELEASE_WATCH:
        return inquiries.release_watch(request, hold.application_id)
    tx_code = TX_CODE[Kind(instruction.kind)]
    if instruction.asked_until and hold.ends_at:
        return wire.extension(
            tx_code, request, hold.application_id,
            starts=hold.ends_at, expires=instruction.asked_until,
        )  # fmt: skip
    return wire.release(tx_code, request, hold.application_id, amount_fen=instruction.amount_fen)


def period_of(instruction: Instruction, at: datetime) -> tuple[datetime, datetime]:
    """What a query asks for when it goes out at `at`: its own period, or the days until now."""
    if instruction.period_since and instruction.period_until:
        return instruction.period_since, instruction.period_until
    return (instruction.transfer_at or at) - timedelta(days=QUERY_BACK_DAYS), at


def _transfer(instruction: Instruction, at: datetime) -> wire.Transfer:
    return wire.Transfer(
        amount_fen=instruction.transfer_fen or 0,
        at=instruction.transfer_at or at,
        account_number=instruction.out_account,
    )


def _applicant(instruction: Instruction, at: datetime) -> wire.Applicant:
    operator = _person(instruction.drafted_by_id)
    second = instruction.approved_by_id or instruction.drafted_by_id
    return wire.Applicant(
        at=at,
        organisation_id=settings.ORGANISATION_CODE_12,
        organisation_name=unit_name(instruction.unit_path),
        operator=operator,
        investigator=_person(second),
    )


def _person(officer_id: int) -> wire.Person:
    officer = Officer.objects.get(pk=officer_id)
    # 04: the officer's own identity card of the police.
    return wire.Person(officer.name, officer.police_number or officer.username, "96110", "04")


def _attachment(instruction: Instruction, kind: str, at: datetime) -> wire.Attachment:
    return wire.Attachment(kind, papers.as_pdf(paper(instruction, at=at, full_number=True)))
