"""What the scope in force can read just now, as one name: equal names read the same rows.

So what was made of rows read under a name may be shown again under the same name, to whomever.
"""

from __future__ import annotations

from typing import NamedTuple

from django.db import connection

from fanzha.scope.current import ScopeMissing, current

_ASK = (
    "SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned() IS NOT NULL,"
    " EXISTS (SELECT FROM cases_member m WHERE m.officer_id = %s AND m.restricted)"
)


class Sight(NamedTuple):
    """Unit path and system scope; the officer only where she sees what others there do not."""

    path: str
    system: str
    member: int | None
    snapshot: str


def sight() -> Sight | None:
    """Name what can be read now; None when this transaction has written: nobody else sees that.

    The snapshot lists which transactions have ended. Whoever commits anything, in any process,
    changes it, so a name is never used again once the rows may differ. Raises ScopeMissing.
    """
    scope = current()
    if scope is None:
        raise ScopeMissing("nobody looks, so there is no sight")
    with connection.cursor() as cursor:
        cursor.execute(_ASK, [scope.officer_id])
        snapshot, has_written, is_member = cursor.fetchone()
    if has_written:
        return None
    return Sight(scope.path, scope.system, scope.officer_id if is_member else None, snapshot)
