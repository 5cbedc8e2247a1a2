"""The watch on every statement: no scoped table without a scope, no write outside an action.

Row-level security is the wall; this is the bell that rings in the programmer's ear, in production
too: a request that would write unaudited or read unscoped fails loudly instead.
"""

from __future__ import annotations

import re
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.backends.signals import connection_created

from fanzha.scope.current import ScopeMissing, current

if TYPE_CHECKING:
    from collections.abc import Callable

WRITE = re.compile(
    r'^\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|TRUNCATE)\s+"?(\w+)"?', re.IGNORECASE
)
OPEN_TABLES = re.compile(r"^(?:django_session|django_content_type|axes_|procrastinate_)")
"""Tables of libraries: log-in state and jobs are written by the library itself."""

open_action: ContextVar[str] = ContextVar("open_action", default="")
"""The name of the action that is open; set by identity.acting alone."""


class WriteOutsideAction(RuntimeError):
    """A statement would write without an officer, a moment and a ground."""


def install() -> None:
    """Watch every connection of the app role, also those opened later."""
    connection_created.connect(_watch, dispatch_uid="fanzha.scope.guard")


def _watch(connection: Any, **_: Any) -> None:
    if connection.alias == "default" and watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(watch)


def scoped_tables() -> frozenset[str]:
    """The tables whose model says `scoped = True`."""
    if not _SCOPED:
        _SCOPED.update(
            model._meta.db_table for model in apps.get_models() if getattr(model, "scoped", False)
        )
    return frozenset(_SCOPED)


_SCOPED: set[str] = set()


def watch(
    execute: Callable[..., Any],
    sql: Any,
    params: Any,
    many: bool,  # noqa: FBT001 - Django's signature
    context: dict[str, Any],
) -> Any:
    """Raise ScopeMissing or WriteOutsideAction before the statement runs."""
    text = sql if isinstance(sql, str) else str(sql)
    written = WRITE.match(text)
    if written and not OPEN_TABLES.match(written[1]) and not open_action.get():
        raise WriteOutsideAction(f"{written[1]} would be written outside an @action")
    if current() is None:
        touched = scoped_tables().intersection(re.findall(r'"(\w+)"', text))
        if touched:
            raise ScopeMissing(f"no scope is set, but the query reads {', '.join(sorted(touched))}")
    return execute(sql, params, many, context)
