"""Faults on demand: a bank that is late, silent, garbled or loses what it says. Counts are bounded.

Per bank: `delay` (so many story seconds later), `drop_reply`, `duplicate_reply`, `garbage_reply`,
`unknown_code` (answers a code, does nothing), `silent` (neither acts nor answers until cleared),
`reorder` (an answer lets the next one of the front-end go first, or waits so many seconds),
`wrong_serial` (takes a message over, acknowledges another), `refuse` (a gateway code, no more).
Of the front-end as a whole: `http_500`, `timeout` (keeps the caller waiting some real seconds),
`lost_ack` (takes the messages over, then breaks the line), `truncate` (the same, in the middle of
the answer), `crash` (takes them over and is killed), `restart` (is away for some real seconds).

Each strikes `count` times, by each occasion with the probability `chance`.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from fanzha.simulation.banks.store import Store

BANK_KINDS = (
    "delay", "drop_reply", "duplicate_reply", "garbage_reply", "unknown_code", "silent", "reorder",
    "wrong_serial", "refuse",
)  # fmt: skip
LINE_KINDS = ("http_500", "timeout", "lost_ack", "truncate", "crash", "restart")
READ: dict[str, Callable[[str], Any]] = {
    "bank": str, "count": int, "chance": float, "seconds": float, "code": str
}  # fmt: skip
CODES = {"refuse": "200009", "unknown_code": "9876"}
COUNT_MAX = 1000
SECONDS_MAX = 24 * 3600.0


class FaultError(ValueError):
    """An order for a fault that cannot be carried out; the sentence says why."""


def read_order(text: str) -> dict[str, Any]:
    """Read `KIND[,bank=CODE][,count=N][,chance=P][,seconds=S][,code=C]`. Raises FaultError."""
    kind, *rest = text.split(",")
    order: dict[str, Any] = {"kind": kind.strip()}
    for each in rest:
        name, _, value = (part.strip() for part in each.partition("="))
        if name not in READ:
            raise FaultError(f"A fault has no {name}; it has {', '.join(READ)}.")
        try:
            order[name] = READ[name](value)
        except ValueError:
            raise FaultError(f"{value} is no {name} of a fault.") from None
    return order


class Faults:
    """The faults that are set, kept in the ledger's file."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store, self._seed = store, seed

    def order(self, raw: dict[str, Any], banks: set[str]) -> None:
        """Set a fault: bank ("" = any), kind, count, seconds, code, chance. Raises FaultError."""
        kind, bank = str(raw.get("kind")), str(raw.get("bank", "") or "")
        count, seconds = raw.get("count", 1), raw.get("seconds", 8)
        chance = raw.get("chance", 1)
        if kind not in (*BANK_KINDS, *LINE_KINDS):
            raise FaultError(f"There is no fault {kind}.")
        if bank and bank not in banks:
            raise FaultError(f"There is no bank {bank}.")
        if not isinstance(count, int) or not 1 <= count <= COUNT_MAX:
            raise FaultError(f"A fault strikes 1 to {COUNT_MAX} times.")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= SECONDS_MAX:
            raise FaultError(f"A fault lasts 0 to {SECONDS_MAX:g} seconds.")
        if not isinstance(chance, int | float) or not 0 < chance <= 1:
            raise FaultError("The chance of a fault is above 0 and at most 1.")
        self._store.run(
            "INSERT INTO fault_order (bank, kind, remaining, seconds, code, chance)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            bank, kind, count, float(seconds), str(raw.get("code") or CODES.get(kind, "")), chance,
        )  # fmt: skip

    def clear(self, bank: str = "") -> None:
        """Forget the faults of one bank, or all of them."""
        self._store.run("UPDATE fault_order SET remaining = 0 WHERE ? IN ('', bank)", bank)

    def strike(self, kind: str, bank: str = "") -> sqlite3.Row | None:
        """Use up one stroke of a fault, if one is set for this bank or for any."""
        row = self._store.one(
            "SELECT * FROM fault_order WHERE kind = ? AND bank IN ('', ?) AND remaining > 0"
            " ORDER BY id LIMIT 1",
            kind, bank,
        )  # fmt: skip
        if row is None or not self._is_hit(row):
            return None
        self._store.run(
            "UPDATE fault_order SET remaining = remaining - 1, struck = struck + 1 WHERE id = ?",
            row["id"],
        )
        return row

    def silenced(self, banks: set[str]) -> set[str]:
        """Name the banks that are silent until the fault is cleared."""
        named = {row["bank"] for row in self._store.all(
            "SELECT bank FROM fault_order WHERE kind = 'silent' AND remaining > 0"
        )}  # fmt: skip
        return set(banks) if "" in named else named

    def listing(self) -> list[dict[str, Any]]:
        """List what was ordered: how often it still strikes, how often it struck."""
        return [dict(row) for row in self._store.all("SELECT * FROM fault_order ORDER BY id")]

    def _is_hit(self, row: sqlite3.Row) -> bool:
        """Toss the coin of a fault; the tosses are counted, so that a seed repeats them."""
        if row["chance"] >= 1:
            return True
        toss = self._store.count(f"toss/{row['id']}")
        chance: float = row["chance"]
        return random.Random(f"{self._seed}/{row['id']}/{toss}").random() < chance
