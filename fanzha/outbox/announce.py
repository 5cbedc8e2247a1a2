"""announce(): tell facts to whoever listens. If the transaction rolls back, nobody hears them."""

from __future__ import annotations

from dataclasses import asdict, is_dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_listeners: dict[str, tuple[str, ...]] = {}


def name_of(event: type) -> str:
    """`fanzha.intake.events:ReportFiled`."""
    return f"{event.__module__}:{event.__qualname__}"


def listen(subscriptions: Mapping[type, Sequence[str]]) -> None:
    """Install the page of subscriptions: event class to reactions (`package.module:verb`)."""
    _listeners.clear()
    _listeners.update({name_of(event): tuple(paths) for event, paths in subscriptions.items()})


def announce(*events: Any) -> None:
    """Defer one job per fact and listener, inside the running transaction. Facts carry ids only.

    Facts of one kind are told together in one statement. A class of facts that names an `urgency`
    (0 unless told) is heard before those that wait with less.
    """
    from fanzha.outbox.tasks import deliver

    assert connection.in_atomic_block, "a fact is told inside the transaction that made it true"
    jobs: dict[int, list[Any]] = {}
    for event in events:
        assert is_dataclass(event), "a fact is a frozen dataclass"
        assert not isinstance(event, type), "a fact is an instance"
        facts, name = asdict(event), name_of(type(event))
        assert all(isinstance(value, int | str) for value in facts.values()), "facts carry ids only"
        jobs.setdefault(getattr(event, "urgency", 0), []).extend(
            {"event": name, "facts": facts, "reaction": reaction}
            for reaction in _listeners.get(name, ())
        )
    for urgency, some in jobs.items():
        if some:
            deliver.configure(priority=urgency).batch_defer(*some)


def resolve(path: str) -> Any:
    """The object at `package.module:name`."""
    module, name = path.split(":")
    return getattr(import_module(module), name)
