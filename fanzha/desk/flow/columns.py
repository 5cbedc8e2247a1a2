"""The columns of the picture, with what their heads say."""

from __future__ import annotations

from dataclasses import dataclass

from fanzha.desk.flow.placing import MARGIN, NODE_WIDTH, PITCH


@dataclass
class Column:
    """One column of the picture: its number from the left, accounts in it, fen held there."""

    number: int
    accounts: int = 0
    held_fen: int = 0

    @property
    def x(self) -> int:
        """Where its boxes begin."""
        return MARGIN + self.number * PITCH

    @property
    def left(self) -> int:
        """Where its ground begins."""
        return self.x - (PITCH - NODE_WIDTH) // 2

    @property
    def width(self) -> int:
        """The width of its ground."""
        return PITCH

    @property
    def shaded(self) -> bool:
        """Every second column stands on another ground."""
        return self.number % 2 == 1
