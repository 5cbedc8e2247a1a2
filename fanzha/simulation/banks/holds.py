"""Stops and freezes on the accounts of the simulated banks, and what they leave free to pay out.

A stop makes the whole account receive-only for 48 hours from the moment it takes effect, at most
twice per account. In a world with limited stops it holds the amount of the stopped payment only.
Freezes stand in a queue: the oldest that has not ended runs, the next starts when it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fanzha.simulation.banks.store import Store

STOP_MS = 48 * 3600 * 1000
STOPS_MAX = 2


@dataclass(frozen=True)
class Hold:
    """One stop or freeze; `fen` None holds everything; times in milliseconds."""

    id: int
    account: str
    kind: str
    application_id: str
    department: str
    fen: int | None
    starts: int
    ends: int

    def holds(self, balance_fen: int) -> int:
        """How much of a balance it holds."""
        return balance_fen if self.fen is None else min(self.fen, balance_fen)


class Holds:
    """Reads and writes the holds of the ledger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def running_stop(self, account: str, at: int) -> Hold | None:
        """Find the stop that is in force at `at`."""
        return self._first(account, "stop", at)

    def running_freeze(self, account: str, at: int) -> Hold | None:
        """Find the freeze that is in force at `at`: the oldest that has not ended."""
        return self._first(account, "freeze", at)

    def stops_used(self, account: str) -> int:
        """Count the stops that ever took effect."""
        used: int = self._store.value(
            "SELECT count(*) FROM hold WHERE account = ? AND kind = 'stop' AND counted = 1", account
        )
        return used

    def held_fen(self, account: str, balance_fen: int, at: int) -> int:
        """How much of the balance cannot leave at `at`."""
        running = (self.running_stop(account, at), self.running_freeze(account, at))
        return max((hold.holds(balance_fen) for hold in running if hold), default=0)

    def add(  # the columns of one row
        self,
        kind: str,
        account: str,
        *,
        application_id: str,
        sender: str,
        department: str,
        fen: int | None,
        span: tuple[int, int],
    ) -> None:
        """Put a hold on an account; `span` is its start and end."""
        self._store.run(
            "INSERT INTO hold (account, kind, application_id, message_from, department, fen,"
            " starts, ends, counted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
            account, kind, application_id, sender, department, fen, *span,
        )  # fmt: skip

    def _first(self, account: str, kind: str, at: int) -> Hold | None:
        row = self._store.one(
            "SELECT id, account, kind, application_id, department, fen, starts, ends FROM hold"
            " WHERE account = ? AND kind = ? AND starts <= ? AND ends > ? ORDER BY id LIMIT 1",
            account, kind, at, at,
        )  # fmt: skip
        return None if row is None else Hold(**dict(row))
