"""Faults on demand: a bank that is late, silent, garbled or loses what it says. Counts are bounded.

Per bank: `delay` (so many story seconds later), `drop_reply`, `duplicate_reply`, `garbage_reply`,
`unknown_code` (answers a code, does nothing), `silent` (neither acts nor answers until cleared).
Of the front-end as a whole: `http_500`, `timeout` (keeps the caller waiting some real seconds),
`lost_ack` (takes the messages over, then breaks the line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from fanzha.simulation.banks.store import Store

BANK_KINDS = ("delay", "drop_reply", "duplicate_reply", "garbage_reply", "unknown_code", "silent")
LINE_KINDS = ("http_500", "timeout", "lost_ack")
COUNT_MAX = 1000
SECONDS_MAX = 24 * 3600.0


class FaultError(ValueError):
    """An order for a fault that cannot be carried out; the sentence says why."""


class Faults:
    """The faults that are set, kept in the ledger's file."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def order(self, raw: dict[str, Any], banks: set[str]) -> None:
        """Set a fault: bank ("" = any), kind, count, seconds, code. Raises FaultError."""
        kind, bank = raw.get("kind"), str(raw.get("bank", "") or "")
        count, seconds = raw.get("count", 1), raw.get("seconds", 8)
        if kind not in (*BANK_KINDS, *LINE_KINDS):
            raise FaultError(f"There is no fault {kind}.")
        if bank and bank not in banks:
            raise FaultError(f"There is no bank {bank}.")
        if not isinstance(count, int) or not 1 <= count <= COUNT_MAX:
            raise FaultError(f"A fault strikes 1 to {COUNT_MAX} times.")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= SECONDS_MAX:
            raise FaultError(f"A fault lasts 0 to {SECONDS_MAX:g} seconds.")
        self._store.run(
            "INSERT INTO fault (bank, kind, remaining, seconds, code) VALUES (?, ?, ?, ?, ?)",
            bank, kind, count, float(seconds), str(raw.get("code", "9876")),
        )  # fmt: skip

    def clear(self, bank: str = "") -> None:
        """Forget the faults of one bank, or all of them."""
        self._store.run("DELETE FROM fault WHERE ? IN ('', bank)", bank)

    def strike(self, kind: str, bank: str = "") -> sqlite3.Row | None:
        """Use up one stroke of a fault, if one is set for this bank or for any."""
        row = self._store.one(
            "SELECT * FROM fault WHERE kind = ? AND bank IN ('', ?) AND remaining > 0"
            " ORDER BY id LIMIT 1",
            kind, bank,
        )  # fmt: skip
        if row is not None:
            self._store.run("UPDATE fault SET remaining = remaining - 1 WHERE id = ?", row["id"])
        return row

    def silenced(self, banks: set[str]) -> set[str]:
        """Name the banks that are silent until the fault is cleared."""
        named = {row["bank"] for row in self._store.all(
            "SELECT bank FROM fault WHERE kind = 'silent'"
        )}  # fmt: skip
        return set(banks) if "" in named else named

    def listing(self) -> list[dict[str, Any]]:
        """List what is set."""
        return [dict(row) for row in self._store.all("SELECT * FROM fault ORDER BY id")]
