"""Parts of pages that were just made, shown again where they would be made the same.

A part is kept under all that it depends on, which the caller lists. What is made of rows depends on
a sight too, which ends with the next commit of anybody, and on the present moment, since clocks
run out without a commit. Nothing is kept of a request that writes.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, TypeVar, cast

from fanzha.core import clock
from fanzha.scope.sight import Sight, sight

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
MOST = 400
"""Parts kept by one process, the oldest go first; a large one is some 50 kB."""
SECONDS = 2
"""So long the moment is the same; a page of the desk asks anew every five seconds anyway."""

_parts: OrderedDict[Hashable, object] = OrderedDict()
_lock = Lock()
_MISSING = object()


def kept(seen: Sight | None, name: str, *depends_on: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, or gave just now for this sight and these facts; it must not be changed."""
    if seen is None:
        return make()
    key = (name, seen, int(clock.now().timestamp()) // SECONDS, *depends_on)
    found = _look_up(key)
    if found is not _MISSING:
        return cast("T", found)
    made = make()
    # Somebody may have committed while it was read: then it belongs to no one sight.
    if sight() == seen:
        _put(key, made)
    return made


def same(name: str, *depends_on: Hashable, make: Callable[[], T]) -> T:
    """The like for a part that is made of these facts alone and reads no rows."""
    key = (name, None, *depends_on)
    found = _look_up(key)
    if found is _MISSING:
        found = make()
        _put(key, found)
    return cast("T", found)


def _look_up(key: Hashable) -> object:
    with _lock:
        if key not in _parts:
            return _MISSING
        _parts.move_to_end(key)
        return _parts[key]


def _put(key: Hashable, part: object) -> None:
    with _lock:
        _parts[key] = part
        while len(_parts) > MOST:
            _parts.popitem(last=False)
