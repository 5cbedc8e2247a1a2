"""One field of the card: its value, whose it is, how doubtful, and what is wrong with it: pure.

A field that the machine filled travels with a hidden twin, `<name>.was`, holding what was
suggested. As long as both are equal nobody has touched it. A value without a twin is a person's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WAS = ".was"
SURE, UNSEEN, DOUBTFUL, NEEDED = range(4)
"""How much a field needs a look: not; not yet confirmed; unsure; missing, and a bank needs it."""


@dataclass(frozen=True)
class Guess:
    """What the machine would write, how sure it is, and what to ask the caller."""

    value: str
    doubt: int = UNSEEN
    ask: str = ""


@dataclass
class Cell:
    """A field as it stands."""

    name: str
    value: str = ""
    was: str | None = None
    own: bool = False
    doubt: int = SURE
    ask: str = ""
    error: str = ""

    @classmethod
    def read(cls, post: Mapping[str, str], name: str) -> Cell:
        """Take the field and its twin from a request."""
        value, was = post.get(name, "").strip(), post.get(name + WAS)
        own = bool(value) if was is None else value != was
        return cls(name, value, was, own, UNSEEN if value and not own else SURE)

    def offer(self, guess: Guess | None) -> None:
        """Write the suggestion unless a person has written; without one, an old suggestion goes."""
        if self.own:
            return
        self.value = guess.value if guess else ""
        self.was = self.value
        self.doubt = guess.doubt if guess and self.value else SURE
        self.ask = guess.ask if guess else ""

    @property
    def suggested(self) -> bool:
        """Whether what stands here is the machine's."""
        return bool(self.value) and not self.own

    @property
    def keys(self) -> frozenset[str]:
        """What identifies the field's content: now, and as it was suggested."""
        return frozenset(bare(text) for text in (self.value, self.was) if text)


def bare(text: str) -> str:
    """The text without what only helps the eye: spaces, separators, `.00`."""
    return "".join(text.split()).replace(",", "").removesuffix(".00")
