"""One row of what waits for me, before and after it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@dataclass(frozen=True)
class Task:
    """One row: what, why it matters, until when, what happens then, where to do it."""

    kind: str
    icon: str
    what: str
    why: str
    url: str
    until: datetime | None = None
    then: str = ""
    warn_minutes: int = 30


@dataclass(frozen=True)
class Due:
    """A task before it is put into words: of many that wait only the first are shown."""

    until: datetime | None
    make: Callable[[], Task]

    @property
    def order(self) -> tuple[bool, float]:
        """Clocks first, the one that ends first on top."""
        return self.until is None, self.until.timestamp() if self.until else 0.0
