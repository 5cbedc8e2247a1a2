"""The durable ledger of the simulated banks: one SQLite file, one transaction per effect.

A process killed at any point loses no effect that it told of and repeats none: a message, its
effect and its answer are written together or not at all. Times are integer milliseconds since the
epoch, money is integer fen.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS account (
  number TEXT PRIMARY KEY, bank TEXT NOT NULL, holder TEXT NOT NULL, id_number TEXT NOT NULL,
  kind TEXT NOT NULL, role TEXT NOT NULL, guard TEXT NOT NULL, balance_fen INTEGER NOT NULL,
  CHECK (balance_fen >= 0));
CREATE TABLE IF NOT EXISTS lot (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, claim TEXT, fen INTEGER NOT NULL,
  CHECK (fen > 0));
CREATE INDEX IF NOT EXISTS lot_account ON lot (account, id);
CREATE TABLE IF NOT EXISTS movement (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,
  source TEXT NOT NULL, target TEXT NOT NULL, source_name TEXT NOT NULL, target_name TEXT NOT NULL,
  fen INTEGER NOT NULL, channel TEXT NOT NULL, memo TEXT NOT NULL,
  source_balance INTEGER, target_balance INTEGER, serial TEXT NOT NULL, history INTEGER NOT NULL,
  CHECK (fen > 0));
CREATE INDEX IF NOT EXISTS movement_source ON movement (source, at, id);
CREATE INDEX IF NOT EXISTS movement_target ON movement (target, at, id);
CREATE TABLE IF NOT EXISTS coin (
  movement INTEGER NOT NULL, claim TEXT NOT NULL, fen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS claim (
  claim TEXT PRIMARY KEY, payer TEXT NOT NULL, paid_fen INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS ending (
  claim TEXT NOT NULL, kind TEXT NOT NULL, fen INTEGER NOT NULL, movement INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hold (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, kind TEXT NOT NULL,
  application_id TEXT NOT NULL, message_from TEXT NOT NULL, department TEXT NOT NULL,
  fen INTEGER, starts INTEGER NOT NULL, ends INTEGER NOT NULL, counted INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS hold_account ON hold (account, kind, id);
CREATE INDEX IF NOT EXISTS hold_application ON hold (application_id);
CREATE TABLE IF NOT EXISTS hold_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, hold INTEGER NOT NULL,
  application_id TEXT NOT NULL, kind TEXT NOT NULL, fen INTEGER, ends INTEGER);
CREATE INDEX IF NOT EXISTS hold_change_hold ON hold_change (hold, id);
CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, bank TEXT NOT NULL,
  serial TEXT NOT NULL, message_from TEXT NOT NULL, application_id TEXT NOT NULL,
  tx_code TEXT NOT NULL, code TEXT NOT NULL, raw BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS message_serial ON message (serial);
CREATE INDEX IF NOT EXISTS message_application ON message (message_from, application_id);
CREATE TABLE IF NOT EXISTS task (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL, bank TEXT NOT NULL,
  due INTEGER NOT NULL, done INTEGER NOT NULL DEFAULT 0, result TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS task_due ON task (done, due);
CREATE TABLE IF NOT EXISTS effect (
  id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, application_id TEXT NOT NULL,
  kind TEXT NOT NULL, account TEXT NOT NULL, fen INTEGER);
CREATE INDEX IF NOT EXISTS effect_application ON effect (application_id);
CREATE TABLE IF NOT EXISTS watch (
  id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL, application_id TEXT NOT NULL,
  account TEXT NOT NULL, told INTEGER NOT NULL, ends INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS reply (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, bank TEXT NOT NULL,
  application_id TEXT NOT NULL, tx_code TEXT NOT NULL, result TEXT NOT NULL,
  content BLOB NOT NULL, acked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS plan (
  id INTEGER PRIMARY KEY AUTOINCREMENT, due INTEGER NOT NULL, kind TEXT NOT NULL,
  source TEXT NOT NULL, target TEXT NOT NULL, fen INTEGER, channel TEXT NOT NULL,
  memo TEXT NOT NULL, claim TEXT NOT NULL, keep_fen INTEGER NOT NULL DEFAULT 0,
  source_name TEXT NOT NULL DEFAULT '', target_name TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'planned', note TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS plan_due ON plan (state, due);
CREATE TABLE IF NOT EXISTS held_back (
  id INTEGER PRIMARY KEY AUTOINCREMENT, until INTEGER NOT NULL, at INTEGER NOT NULL,
  bank TEXT NOT NULL, application_id TEXT NOT NULL, tx_code TEXT NOT NULL, result TEXT NOT NULL,
  content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS fault_order (
  id INTEGER PRIMARY KEY AUTOINCREMENT, bank TEXT NOT NULL, kind TEXT NOT NULL,
  remaining INTEGER NOT NULL, struck INTEGER NOT NULL DEFAULT 0, seconds REAL NOT NULL,
  code TEXT NOT NULL, chance REAL NOT NULL);
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    """Give the aware time of a number of milliseconds since the epoch."""
    return _EPOCH + timedelta(milliseconds=ms)


class Store:
    """The file, behind one lock: a ledger is small, and order matters more than speed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._open = False
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a block inside an open block belongs to the outer one."""
        with self._lock:
            if self._open:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            self._open = True
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            else:
                self._db.execute("COMMIT")
            finally:
                self._open = False

    def run(self, statement: str, *values: Any) -> int:
        """Execute a write; the id of the inserted row."""
        with self._lock:
            return self._db.execute(statement, values).lastrowid or 0

    def all(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        """Every row of a query."""
        with self._lock:
            return self._db.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> sqlite3.Row | None:
        """Give the first row of a query, or None."""
        with self._lock:
            row: sqlite3.Row | None = self._db.execute(statement, values).fetchone()
            return row

    def value(self, statement: str, *values: Any) -> Any:
        """Give the first value of the first row, or None."""
        row = self.one(statement, *values)
        return None if row is None else row[0]

    def remember(self, key: str, value: str) -> None:
        """Keep a fact about this ledger."""
        self.run("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    def recall(self, key: str) -> str | None:
        """Give back a fact about this ledger."""
        found: str | None = self.value("SELECT value FROM meta WHERE key = ?", key)
        return found

    def count(self, key: str) -> int:
        """Give 1, 2, 3, … for a key, durable: seeds of chance and numbers of serials."""
        number = int(self.recall(key) or 0) + 1
        self.remember(key, str(number))
        return number

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
