"""The scope of the running request or job, in Python and inside its transaction.

`set_config(..., true)` ends with the transaction, but on a reused connection an ended setting reads
as the empty string, and the empty path is the ancestor of every ltree path: so the policies turn
'' into null, and a query without scope raises here before it reaches the database.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator


class ScopeMissing(RuntimeError):
    """A query touched a scoped table before anybody said on whose behalf."""


class NoTransaction(RuntimeError):
    """A scope lives in a transaction; there is none."""


@dataclass(frozen=True)
class Scope:
    """Who looks: the unit path, the officer (None for the system), the name of a system scope."""

    path: str
    officer_id: int | None = None
    system: str = ""


_current: ContextVar[Scope | None] = ContextVar("scope", default=None)


def current() -> Scope | None:
    """The scope in force, if any."""
    return _current.get()


@contextmanager
def scoped(scope: Scope) -> Iterator[Scope]:
    """Put `scope` in force inside the open transaction; the earlier one returns afterwards."""
    if not connection.in_atomic_block:
        raise NoTransaction("open a transaction before setting a scope")
    before = _current.get()
    _tell_database(scope)
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
        # A broken transaction takes its settings with it when it is rolled back.
        if connection.in_atomic_block and not connection.needs_rollback and _usable():
            _tell_database(before)


def _usable() -> bool:
    from psycopg.pq import TransactionStatus

    raw = connection.connection
    return raw is not None and raw.info.transaction_status == TransactionStatus.INTRANS


def _tell_database(scope: Scope | None) -> None:
    path, officer, system = "", "", ""
    if scope is not None:
        path, system = scope.path, scope.system
        officer = "" if scope.officer_id is None else str(scope.officer_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('fanzha.scope', %s, true), set_config('fanzha.officer', %s, true),"
            " set_config('fanzha.system', %s, true),"
            # Statements that `prepared` repeats keep one plan, made for few rows.
            " set_config('plan_cache_mode', 'force_generic_plan', true)",
            [path, officer, system],
        )
