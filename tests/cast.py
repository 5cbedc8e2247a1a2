"""The cast of every test, and a city with two counties.

Lin, duty officer; Zhao, her supervisor; Liang, county-level head; Chen, analyst; Han, investigator
of a county; Wu of another district; Sun, auditor.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from django.db import transaction

from fanzha.audit.rules import Ground
from fanzha.core.clock import ZONE
from fanzha.identity.models import Officer, RoleGrant, Unit
from fanzha.scope.guard import open_action

if TYPE_CHECKING:
    from collections.abc import Iterator

NOON = datetime(2026, 3, 18, 12, 0, tzinfo=ZONE)
DUTY = Ground("duty", "", "test")

UNITS = {
    "lj": ("岚江市反诈中心", "city"),
    "lj.hd": ("湖滨分局", "county"),
    "lj.hd.s1": ("柳桥派出所", "station"),
    "lj.xs": ("西山分局", "county"),
}
OFFICERS = {
    "lin": ("林晓", "lj", ["duty_officer"]),
    "zhao": ("赵宁", "lj", ["duty_head"]),
    "liang": ("梁正", "lj", ["county_head"]),
    "chen": ("陈析", "lj", ["analyst"]),
    "han": ("韩立", "lj.hd", ["investigator", "duty_officer"]),
    "wu": ("吴迪", "lj.xs", ["duty_officer", "duty_head"]),
    "sun": ("孙明", "lj", ["auditor"]),
    "admin": ("管理员", "lj", ["system_admin", "security_admin"]),
}


@pytest.fixture
def db(database: None) -> Iterator[None]:
    """One transaction that is rolled back after the test."""
    from django.db import connection

    try:
        with transaction.atomic():
            populate()
            yield
            transaction.set_rollback(True)
    finally:
        connection.close()


def populate() -> None:
    """Make the units and the cast where they are missing; inside an open transaction."""
    token = open_action.set("tests.cast")
    try:
        for path, (name, level) in UNITS.items():
            Unit.objects.get_or_create(path=path, defaults={"name": name, "level": level})
        for username, (name, path, roles) in OFFICERS.items():
            if Officer.objects.filter(username=username).exists():
                continue
            officer = Officer(
                username=username, name=name, unit=Unit.objects.get(path=path), created_at=NOON,
                must_set_password=False, password="!",
            )  # fmt: skip
            officer.save()
            for role in roles:
                RoleGrant.objects.create(officer=officer, role=role, since=NOON)
    finally:
        open_action.reset(token)


def officer(username: str) -> Officer:
    """An officer of the cast, freshly read."""
    return Officer.objects.select_related("unit").get(username=username)


@pytest.fixture
def lin(db: None) -> Officer:
    return officer("lin")


@pytest.fixture
def zhao(db: None) -> Officer:
    return officer("zhao")


@pytest.fixture
def liang(db: None) -> Officer:
    return officer("liang")


@pytest.fixture
def chen(db: None) -> Officer:
    return officer("chen")


@pytest.fixture
def han(db: None) -> Officer:
    return officer("han")


@pytest.fixture
def wu(db: None) -> Officer:
    return officer("wu")


@pytest.fixture
def sun(db: None) -> Officer:
    return officer("sun")


@pytest.fixture
def admin(db: None) -> Officer:
    return officer("admin")
