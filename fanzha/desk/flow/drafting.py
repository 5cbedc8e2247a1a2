"""What a button of the picture drafts: the account, its holder and bank, the transfer, the sum."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fanzha.core.money import BadAmount, format_yuan, parse_yuan
from fanzha.core.refusal import NotFound, Refusal, gettext_noop
from fanzha.desk.flow import ways
from fanzha.desk.flow.closed import AccountClosed
from fanzha.desk.flow.result import refresh
from fanzha.desk.flow.steps import DRAFTS, StepKind
from fanzha.instructions.drafts import Draft
from fanzha.instructions.rules import Kind
from fanzha.tracing import queries as tracing

if TYPE_CHECKING:
    from fanzha.audit.rules import Ground
    from fanzha.desk.flow.accounts import Account
    from fanzha.desk.flow.sheet import Entry, Sheet
    from fanzha.identity.models import Officer


class NodeNotFound(NotFound):
    """The picture has no such node any more."""

    message = gettext_noop("The picture has changed; this account is not in it any more.")


class NothingToOrder(Refusal):
    """Only a single account can be stopped, queried or frozen."""

    message = gettext_noop("An instruction needs one account; this is none.")


class AmountUnreadable(Refusal):
    """The amount typed is no sum of money."""

    message = gettext_noop("%(amount)s is not an amount of money.")


REASONS = {
    StepKind.STOP: "经追踪，涉案资金 {fen} 元转入该账户",
    StepKind.QUERY: "经追踪，涉案资金 {fen} 元转入该账户，需查询去向",
    StepKind.FREEZE: "经追踪，涉案资金 {fen} 元在该账户",
    StepKind.FIND_PAYEE: "被害人从该账户转出 {fen} 元，收款账号不明，需查询收款方",
}
"""What the bank reads as the reason; papers to banks are in Chinese."""


def entry_of(sheet: Sheet, node_id: str) -> Entry:
    """The entry of a node; raises NodeNotFound."""
    entry = sheet.entry_of.get(node_id)
    if entry is None:
        raise NodeNotFound
    return entry


def draft_for(
    sheet: Sheet,
    entry: Entry,
    step: StepKind,
    *,
    amount_yuan: str = "",
    necessity: str = "",
    trace_id: int | None = None,
) -> Draft:
    """The draft with every fact from the trace; a freeze without an amount is of what was traced.

    Raises NothingToOrder, AccountClosed and AmountUnreadable.
    """
    account = _open(entry)
    if step is StepKind.FIND_PAYEE:
        return _of_payer(sheet, account, trace_id)
    kind = DRAFTS[step]
    freeze = kind == Kind.FREEZE
    return replace(
        draft_about(sheet, entry, kind, why=REASONS[step], trace_id=trace_id),
        amount_fen=_amount(amount_yuan, entry.in_account_fen) if freeze else None,
        necessity=necessity.strip(),
    )


def draft_about(
    sheet: Sheet,
    entry: Entry,
    kind: Kind,
    *,
    why: str = REASONS[StepKind.STOP],
    trace_id: int | None = None,
) -> Draft:
    """The draft of any kind about the account; raises NothingToOrder and AccountClosed."""
    account, trace = _open(entry), sheet.flow.trace
    row = ways.largest(trace, entry.node.in_rows)
    into = ways.hop(trace, row, 0) if row is not None else None
    payer = into.from_account if into else ""
    fen = entry.in_account_fen or entry.node.received_fen
    return Draft(
        kind=kind,
        account=account.number,
        account_name=account.holder,
        institution_code=account.institution_code,
        institution_name=account.institution_name,
        reason=why.format(fen=format_yuan(fen)),
        traced_fen=entry.in_account_fen,
        trace_id=trace_id,
        out_account="" if sheet.accounts[payer].is_nameless else payer,
        transfer_fen=into.row_fen if into else None,
        transfer_at=into.at if into else None,
    )


def _open(entry: Entry) -> Account:
    """The account of an entry; raises NothingToOrder and AccountClosed."""
    if entry.account is None:
        raise NothingToOrder
    if entry.account.closed:
        raise AccountClosed
    return entry.account


def _of_payer(sheet: Sheet, account: Account, trace_id: int | None) -> Draft:
    """The query of the account that paid somebody whose number nobody knows whole."""
    payment = sheet.unnamed(account)
    if payment is None:
        raise NothingToOrder
    payer = sheet.accounts[payment.from_account]
    paid_by = (each for each in sheet.victims if payment.public_id in each.claims)
    return Draft(
        kind=Kind.QUERY,
        account=payer.number,
        account_name=payer.holder or next((each.name for each in paid_by), ""),
        institution_code=payer.institution_code,
        institution_name=payer.institution_name,
        reason=REASONS[StepKind.FIND_PAYEE].format(fen=format_yuan(payment.amount_fen)),
        trace_id=trace_id,
        payment_id=payment.pk,
        transfer_fen=payment.amount_fen,
        transfer_at=payment.paid_at,
    )


def _amount(text: str, traced_fen: int) -> int:
    if not text.strip():
        return traced_fen
    try:
        return parse_yuan(text)
    except BadAmount:
        raise AmountUnreadable(amount=text) from None


def trace_behind(by: Officer, sheet: Sheet, ground: Ground) -> int | None:
    """The stored trace that a draft rests on; the case is traced and kept anew if it changed."""
    stored = tracing.latest(sheet.case.pk)
    if stored is None or stored.input_sha256 != sheet.flow.digest:
        refresh(by, sheet.case.pk, ground)
        stored = tracing.latest(sheet.case.pk)
    return stored.pk if stored else None
