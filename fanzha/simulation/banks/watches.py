"""Watched accounts of the simulated banks: a receipt first, then every new row in batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.simulation.banks.answering import Answer, card_of, feedback, turn
from fanzha.simulation.banks.statement import rows_of, transaction

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.ledger import Ledger
    from fanzha.simulation.banks.scenario import Scenario
    from fanzha.simulation.banks.store import Store
    from fanzha.simulation.banks.wire import Request

WATCH, RELEASE_WATCH = "100305", "100307"
ECHOED = (
    "CaseNumber", "ApplicationOrgID", "ApplicationOrgName", "ApplicationTime", "OperatorName",
    "OperatorPhoneNumber",
)  # fmt: skip
"""What the answer to 100307 repeats of the request."""


class Watches:
    """Starts and ends watches, and says which batch is to go out next."""

    def __init__(self, store: Store, ledger: Ledger, scenario: Scenario) -> None:
        self._store, self._ledger, self._scenario = store, ledger, scenario

    def start(self, request: Request, account: sqlite3.Row, message_id: int, at: int) -> Answer:
        """Watch the account from now until InterceptionEndDate."""
        ends = request.time("InterceptionEndDate") or 0
        if ends <= at:
            turn("0801", "截止时间超出法律时效")
        newest = self._store.value("SELECT coalesce(max(id), 0) FROM movement")
        self._store.run(
            "INSERT INTO watch (message, application_id, account, told, ends)"
            " VALUES (?, ?, ?, ?, ?)",
            message_id, request.envelope.application_id, account["number"], newest, ends,
        )  # fmt: skip
        return Answer("0000", self._pairs(account))

    def end(self, request: Request, account: sqlite3.Row, at: int) -> Answer:
        """Watch no longer; 1600 where it never was, 1601 where it is over."""
        found = self._store.one(
            "SELECT * FROM watch WHERE application_id = ? AND account = ? ORDER BY id LIMIT 1",
            request.text("OriginalApplicationID"), account["number"],
        )  # fmt: skip
        if found is None:
            turn("1600", "原动态查询不存在")
        if found["ends"] <= at:
            turn("1601", "动态查询已解除")
        self._store.run("UPDATE watch SET ends = ? WHERE id = ?", at, found["id"])
        bank = self._scenario.banks[account["bank"]]
        pairs = (
            *((name, request.text(name)) for name in ECHOED),
            ("BankID", bank.code),
            ("BankName", bank.name),
            ("AccountName", account["holder"]),
            ("CardNumber", card_of(account)),
            ("FeedbackRemark", ""),
        )
        return Answer("0000", pairs)

    def next_batch(self) -> tuple[bytes, Answer] | None:
        """New rows of a watched account, with the request that they answer; None if all is told."""
        found = self._store.one(
            "SELECT watch.*, message.raw FROM watch JOIN message ON message.id = watch.message"
            " WHERE EXISTS (SELECT 1 FROM movement WHERE movement.id > watch.told"
            " AND (source = watch.account OR target = watch.account) AND at < watch.ends)"
            " ORDER BY watch.id LIMIT 1"
        )
        if found is None:
            return None
        account = self._ledger.account(found["account"])
        assert account is not None, "an account that is watched stays in the books"
        cap = self._scenario.row_cap
        rows = rows_of(
            self._store, found["account"], (0, found["ends"] - 1), cap, after=found["told"]
        )
        self._store.run("UPDATE watch SET told = ? WHERE id = ?", rows[-1][0]["id"], found["id"])
        records = "".join(transaction(each) for each in rows)
        return found["raw"], Answer("0000", self._pairs(account), records)

    def _pairs(self, account: sqlite3.Row) -> tuple[tuple[str, str], ...]:
        return (
            *feedback(self._scenario.banks[account["bank"]]),
            ("AccountName", account["holder"]),
            ("AccountNumber", account["number"]),
            ("CardNumber", card_of(account)),
        )
