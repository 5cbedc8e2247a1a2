"""Invented statements of any length in the 34-column layout, written by DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from fanzha.movements.profile import load

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNTS, COUNTERPARTIES = 500, 300_000
FILLED = {
    "card_no": f"'6299' || lpad((a % {ACCOUNTS})::varchar, 14, '0') || '1'",
    "account_no": f"'9901' || lpad((a % {ACCOUNTS})::varchar, 8, '0')",
    "holder_name": f"'户' || (a % {ACCOUNTS})",
    "txn_time": "strftime(timestamp '2026-01-01' + to_seconds(i * 3), '%Y-%m-%d %H:%M:%S')",
    "amount_fen": "(c // 100) || '.' || lpad((c % 100)::varchar, 2, '0')",
    "balance_fen": "(d // 100) || '.' || lpad((d % 100)::varchar, 2, '0')",
    "direction": "if(a % 2 = 0, '进', '出')",
    "cp_account_no": f"'6299' || lpad((b % {COUNTERPARTIES})::varchar, 14, '0') || '2'",
    "cash_flag": "'其他'",
    "cp_name": f"'对手' || (b % {COUNTERPARTIES})",
    "cp_bank": "'某某银行股份有限公司'",
    "summary": "['转账', '消费', '网银转账', '手机银行跨行转账'][1 + a % 4]",
    "currency": "'人民币'",
    "branch_name": "'某某银行中心支行营业部'",
    "branch_code": "'0101' || (a % 90)",
    "place": "'临江市'",
    "success": "'成功'",
    "terminal_no": "'T' || (a % 10000)",
    "ip": "'10.' || (a % 250) || '.' || (b % 250) || '.7'",
    "serial_no": "'S' || lpad(i::varchar, 16, '0')",
    "log_no": "lpad(i::varchar, 12, '0')",
    "teller_no": "'A' || (a % 100)",
    "txn_type": "'转账'",
}


def write(path: Path, rows: int) -> None:
    """A CSV in UTF-8; every second is another, no balance follows from the last."""
    names = {name: zh for name, zh in load().names.items() if name in _columns()}
    told = ", ".join(f'{FILLED.get(name, "NULL")} AS "{zh}"' for name, zh in names.items())
    with duckdb.connect() as database:
        database.execute("SET enable_progress_bar = false")
        database.execute(
            f"COPY (SELECT {told} FROM (SELECT i, (hash(i) % 1000000007)::bigint AS a,"
            " (hash(i + 77) % 1000000009)::bigint AS b, (hash(i + 5) % 5000000)::bigint AS c,"
            f" (hash(i + 9) % 900000000)::bigint AS d FROM range({rows}) AS t(i)) ORDER BY i)"
            f" TO '{path}' (FORMAT csv, HEADER)"
        )


def _columns() -> list[str]:
    """The layout's own 34: spellings for other layouts, such as a date apart, left out."""
    return [name for name in load().names if name != "txn_date"][:34]


def recoded(path: Path, encoding: str) -> Path:
    """The same file in another encoding."""
    other = path.with_suffix(f".{encoding}.csv")
    with path.open(encoding="utf-8") as given, other.open("w", encoding=encoding) as written:
        while block := given.read(1 << 22):
            written.write(block)
    return other
