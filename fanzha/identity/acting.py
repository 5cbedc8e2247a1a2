"""The @action door: every write has an actor who may, a moment, a ground, and an audit entry."""

from __future__ import annotations

import functools
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

from django.db import transaction

from fanzha.audit import log
from fanzha.audit.rules import Ground
from fanzha.identity.models import Officer, Unit
from fanzha.identity.rules import PermissionMissing
from fanzha.scope.current import Scope, ScopeMissing, current, scoped
from fanzha.scope.guard import open_action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class System:
    """A part of the platform that acts by itself: a sweep, a reaction, the gateway. It is named."""

    name: str

    def __str__(self) -> str:
        return f"system:{self.name}"


Actor = Officer | System


class Occasion(TypedDict):
    """When and on which ground: the two keywords that several actions in a row may share."""

    at: datetime
    ground: Ground


class NotAudited(AssertionError):
    """An action ended without leaving an audit entry."""


@dataclass
class _Open:
    """The action that is running."""

    name: str
    by: Actor
    at: datetime
    ground: Ground
    entries: int = 0


_open: ContextVar[_Open | None] = ContextVar("open", default=None)
_origin: ContextVar[str] = ContextVar("origin", default="")


def action(
    permission: str | Callable[..., str], *, system: bool = False
) -> Callable[[Callable[Concatenate[Any, P], R]], Callable[Concatenate[Any, P], R]]:
    """Make a domain verb an action; its keywords must carry `at` and `ground`.

    The officer needs `permission` (a function of the verb's arguments where it depends on the
    object); parts of the system may act only where `system` says so. One transaction;
    PermissionMissing before anything is read; NotAudited if no entry was written.
    """

    def decorate(verb: Callable[Concatenate[Any, P], R]) -> Callable[Concatenate[Any, P], R]:
        name = f"{verb.__module__.removeprefix('fanzha.').removesuffix('.actions')}.{verb.__name__}"

        @functools.wraps(verb)
        def acting(by: Any, *args: P.args, **kwargs: P.kwargs) -> R:
            needed = permission if isinstance(permission, str) else permission(*args)
            _check(by, needed, system=system)
            at, ground = kwargs["at"], kwargs["ground"]
            assert isinstance(ground, Ground), "an action needs a ground"
            assert isinstance(at, datetime), "an action has a moment"
            running = _Open(name, by, at, ground)
            with _in_action(running), transaction.atomic():
                if current() is None:
                    raise ScopeMissing(name)
                result = verb(by, *args, **kwargs)
                if not running.entries:
                    raise NotAudited(name)
                return result

        acting.action = name  # type: ignore[attr-defined] # printed, and read by the matrix tests
        acting.permission = permission  # type: ignore[attr-defined] # same
        acting.system = system  # type: ignore[attr-defined] # same
        return cast("Callable[Concatenate[Any, P], R]", acting)

    return decorate


def _check(by: Actor, permission: str, *, system: bool) -> None:
    if isinstance(by, System):
        if not system:
            raise PermissionMissing(permission=permission)
    elif not by.may(permission):
        raise PermissionMissing(permission=permission)


@contextmanager
def _in_action(running: _Open) -> Iterator[None]:
    mark, door = _open.set(running), open_action.set(running.name)
    try:
        yield
    finally:
        open_action.reset(door)
        _open.reset(mark)


def record(
    object_kind: str,
    object_id: str,
    /,
    *,
    case_id: int | None = None,
    unit_path: str | None = None,
    restricted: bool = False,
    **facts: Any,
) -> None:
    """Write the audit entry of the running action: which object, of which case, what came of it."""
    running = _open.get()
    assert running is not None, "record() belongs inside an @action"
    running.entries += 1
    officer = running.by if isinstance(running.by, Officer) else None
    scope = current()
    assert scope is not None
    log.append(
        at=running.at,
        actor=str(running.by),
        officer_id=officer.pk if officer else None,
        action=running.name,
        object_kind=object_kind,
        object_id=object_id,
        case_id=case_id,
        ground_kind=running.ground.kind,
        ground_ref=running.ground.ref,
        ground_reason=running.ground.reason,
        facts=facts,
        origin=_origin.get(),
        unit_path=unit_path or (officer.unit.path if officer else scope.path),
        restricted=restricted,
    )


@contextmanager
def acting_for(officer: Officer, *, origin: str = "") -> Iterator[None]:
    """One transaction in the officer's scope: what a request or a command of hers runs in."""
    mark = _origin.set(origin)
    try:
        with transaction.atomic(), scoped(Scope(officer.unit.path, officer.pk)):
            yield
    finally:
        _origin.reset(mark)


@contextmanager
def system_scope(name: str, *, root: str | None = None) -> Iterator[System]:
    """One transaction in a named scope over the whole organisation; its writes carry the name.

    `root` is given only by the first run, before there is a unit.
    """
    with transaction.atomic(), scoped(Scope(root or root_path(), None, system=name)):
        yield System(name)


def root_path() -> str:
    """The top of the tree of units: what sweeps and linking look at."""
    first = Unit.objects.order_by("pk").values_list("path", flat=True).first()
    return first.split(".")[0] if first else "none"
