"""From the rows of a message 100302 to the same canonical rows as a file's."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fanzha.movements.cells import Unreadable, account_of, amount_of
from fanzha.movements.groups import Names, groups
from fanzha.movements.profile import load
from fanzha.movements.reading import Reject, account_issues
from fanzha.movements.row import TEXTS, Account, Row
from fanzha.movements.rules import Finding, Reading, settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fanzha.channels.bank_gateway.replies import StatementReply

PROFILE = "message_100302@1"
MOST_ISSUES = 20
HOME_CURRENCY = "CNY"

NEEDED = (
    ("TransactionTime", "txn_time", "no_time", "bad_time"),
    ("TransactionAmount", "amount_fen", "no_amount", "bad_amount"),
)


def read_reply(reply: StatementReply, raw: bytes, *, message_id: int, account: str) -> Reading:
    """Read a reply, whatever it holds: a flawed row is a reject, a flawed head a finding."""
    rows, rejects = rows_of(reply.rows, account=account)
    reading = Reading(
        file_name=f"{reply.tx_code} in-{message_id}",
        file_sha256=hashlib.sha256(raw).hexdigest(),
        profile=PROFILE,
        rows=rows,
        rejects=rejects,
        skipped=0,
        truncated=reply.truncated,
    )
    settle(reading, load())
    if reply.truncated:
        reading.findings.append(Finding("truncated", {"rows": len(reply.rows)}))
    numbers = {number for names in _said(reply) for number in names[:2] if number}
    if numbers and account_of(account).key not in numbers:
        reading.findings.append(Finding("other_account", {"account": min(numbers)}))
    flaws = [issue for issue in reply.issues if not issue.startswith("row ")]
    reading.findings += [Finding("reply_issue", {"issue": each}) for each in flaws[:MOST_ISSUES]]
    return reading


def numbers_of(reply: StatementReply, account: str) -> tuple[Names, ...]:
    """Which numbers the reply gives to one account.

    A reply about a single account is about the one asked for, also where it goes by another number.
    """
    said = _said(reply)
    keys = set(groups(said)[0].values())
    asked = account_of(account)
    if len(keys) == 1 and asked.matches:
        said.add(Names(keys.pop(), asked.key))
    return tuple(sorted(said))


def stated_balance(reply: StatementReply, account: str) -> int | None:
    """What the bank says lies there in the home currency, all sub-accounts together; fen."""
    asked = account_of(account).key
    own = [
        each.balance_fen
        for each in reply.accounts
        if each.currency in ("", HOME_CURRENCY)
        and asked in (account_of(each.card_number).key, account_of(each.account_number).key)
    ]
    stated = [fen for fen in own if fen is not None]
    return sum(stated) if stated and len(stated) == len(own) else None


def _said(reply: StatementReply) -> set[Names]:
    said = {
        (account_of(each.card_number), account_of(each.account_number), each.holder_name)
        for each in reply.accounts
    }
    said |= {
        (account_of(row["card_no"]), account_of(row["account_no"]), row["holder_name"])
        for row in reply.rows
    }
    return {
        Names(card.key if card.matches else "", account.key if account.matches else "", holder)
        for card, account, holder in said
        if card.matches or account.matches
    }


def rows_of(told: Iterable[Mapping[str, Any]], *, account: str) -> tuple[list[Row], list[Reject]]:
    """Rows and rejects; a row that names no account is about `account`, which was asked for."""
    rows: list[Row] = []
    rejects: list[Reject] = []
    for each in told:
        rejected = _reject(each)
        if rejected:
            rejects.append(rejected)
        else:
            rows.append(_row(each, account_of(account)))
    return rows, rejects


def _reject(told: Mapping[str, Any]) -> Reject | None:
    for element, column, empty, bad in NEEDED:
        if told[column] is None:
            value = str(told["raw"].get(element, "")).strip()
            reason = _reason(value, bad) if value else empty
            return Reject(told["row_no"], element, reason, value, _json(told["raw"]))
    return None


def _reason(value: str, bad: str) -> str:
    if bad != "bad_amount":
        return bad
    try:
        amount_of(value)
    except Unreadable as error:
        return error.reason
    return bad


def _row(told: Mapping[str, Any], asked: Account) -> Row:
    card, account = account_of(told["card_no"]), account_of(told["account_no"])
    own = next((each for each in (card, account, asked) if each.matches), card)
    cp = account_of(told["cp_account_no"])
    raw = told["raw"]
    row = Row(
        row_no=told["row_no"],
        row_sha256=hashlib.sha256(_json(raw).encode()).hexdigest(),
        txn_time=told["txn_time"],
        time_precision=told["time_precision"],
        amount_fen=told["amount_fen"],
        direction=told["direction"],
        success=told["success"],
        currency=load().currencies.get(told["currency"].casefold(), told["currency"].upper()[:10]),
        own_key=own.key,
        own_kind=own.kind,
        card_key=card.key if card.matches else "",
        account_key=account.key if account.matches else "",
        sub_account=account.sub,
        cp_key=cp.key,
        cp_kind=cp.kind,
        balance_fen=told["balance_fen"],
        direction_word=str(raw.get("BorrowingSigns", "")),
        success_word=str(raw.get("TransactionStatus", "")),
        raw=_json(raw),
        extra=_json(told["extra"]),
        issues=[*told["issues"], *account_issues(own, cp)],
    )
    for name in TEXTS:
        setattr(row, name, str(told.get(name) or ""))
    return row


def _json(named: Mapping[str, Any]) -> str:
    return json.dumps(named, ensure_ascii=False, sort_keys=True, default=str)
