"""Message 100302 from the books: one card, one account, its rows as the bank prints them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from fanzha.simulation.banks.wire import element, fields, stamp, yuan

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.scenario import Bank
    from fanzha.simulation.banks.store import Store

TYPES = {
    "transfer": "转账",
    "cash": "现金",
    "merchant": "消费",
    "payment_institution": "快捷支付",
    "crypto_otc": "转账",
    "fee": "手续费",
    "unknown": "其他",
}


def rows_of(
    store: Store, account: str, period: tuple[int, int], limit: int, *, after: int = 0
) -> list[tuple[sqlite3.Row, bool, str]]:
    """Movements of an account in a period, oldest first: (movement, incoming, opponent's bank).

    Only those booked after the movement numbered `after`.
    """
    rows = store.all(
        "SELECT movement.*, other.bank AS other_bank FROM movement"
        " LEFT JOIN account AS other ON other.number ="
        " CASE WHEN movement.target = ?1 THEN movement.source ELSE movement.target END"
        " WHERE (movement.source = ?1 OR movement.target = ?1) AND at BETWEEN ?2 AND ?3"
        " AND movement.id > ?5 ORDER BY at, movement.id LIMIT ?4",
        account, *period, limit, after,
    )  # fmt: skip
    return [(row, row["target"] == account, row["other_bank"] or "") for row in rows]


def accounts_record(account: sqlite3.Row, bank: Bank, inner: str) -> str:
    """Write the record of the card around its account."""
    card = "" if account["kind"] == "corporate" else account["number"]
    head = fields(
        (
            ("AccountName", account["holder"]),
            ("CardNumber", card),
            ("DepositBankBranch", f"{bank.name}营业部"),
            ("DepositBankBranchCode", f"{bank.code}001"),
        )
    )
    return element("Accounts", head + inner)


def account_record(
    account: sqlite3.Row, state: str, free_fen: int, rows: list[tuple[sqlite3.Row, bool, str]]
) -> str:
    """Write the record of the account with its rows."""
    head = fields(
        (
            ("AccountNumber", f"{account['number']}_1"),
            ("AccountSerial", "1"),
            ("AccountType", "对公活期" if account["kind"] == "corporate" else "个人活期"),
            ("AccountStatus", state),
            ("Currency", "CNY"),
            ("AccountBalance", yuan(account["balance_fen"])),
            ("AvailableBalance", yuan(free_fen)),
            ("LastTransactionTime", stamp(rows[-1][0]["at"]) if rows else ""),
        )
    )
    inner = "".join(transaction(row) for row in rows)
    return element("Account", head + element("Transactions", inner))


def transaction(row: tuple[sqlite3.Row, bool, str]) -> str:
    """Write the record of one row."""
    return element("Transaction", _row(*row))


def _row(row: sqlite3.Row, incoming: bool, other_bank: str) -> str:  # noqa: FBT001 - two sides
    side = "source" if incoming else "target"
    shop = row["channel"] == "merchant"
    cash = row["channel"] == "cash"
    number, name = row[side], row[f"{side}_name"]
    place = zlib.crc32(number.encode() + name.encode()) % 200
    return fields(
        (
            ("TransactionType", TYPES.get(row["channel"], "其他")),
            ("BorrowingSigns", "1" if incoming else "0"),
            ("Currency", "CNY"),
            ("TransactionAmount", yuan(row["fen"])),
            ("AccountBalance", yuan(row["target_balance" if incoming else "source_balance"])),
            ("TransactionTime", stamp(row["at"])),
            ("TransactionSerial", row["serial"]),
            ("OpponentName", name),
            ("OpponentAccountNumber", number),
            ("OpponentCredentialNumber", ""),
            ("OpponentDepositBankID", other_bank),
            ("TransactionRemark", row["memo"]),
            ("LogNumber", f"{row['id']:010d}"),
            ("CashMark", "01" if cash else "00"),
            ("TerminalNumber", f"ATM{place:04d}" if cash else ""),
            ("TransactionStatus", "00"),
            ("TransactionAddress", "岚江市自助网点" if cash else ""),
            ("MerchantName", name if shop else ""),
            ("MerchantCode", f"9901{place:08d}" if shop else ""),
            ("IPAddress", "" if cash else f"192.0.2.{place}"),
        )
    )
