"""Who a session belongs to: the officer with her unit and her roles, in one read per request."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db import connection

from fanzha.identity.models import Officer, Unit


class OfficerBackend(ModelBackend):
    """Django's check of the password; the officer comes with what every page asks of her."""

    def get_user(self, user_id: Any) -> Officer | None:
        """The officer of a session; None when she is gone or no longer active."""
        sql, names, unit_names = _read()
        with connection.cursor() as cursor:
            cursor.execute(sql, [user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        *columns, roles = row
        officer = Officer.from_db("default", names, columns[: len(names)])
        officer.unit = Unit.from_db("default", unit_names, columns[len(names) :])
        officer.role_codes = frozenset(roles)
        return officer if self.user_can_authenticate(officer) else None


@cache
def _read() -> tuple[str, list[str], list[str]]:
    """The statement, and the names of the officer's and of the unit's columns in it."""
    fields, unit_fields = Officer._meta.concrete_fields, Unit._meta.concrete_fields
    columns = [f"o.{field.column}" for field in fields]
    columns += [f"u.{field.column}" for field in unit_fields]
    sql = (
        f"SELECT {', '.join(columns)}, ARRAY(SELECT g.role FROM identity_rolegrant g"
        " WHERE g.officer_id = o.id AND g.until IS NULL)"
        " FROM identity_officer o JOIN identity_unit u ON u.id = o.unit_id WHERE o.id = %s"
    )
    return sql, [field.attname for field in fields], [field.attname for field in unit_fields]
