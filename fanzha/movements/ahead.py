"""Reading on one core while another writes."""

from __future__ import annotations

from queue import Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

DEPTH = 3
"""So many items are made before they are asked for."""


def ahead(items: Iterator[T], depth: int = DEPTH) -> Iterator[T]:
    """The same items, made by another thread; what it raises is raised here.

    At most `depth` wait, one more is being made.
    """
    queue: Queue[tuple[T | None, BaseException | None]] = Queue(depth)
    left = Event()

    def make() -> None:
        try:
            for item in items:
                queue.put((item, None))
                if left.is_set():
                    return
            queue.put((None, None))
        except BaseException as error:  # noqa: BLE001 - raised again where the items are taken
            queue.put((None, error))

    maker = Thread(target=make, daemon=True)
    maker.start()
    try:
        while True:
            item, error = queue.get()
            if error is not None:
                raise error
            if item is None:
                return
            yield item
    finally:
        left.set()
        while maker.is_alive():
            while not queue.empty():
                queue.get()
            maker.join(0.01)
