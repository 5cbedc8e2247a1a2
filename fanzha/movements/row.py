"""The canonical row: one line of a statement, cleaned, with the way back to its source."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from datetime import datetime

SEPARATOR = "\x1f"
"""Between the cells of a row where they are told together."""
TEXTS = (
    "card_no", "account_no", "holder_name", "holder_id_no", "cp_account_no", "cash_flag",
    "cp_name", "cp_id_no", "cp_bank", "summary", "branch_name", "branch_code", "place", "slip_no",
    "terminal_no", "ip", "mac", "serial_no", "log_no", "voucher_type", "voucher_no", "teller_no",
    "merchant_name", "merchant_no", "remark", "txn_type", "query_note", "own_clearing_no",
    "cp_clearing_no",
)  # fmt: skip
"""Canonical columns that are kept as written, only without the blanks around them."""


class Account(NamedTuple):
    """An account number as one side of a row names it.

    `kind`: number (matches), text (a payment account such as an e-mail address; matches), masked
    and damaged (an Excel float lost its last digits; neither ever matches), or empty.
    """

    key: str = ""
    sub: str = ""
    kind: str = ""

    @property
    def matches(self) -> bool:
        """Whether it may be compared with other numbers."""
        return self.kind in ("number", "text")


@dataclass(slots=True)
class Row:
    """One movement as one institution saw it.

    `amount_fen` >= 0 and balances are minor units of `currency`; `txn_time` is aware, exact to
    `time_precision` (second, minute, date). `own_key` is the account's number (card before
    account, sub-account left out), `cp_key` the other side's; `*_kind` as in Account.
    `raw` is the source's cells (`cells_of`), `row_no` counts lines of the source from 1; for
    `row_sha256` see `hash_of`. Where `raw` says nothing, the cells stand in the file that is kept
    beside the rows, at `raw_at` (columnar.placed).
    `dup_of` is `<statement>:<row_no>` of the row that counts instead, `:<row_no>` in one file.
    """

    row_no: int
    row_sha256: str
    txn_time: datetime
    time_precision: str
    amount_fen: int
    direction: str
    success: str
    currency: str
    own_key: str
    own_kind: str
    card_key: str
    account_key: str
    sub_account: str
    cp_key: str
    cp_kind: str
    balance_fen: int | None = None
    cp_balance_fen: int | None = None
    direction_word: str = ""
    success_word: str = ""
    card_no: str = ""
    account_no: str = ""
    holder_name: str = ""
    holder_id_no: str = ""
    cp_account_no: str = ""
    cash_flag: str = ""
    cp_name: str = ""
    cp_id_no: str = ""
    cp_bank: str = ""
    summary: str = ""
    branch_name: str = ""
    branch_code: str = ""
    place: str = ""
    slip_no: str = ""
    terminal_no: str = ""
    ip: str = ""
    mac: str = ""
    serial_no: str = ""
    log_no: str = ""
    voucher_type: str = ""
    voucher_no: str = ""
    teller_no: str = ""
    merchant_name: str = ""
    merchant_no: str = ""
    remark: str = ""
    txn_type: str = ""
    query_note: str = ""
    own_clearing_no: str = ""
    cp_clearing_no: str = ""
    raw: str = "{}"
    raw_names: str = ""
    raw_at: str = ""
    extra: str = "{}"
    issues: list[str] = field(default_factory=list)
    dup_of: str = ""
    at: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Work out `at`, the UTC seconds of `txn_time`, once: much is sorted by it."""
        self.at = int(self.txn_time.timestamp())


COLUMNS = tuple(each.name for each in fields(Row) if each.init)
"""What the lake keeps."""


def cells_of(raw: str, raw_names: str | None) -> dict[str, str]:
    """The cells that say something, by the source's names of columns.

    `raw` is a JSON object, or the cells with SEPARATOR between them and `raw_names` a JSON list:
    a statement of a million rows then keeps its names once.
    """
    if raw_names:
        names, cells = json.loads(raw_names), raw.split(SEPARATOR)
        return {name: cell for name, cell in zip(names, cells, strict=False) if cell}
    told: dict[str, str] = json.loads(raw or "{}")
    return told


def hash_of(raw: str, row_sha256: str) -> str:
    """SHA-256 of the cells as written with SEPARATOR between; of a large file worked out now."""
    return row_sha256 or hashlib.sha256(raw.encode("utf-8", "surrogatepass")).hexdigest()


class Entry(Protocol):
    """What putting rows in order and checking balances needs of a row."""

    @property
    def row_no(self) -> int:
        """Line of the source."""

    @property
    def at(self) -> int:
        """UTC seconds."""

    @property
    def amount_fen(self) -> int:
        """Minor units, not negative."""

    @property
    def direction(self) -> str:
        """in, out or unknown."""

    @property
    def success(self) -> str:
        """ok, failed or unknown; only failed moves nothing."""

    @property
    def balance_fen(self) -> int | None:
        """Stated balance after the row."""


def signed_fen(row: Entry) -> int | None:
    """What the row does to the balance; None when its direction is unknown."""
    if row.success == "failed":
        return 0
    if row.direction == "unknown":
        return 0 if row.amount_fen == 0 else None
    return row.amount_fen if row.direction == "in" else -row.amount_fen
