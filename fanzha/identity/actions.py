"""Writes about units and officers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from fanzha.identity import rules
from fanzha.identity.acting import Actor, action, record
from fanzha.identity.models import Officer, RoleGrant, Unit

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground


@action("unit.manage", system=True)
def add_unit(
    by: Actor,
    *,
    code: str,
    name: str,
    level: str,
    parent: Unit | None,
    at: datetime,
    ground: Ground,
) -> Unit:
    """Add a unit below `parent` (None: the one root of the tree, made by the first run)."""
    if parent is None and Unit.objects.exists():
        raise rules.RootExists(code=code)
    rules.check_nesting(level, parent.level if parent else None)
    path = f"{parent.path}.{code}" if parent else code
    if Unit.objects.filter(path=path).exists():
        raise rules.UnitCodeTaken(path=path)
    unit = Unit.objects.create(path=path, name=name, level=level)
    record("unit", path, name=name, level=level)
    return unit


@action("officer.manage", system=True)
def add_officer(
    by: Actor,
    *,
    username: str,
    name: str,
    unit: Unit,
    roles: list[str],
    at: datetime,
    ground: Ground,
    police_number: str = "",
) -> tuple[Officer, str]:
    """Add an officer; returns her and a one-time password that must be changed at first log-in."""
    if Officer.objects.filter(username=username).exists():
        raise rules.OfficerNameTaken(username=username)
    password = one_time_password()
    officer = Officer(
        username=username, name=name, unit=unit, police_number=police_number, created_at=at
    )
    officer.set_password(password)
    officer.save(force_insert=True)
    for role in roles:
        assert role in rules.roles(), role
        RoleGrant.objects.create(officer=officer, role=role, since=at)
    record("officer", username, unit=unit.path, roles=roles)
    return officer, password


@action("officer.manage", system=True)
def reset_password(by: Actor, officer: Officer, *, at: datetime, ground: Ground) -> str:
    """Give an officer a new one-time password; the old one is void."""
    password = one_time_password()
    officer.set_password(password)
    officer.must_set_password = True
    officer.save(update_fields=["password", "must_set_password"])
    record("officer", officer.username, reset=True)
    return password


@action("self.password")
def set_password(by: Officer, password: str, *, at: datetime, ground: Ground) -> None:
    """Set the officer's own password; the one-time password is void from now on."""
    by.set_password(password)
    by.must_set_password = False
    by.save(update_fields=["password", "must_set_password"])
    record("officer", by.username)


@action("self.log_in")
def note_log_in(by: Officer, *, at: datetime, ground: Ground) -> None:
    """Keep the moment of a log-in."""
    by.last_login = at
    by.save(update_fields=["last_login"])
    record("officer", by.username)


def one_time_password() -> str:
    """Sixteen signs that can be read out; 80 random bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))
