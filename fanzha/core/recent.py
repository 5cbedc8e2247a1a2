"""What was asked for last, kept in this process: one store for whatever is dear to make again."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")
MISSING: Final = object()


class Store:
    """The `most` parts that were asked for last."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.parts: OrderedDict[Hashable, object] = OrderedDict()
        self.lock = Lock()

    def get(self, key: Hashable) -> object:
        """The part under this key; MISSING when there is none."""
        with self.lock:
            if key in self.parts:
                self.parts.move_to_end(key)
            return self.parts.get(key, MISSING)

    def put(self, key: Hashable, part: object) -> None:
        """Keep a part; the one that nobody asked for longest goes."""
        with self.lock:
            self.parts[key] = part
            while len(self.parts) > self.most:
                self.parts.popitem(last=False)

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The part under this key, made when there is none; it must not be changed."""
        found = self.get(key)
        if found is MISSING:
            found = make()
            self.put(key, found)
        return cast("T", found)
