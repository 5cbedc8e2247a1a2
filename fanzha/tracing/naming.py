"""Names of accounts numbered, and ids of rows kept, as bytes: no Python object for any of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from fanzha.tracing.engine.texts import BYTES, FREE, NAMES, Book, enter, enter_again, look_up, mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

FIRST_NAMES: Final = 1 << 12
BYTES_PER_NAME: Final = 24


@dataclass(frozen=True, eq=False)
class Texts:
    """Texts in UTF-8 behind each other: text `k` is `data[starts[k]:starts[k + 1]]`."""

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Texts:
        """Lay texts behind each other."""
        raw = [text.encode() for text in texts]
        starts = np.zeros(len(raw) + 1, np.int64)
        np.cumsum([len(each) for each in raw], out=starts[1:])
        return cls(np.frombuffer(b"".join(raw), np.uint8), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def text(self, at: int) -> str:
        """One text."""
        return self.data[self.starts[at] : self.starts[at + 1]].tobytes().decode()

    def marks(self) -> NDArray[np.uint64]:
        """A number per text that two different texts hardly ever share."""
        found = np.empty(len(self), np.uint64)
        mark(self.data, self.starts, found)
        return found


class Names:
    """Names that are numbered as they come, from 0; no name is -1."""

    def __init__(self) -> None:
        self.book = _book(FIRST_NAMES, FIRST_NAMES * BYTES_PER_NAME)

    def __len__(self) -> int:
        return int(self.book.state[NAMES])

    @property
    def texts(self) -> Texts:
        """All names."""
        state = self.book.state
        return Texts(self.book.data[: state[BYTES]], self.book.starts[: state[NAMES] + 1])

    def enter(self, data: NDArray[np.uint8], starts: NDArray[np.int64]) -> NDArray[np.int32]:
        """Number texts; new ones become names."""
        found, marks = np.empty(len(starts) - 1, np.int32), Texts(data, starts).marks()
        at, longest = 0, int(np.diff(starts).max(initial=0))
        while (at := enter(data, starts, marks, at, self.book, found)) < len(found):
            self._make_room(longest)
        return found

    def numbers(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """The number of each text, -1 for one that is no name."""
        asked, found = Texts.of(texts), np.full(len(texts), FREE, np.int32)
        look_up(asked.data, asked.starts, self.book, found)
        return found

    def _make_room(self, longest: int) -> None:
        """Double what is more than half full; there must be room for the longest name."""
        old, (names, used) = self.book, self.book.state.tolist()
        grown = names + 2 > len(old.starts) // 2
        most = 2 * len(old.starts) if grown else len(old.starts)
        size = max(2 * len(old.data) if 2 * used > len(old.data) else len(old.data), used + longest)
        self.book = _book(most, size)
        self.book.data[:used] = old.data[:used]
        self.book.starts[: names + 1] = old.starts[: names + 1]
        self.book.state[:] = old.state
        enter_again(self.book)


def _book(most: int, size: int) -> Book:
    return Book(
        table=np.full(1 << (2 * most - 1).bit_length(), FREE, np.int32),
        data=np.empty(size, np.uint8),
        starts=np.zeros(most, np.int64),
        state=np.zeros(2, np.int64),
    )
