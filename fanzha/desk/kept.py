"""Parts of pages that were just made, shown again where they would be made the same.

A part is kept under all that it depends on, which the caller lists. What is made of rows depends
on a sight too, which ends with the next commit of anybody; what has clocks depends on the moment,
since they run out without a commit. Nothing is kept of a request that writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from fanzha.core.recent import MISSING, Store
from fanzha.scope.sight import Sight, sight

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from datetime import datetime

T = TypeVar("T")
SECONDS = 2
"""So long the moment is the same; a page of the desk asks anew every five seconds anyway."""


seen_parts = Store(most=160)
"""Made of rows, some 40 kB each."""
same_parts = Store(most=5000)
"""Made of facts, some 1 kB each."""


def moment(at: datetime) -> int:
    """The present moment as a fact of what has clocks."""
    return int(at.timestamp()) // SECONDS


def kept(seen: Sight | None, name: str, *depends_on: Hashable, make: Callable[[], T]) -> T:
    """What `make` gives, or gave for this sight and these facts; it must not be changed."""
    if seen is None:
        return make()
    key = (name, seen, *depends_on)
    found = seen_parts.get(key)
    if found is not MISSING:
        return cast("T", found)
    made = make()
    # Somebody may have committed while it was read: then it belongs to no one sight.
    if sight() == seen:
        seen_parts.put(key, made)
    return made


def same(name: str, *depends_on: Hashable, make: Callable[[], T]) -> T:
    """The like for a part that is made of these facts alone and reads no rows."""
    return same_parts.made((name, *depends_on), make)
