"""The invented city: units, officers with one known password, institutions and their front-ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.invented import BANKS

if TYPE_CHECKING:
    from datetime import datetime

    from psycopg import Connection

ROOT = "lj"
COUNTIES = tuple(f"{ROOT}.c{number}" for number in range(1, 9))
STATIONS = tuple(f"{county}.s{number}" for county in COUNTIES for number in range(1, 4))
UNITS = (
    (ROOT, "岚江市反诈中心", "city"),
    *((path, f"第{path[-1]}分局", "county") for path in COUNTIES),
    *((path, f"{path[-4]}-{path[-1]}派出所", "station") for path in STATIONS),
)
POSTS = (
    ["duty_officer"],
    ["duty_head"],
    ["duty_officer", "duty_head"],
    ["county_head"],
    ["analyst"],
)
"""Roles in turn, so that both approvers and drafters look at the desk."""


@dataclass(frozen=True)
class Person:
    """An officer of the load: log-in name, unit, the scope whose figures she counts for."""

    pk: int
    username: str
    unit: str

    @property
    def scope(self) -> str:
        """`city` or `county`."""
        return "city" if self.unit == ROOT else "county"


def people(count: int) -> list[Person]:
    """Half of the officers see the city, the others one county each in turn."""
    units = [ROOT if at % 2 == 0 else COUNTIES[at // 2 % len(COUNTIES)] for at in range(count)]
    return [Person(at + 1, f"u{at + 1}", unit) for at, unit in enumerate(units)]


def found(owner: Connection[Any], folk: list[Person], password: str, at: datetime) -> None:
    """Write units, officers, roles, institutions and front-ends, as the owner of the tables.

    `password` is a hash that all officers share: twenty hashes would take longer than the rest.
    """
    with owner.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO identity_unit (path, name, level) VALUES (%s, %s, %s)", UNITS
        )
        cursor.executemany(
            "INSERT INTO identity_officer (id, username, name, police_number, unit_id, is_active,"
            " must_set_password, created_at, password)"
            " SELECT %s, %s, '林某某', '', id, true, false, %s, %s FROM identity_unit WHERE path = %s",
            [(each.pk, each.username, at, password, each.unit) for each in folk],
        )
        cursor.executemany(
            "INSERT INTO identity_rolegrant (officer_id, role, since) VALUES (%s, %s, %s)",
            [(each.pk, role, at) for each in folk for role in POSTS[each.pk // 2 % len(POSTS)]],
        )
        cursor.executemany(
            "INSERT INTO institutions_institution (code, name, kind, card_prefixes, registered_at)"
            " VALUES (%s, %s, 'bank', jsonb_build_array(%s::text), %s)",
            [
                (bank_code(at_), f"{name}银行", f"6299{at_:02d}", at)
                for at_, name in enumerate(BANKS)
            ],
        )
        cursor.executemany(
            "INSERT INTO bank_gateway_frontend"
            " (id, url, token, poll_seconds, cursor, last_answer_at, last_failure) VALUES"
            " (%s, %s, 't', 2, 0, %s, '')",
            [(number, f"http://127.0.0.1:{number}", at) for number in range(1, 4)],
        )
        cursor.executemany(
            "INSERT INTO bank_gateway_route (institution_code, front_end_id) VALUES (%s, %s)",
            [(bank_code(number), number % 3 + 1) for number in range(len(BANKS))],
        )


def bank_code(number: int) -> str:
    """The code of an invented bank."""
    return f"99010000{number:04d}"
