"""Typed views of what banks answer. A flawed value becomes None and is named in `issues`.

Nothing here raises: the message was kept word for word before, and a reply with one bad field is
still a reply. Amounts are integer fen (minor units of the row's currency), times are aware.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.channels.bank_gateway.codec import Message, text_of
from fanzha.channels.bank_gateway.profile import Profile, load
from fanzha.core.clock import from_wire
from fanzha.core.money import MINOR_UNITS, BadAmount, parse_yuan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

ROW_CAP = 1_000
"""One product returns at most so many rows; a reply that reaches it is treated as cut off."""
ROW_CAP_RESULT = "2400"

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Result:
    """A business result: the code verbatim, labels, group; `known` by the profile or not."""

    code: str
    label: str
    label_en: str
    group: str
    known: bool


@dataclass(frozen=True)
class StopReply:
    """100102 (also 100106): the answer to a stop; the balance is the one before it."""

    application_id: str
    result: Result
    account_type: str
    account_number: str
    card_number: str
    balance_fen: int | None
    start_time: datetime | None
    expire_time: datetime | None
    failure_cause: str
    remark: str
    organisation: str
    operator: str
    operator_phone: str
    issues: tuple[str, ...]


@dataclass(frozen=True)
class FreezeReply:
    """100202 (also 100206): the answer to a freeze; `former_*` tell of the freeze before ours."""

    application_id: str
    result: Result
    account_type: str
    account_number: str
    card_number: str
    applied_fen: int | None
    frozen_fen: int | None
    currency: str
    balance_fen: int | None
    available_fen: int | None
    start_time: datetime | None
    expire_time: datetime | None
    failure_cause: str
    former_department: str
    former_currency: str
    former_frozen_fen: int | None
    former_expire_time: datetime | None
    remark: str
    organisation: str
    operator: str
    operator_phone: str
    issues: tuple[str, ...]

    @property
    def queued(self) -> bool:
        """True when an earlier freeze runs: ours waits behind it (轮候)."""
        return bool(self.former_department) or self.former_expire_time is not None


@dataclass(frozen=True)
class ReleaseReply:
    """100104 or 100204: the answer to a release; of a stop it names no amounts."""

    application_id: str
    result: Result
    account_number: str
    applied_fen: int | None
    freed_fen: int | None
    balance_fen: int | None
    withdrawn_at: datetime | None
    failure_cause: str
    remark: str
    issues: tuple[str, ...]


@dataclass(frozen=True)
class AccountSummary:
    """One account in a 100302: what the bank says of it beside its rows."""

    account_number: str
    card_number: str
    holder_name: str
    status: str
    currency: str
    balance_fen: int | None
    available_fen: int | None


@dataclass(frozen=True)
class StatementReply:
    """100302: accounts and canonical rows (statements, section 1) as plain dicts.

    Each row has the canonical columns, and `row_no` (1-based, order of the message), `issues`
    (list of str), `raw` (element → text of the row) and `extra` (elements without a column).
    """

    tx_code: str
    application_id: str
    result: Result
    accounts: tuple[AccountSummary, ...]
    rows: tuple[dict[str, Any], ...]
    truncated: bool
    remark: str
    organisation: str
    operator: str
    operator_phone: str
    issues: tuple[str, ...]


def read_result(message: Message, *, profile: Profile | None = None) -> Result:
    """Read the business result; a code that the profile lacks is kept, with `known` False."""
    code = text_of(message.body, "Result")
    found = (profile or load()).result(message.tx_code, code)
    if found is None:
        return Result(code, "未知结果", "Unknown result", "unknown", known=False)
    return Result(code, found.zh, found.en, found.group, known=True)


def read_stop(message: Message, *, profile: Profile | None = None) -> StopReply:
    """View a 100102 or 100106."""
    view = View(message.body)
    return StopReply(
        application_id=message.application_id,
        result=read_result(message, profile=profile),
        account_type=view.text("AccountType"),
        account_number=view.text("AccountNumber"),
        card_number=view.text("CardNumber"),
        balance_fen=view.amount("AccountBalance"),
        start_time=view.time("StartTime"),
        expire_time=view.time("ExpireTime"),
        failure_cause=view.text("FailureCause"),
        remark=view.text("FeedbackRemark"),
        organisation=view.text("FeedbackOrgName"),
        operator=view.text("OperatorName"),
        operator_phone=view.text("OperatorPhoneNumber"),
        issues=tuple(view.issues),
    )


def read_freeze(message: Message, *, profile: Profile | None = None) -> FreezeReply:
    """View a 100202 or 100206."""
    view = View(message.body)
    currency = view.text("Currency")
    return FreezeReply(
        application_id=message.application_id,
        result=read_result(message, profile=profile),
        account_type=view.text("AccountType"),
        account_number=view.text("AccountNumber"),
        card_number=view.text("CardNumber"),
        applied_fen=view.amount("AppliedBalance", currency),
        frozen_fen=view.amount("FrozedBalance", currency),
        currency=currency,
        balance_fen=view.amount("AccountBalance", currency),
        available_fen=view.amount("AccountAvaiableBalance", currency),
        start_time=view.time("StartTime"),
        expire_time=view.time("ExpireTime"),
        failure_cause=view.text("FailureCause"),
        former_department=view.text("FormerApplicationDepartment"),
        former_currency=view.text("FormerFrozenCurrency"),
        former_frozen_fen=view.amount("FormerFrozenBalance", view.text("FormerFrozenCurrency")),
        former_expire_time=view.time("FormerFrozenExpireTime"),
        remark=view.text("FeedbackRemark"),
        organisation=view.text("FeedbackOrgName"),
        operator=view.text("OperatorName"),
        operator_phone=view.text("OperatorPhoneNumber"),
        issues=tuple(view.issues),
    )


def read_release(message: Message, *, profile: Profile | None = None) -> ReleaseReply:
    """View a 100104 or 100204."""
    view = View(message.body)
    return ReleaseReply(
        application_id=message.application_id,
        result=read_result(message, profile=profile),
        account_number=view.text("AccountNumber"),
        applied_fen=view.amount("AppliedBalance"),
        freed_fen=view.amount("UnfreezeBalance"),
        balance_fen=view.amount("AccountBalance"),
        withdrawn_at=view.time("WithdrawalTime"),
        failure_cause=view.text("FailureCause"),
        remark=view.text("FeedbackRemark"),
        issues=tuple(view.issues),
    )


def read_statement(message: Message, *, profile: Profile | None = None) -> StatementReply:
    """View a 100302 (or a batch 100306), however its lists are wrapped."""
    chosen = profile or load()
    result = read_result(message, profile=chosen)
    collected = _Collected(chosen, text_of(message.body, "FeedbackRemark"))
    collected.walk(message.body, {}, {})
    view = View(message.body)
    return StatementReply(
        tx_code=message.tx_code,
        application_id=message.application_id,
        result=result,
        accounts=tuple(collected.accounts),
        rows=tuple(collected.rows),
        truncated=len(collected.rows) >= ROW_CAP or result.code == ROW_CAP_RESULT,
        remark=view.text("FeedbackRemark"),
        organisation=view.text("FeedbackOrgName"),
        operator=view.text("OperatorName"),
        operator_phone=view.text("OperatorPhoneNumber"),
        issues=tuple(collected.issues),
    )


class View:
    """Reads single elements of one record and remembers those that are flawed."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self._record = record
        self.issues: list[str] = []

    def text(self, name: str) -> str:
        """The text of an element; "" when there is none."""
        return text_of(self._record, name)

    def amount(self, name: str, currency: str = "CNY") -> int | None:
        """Minor units of "1", "1.5" or "1.50"; more decimals than the currency has are a flaw."""
        text = self.text(name)
        if not text:
            return None
        if _AMOUNT.fullmatch(text):
            try:
                return parse_yuan(text, currency=currency if currency in MINOR_UNITS else "CNY")
            except BadAmount:
                pass
        self.issues.append(f"{name}: {text!r} is no amount")
        return None

    def time(self, name: str) -> datetime | None:
        """The moment that an element tells."""
        text = self.text(name)
        if not text:
            return None
        try:
            return from_wire(text)
        except ValueError:
            self.issues.append(f"{name}: {text!r} is no time")
            return None


class _Collected:
    """Gathers accounts and rows from a body, whichever wrappers a bank puts around its lists."""

    def __init__(self, profile: Profile, query_note: str) -> None:
        self._columns = profile.columns
        self._known = {each.name for each in profile.fields_of("Transaction")}
        self._query_note = query_note
        self.accounts: list[AccountSummary] = []
        self.rows: list[dict[str, Any]] = []
        self.issues: list[str] = []

    def walk(self, node: Any, card: Mapping[str, Any], account: Mapping[str, Any]) -> None:
        """Go down from a card (or the body) over its accounts to their rows."""
        if isinstance(node, list):
            for each in node:
                self.walk(each, card, account)
            return
        if not isinstance(node, dict):
            return
        if "CardNumber" in node or "AccountName" in node:
            card = node
        if "AccountNumber" in node:
            account = node
        for name, child in node.items():
            if name == "Transaction":
                self._take_rows(child, card, account)
            elif name == "Account":
                self._take_accounts(child, card)
            else:
                self.walk(child, card, account)

    def _take_accounts(self, child: Any, card: Mapping[str, Any]) -> None:
        for record in child if isinstance(child, list) else [child]:
            if not isinstance(record, dict):
                continue
            view = View(record)
            currency = view.text("Currency")
            self.accounts.append(
                AccountSummary(
                    account_number=view.text("AccountNumber"),
                    card_number=view.text("CardNumber") or text_of(card, "CardNumber"),
                    holder_name=view.text("AccountName") or text_of(card, "AccountName"),
                    status=view.text("AccountStatus"),
                    currency=currency,
                    balance_fen=view.amount("AccountBalance", currency),
                    available_fen=view.amount("AvailableBalance", currency),
                )
            )
            self.issues += view.issues
            self.walk(record, card, record)

    def _take_rows(self, child: Any, card: Mapping[str, Any], account: Mapping[str, Any]) -> None:
        for record in child if isinstance(child, list) else [child]:
            if isinstance(record, dict):
                self._take_row(record, {"row": record, "card": card, "account": account})

    def _take_row(self, record: dict[str, Any], levels: Mapping[str, Mapping[str, Any]]) -> None:
        view = View(record)
        # A bank may name the currency once, at the account, and leave it out of the rows.
        currency = view.text("Currency") or text_of(levels["account"], "Currency") or "CNY"
        row: dict[str, Any] = {"time_precision": "second", "query_note": self._query_note}
        for column in self._columns:
            if column.level == "row":
                row[column.canonical] = _READERS[column.kind](view, column.element, currency)
            elif column.level in levels:
                row[column.canonical] = text_of(levels[column.level], column.element)
        for element in ("TransactionTime", "TransactionAmount"):
            if not view.text(element):
                view.issues.append(f"{element}: no value")
        row |= {
            "row_no": len(self.rows) + 1,
            "raw": {name: value for name, value in record.items() if isinstance(value, str)},
            "extra": {name: value for name, value in record.items() if name not in self._known},
            "issues": view.issues,
        }
        self.issues += [f"row {row['row_no']}: {issue}" for issue in view.issues]
        self.rows.append(row)


def _direction(view: View, name: str, _currency: str) -> str:
    """Debit is out and credit is in for the customer's own deposit account (assumed)."""
    return {"0": "out", "1": "in"}.get(view.text(name), "unknown")


def _success(view: View, name: str, _currency: str) -> str:
    return {"00": "ok", "01": "failed"}.get(view.text(name), "unknown")


def _row_amount(view: View, name: str, currency: str) -> int | None:
    amount = view.amount(name, currency)
    if amount is not None and amount < 0:
        view.issues.append(f"{name}: {view.text(name)!r} is negative")
        return None
    return amount


_READERS: dict[str, Any] = {
    "text": lambda view, name, _currency: view.text(name),
    "time": lambda view, name, _currency: view.time(name),
    "amount": _row_amount,
    "balance": lambda view, name, currency: view.amount(name, currency),
    "direction": _direction,
    "success": _success,
    "currency": lambda _view, _name, currency: currency,
}
