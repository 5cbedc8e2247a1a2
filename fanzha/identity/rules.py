"""Roles, permissions and unit levels, read from data; pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fanzha.core.refusal import NotAllowed, Refusal, gettext_noop

DATA = Path(__file__).parent / "data"


class PermissionMissing(NotAllowed):
    """None of the officer's roles carries the permission."""

    message = gettext_noop("Your roles do not allow this: %(permission)s.")


class MayNotNest(Refusal):
    """A unit of this level cannot stand below a unit of that level."""

    message = gettext_noop("A unit of level %(level)s cannot stand below one of level %(parent)s.")


class UnitCodeTaken(Refusal):
    """Two units cannot share a path."""

    message = gettext_noop("There is already a unit %(path)s.")


class RootExists(Refusal):
    """A tree has one root."""

    message = gettext_noop("There is a root already; say below which unit %(code)s stands.")


class OfficerNameTaken(Refusal):
    """Two officers cannot share a log-in name."""

    message = gettext_noop("There is already an officer with the log-in name %(username)s.")


@dataclass(frozen=True)
class Role:
    """A role and the permissions that it carries."""

    code: str
    zh: str
    en: str
    may: frozenset[str]


@dataclass(frozen=True)
class Level:
    """A level of the tree of units and the levels that may stand directly above it."""

    code: str
    zh: str
    en: str
    parents: frozenset[str]


@cache
def matrix() -> dict[str, Any]:
    """The permission matrix as data."""
    loaded: dict[str, Any] = yaml.safe_load((DATA / "roles.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def roles() -> dict[str, Role]:
    """All roles by code."""
    return {
        code: Role(code, entry["zh"], entry["en"], frozenset(entry["may"]))
        for code, entry in matrix()["roles"].items()
    }


@cache
def permissions() -> frozenset[str]:
    """All permission names."""
    return frozenset(matrix()["permissions"])


@cache
def lendable() -> frozenset[str]:
    """Permissions that an officer may pass to a deputy for a span."""
    return frozenset(name for name, facts in matrix()["permissions"].items() if facts.get("lend"))


@cache
def levels() -> dict[str, Level]:
    """All unit levels by code."""
    data = yaml.safe_load((DATA / "unit_levels.yaml").read_text(encoding="utf-8"))["levels"]
    return {
        code: Level(code, entry["zh"], entry["en"], frozenset(entry.get("parents") or ()))
        for code, entry in data.items()
    }


def allowed(granted: frozenset[str], permission: str) -> bool:
    """Whether one of the granted roles carries the permission; an unknown permission is a bug.

    `self.…` concerns nobody but the officer herself: every officer may.
    """
    if permission.startswith("self."):
        return True
    assert permission in permissions(), permission
    known = roles()
    return any(permission in known[role].may for role in granted if role in known)


def check_nesting(level: str, parent: str | None) -> None:
    """Raise MayNotNest unless `level` may stand directly below `parent` (None: a root)."""
    if level not in levels():
        raise MayNotNest(level=level, parent=parent or "-")
    if parent is not None and parent not in levels()[level].parents:
        raise MayNotNest(level=level, parent=parent)
