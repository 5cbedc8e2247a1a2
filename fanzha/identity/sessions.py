"""Sessions in the database whose idle time-out is renewed once a minute, not with every request.

A session so ends up to a minute before the idle time is over, never after it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.db import connection

RENEWED_EVERY = timedelta(minutes=1)
_READ = (
    "SELECT session_data, expire_date FROM django_session"
    " WHERE session_key = %s AND expire_date > statement_timestamp()"
)


class SessionStore(db.SessionStore):
    """Django's, but a loaded session asks to be saved when its end was set a minute ago."""

    def load(self) -> dict[str, Any]:
        """Read the session, as every request does first; an ended one is empty."""
        with connection.cursor() as cursor:
            cursor.execute(_READ, [self.session_key])
            found = cursor.fetchone()
        if found is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(found[0])
        end = self.get_expiry_date(expiry=None)  # for all sessions alike, as settings say
        self.modified = self.modified or end - found[1] >= RENEWED_EVERY
        return data
