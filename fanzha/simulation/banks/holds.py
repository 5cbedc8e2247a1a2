"""Stops and freezes on the accounts of the simulated banks, and what they leave free to pay out.

A stop makes the whole account receive-only for 48 hours from the moment it takes effect, at most
twice per account. In a world with limited stops it holds the amount of the stopped payment only.
Freezes stand in a queue: the oldest that has not ended runs, the next starts when it ends.
A release ends a hold at once or lowers its limit; an extension of a stop uses up one of its two.
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
    message_from: str
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
        """Count the stops that ever took effect, and their extensions."""
        used: int = self._store.value(
            "SELECT coalesce(sum(counted), 0) FROM hold WHERE account = ? AND kind = 'stop'",
            account,
        )
        return used

    def of_application(self, application_id: str, kind: str) -> Hold | None:
        """Find the hold that a request once made; the first if it was carried out again."""
        return self._read(
            "application_id = ? AND kind = ? ORDER BY id LIMIT 1", application_id, kind
        )

    def changed_by(self, hold: Hold, kind: str) -> str | None:
        """Say which request last made this change to the hold: `release`, `reduce` or `extend`."""
        found: str | None = self._store.value(
            "SELECT application_id FROM hold_change WHERE hold = ? AND kind = ?"
            " ORDER BY id DESC LIMIT 1",
            hold.id, kind,
        )  # fmt: skip
        return found

    def release(self, hold: Hold, fen: int | None, *, application_id: str, at: int) -> None:
        """End a hold, or lower its limit by `fen`; also if its request was carried out again."""
        same = (hold.account, hold.kind, hold.application_id, at)
        where = "WHERE account = ? AND kind = ? AND application_id = ? AND ends > ?"
        if fen is None:
            self._store.run(f"UPDATE hold SET ends = ? {where}", at, *same)
        else:
            self._store.run(f"UPDATE hold SET fen = fen - ? {where}", fen, *same)
        self._note(hold, "release" if fen is None else "reduce", application_id, at, fen=fen)

    def extend(self, hold: Hold, ends: int, *, application_id: str, at: int) -> None:
        """Give a hold a later end."""
        self._store.run(
            "UPDATE hold SET ends = ?, counted = counted + 1 WHERE id = ?", ends, hold.id
        )
        self._note(hold, "extend", application_id, at, ends=ends)

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

    def _note(
        self,
        hold: Hold,
        kind: str,
        application_id: str,
        at: int,
        *,
        fen: int | None = None,
        ends: int | None = None,
    ) -> None:
        self._store.run(
            "INSERT INTO hold_change (at, hold, application_id, kind, fen, ends)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            at, hold.id, application_id, kind, fen, ends,
        )  # fmt: skip

    def _first(self, account: str, kind: str, at: int) -> Hold | None:
        return self._read(
            "account = ? AND kind = ? AND starts <= ? AND ends > ? ORDER BY id LIMIT 1",
            account, kind, at, at,
        )  # fmt: skip

    def _read(self, where: str, *values: str | int) -> Hold | None:
        row = self._store.one(
            "SELECT id, account, kind, application_id, message_from, department, fen, starts, ends"
            f" FROM hold WHERE {where}",
            *values,
        )
        return None if row is None else Hold(**dict(row))
