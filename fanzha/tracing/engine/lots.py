"""The lots of one account in their order, each found by the row that brought it."""

from __future__ import annotations

from collections import OrderedDict
from itertools import takewhile
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator


class FromRow(Protocol):
    """Some fen, and the row that brought them."""

    @property
    def row(self) -> int:
        """The row."""
        ...


Lot = TypeVar("Lot", bound=FromRow)


class Lots(Generic[Lot]):
    """Lots, oldest first; the ends, and the lots of one row, are reached without a search.

    A lot has a name as long as any of it lies here; those of one row have rising names.
    """

    def __init__(self) -> None:
        self._lots: OrderedDict[int, Lot] = OrderedDict()
        self._of_row: dict[int, list[int]] = {}
        self._named = 0

    def __bool__(self) -> bool:
        return bool(self._lots)

    def __iter__(self) -> Iterator[Lot]:
        return iter(self._lots.values())

    def append(self, lot: Lot) -> None:
        """Lay a lot behind all others."""
        self._named += 1
        self._lots[self._named] = lot
        self._of_row.setdefault(lot.row, []).append(self._named)

    def put_in_front(self, lots: Iterable[Lot], behind: Collection[int]) -> None:
        """Lay lots before all others, but behind those in front that came by these rows."""
        front = list(takewhile(lambda name: self._lots[name].row in behind, self._lots))
        first = self._named + 1
        for lot in lots:
            self.append(lot)
        for name in reversed([*front, *range(first, self._named + 1)]):
            self._lots.move_to_end(name, last=False)

    def end(self, *, newest: bool) -> int:
        """The name of the newest or of the oldest lot."""
        return next(reversed(self._lots) if newest else iter(self._lots))

    def of_row(self, row: int) -> list[int]:
        """The names of the lots that a row brought, oldest first."""
        names = [name for name in self._of_row.get(row, ()) if name in self._lots]
        self._of_row[row] = names
        return names

    def lot(self, name: int) -> Lot:
        """One lot."""
        return self._lots[name]

    def leave(self, name: int, rest: Lot | None) -> None:
        """Let only `rest` of a lot lie where it lies."""
        if rest is None:
            del self._lots[name]
        else:
            self._lots[name] = rest
