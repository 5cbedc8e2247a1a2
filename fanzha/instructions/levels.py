"""Which permission an approver needs, on which day: dated data, pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from fanzha.core.clock import local
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from datetime import date, datetime

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Level:
    """One entry: from the day `since`, these kinds, `beyond` what is usual or not."""

    kinds: frozenset[Kind]
    beyond: bool
    permission: str
    since: date
    basis: str
    mark: str


@cache
def levels() -> tuple[Level, ...]:
    """All entries, the oldest first."""
    data = yaml.safe_load((DATA / "levels.yaml").read_text(encoding="utf-8"))
    found = (
        Level(
            frozenset(map(Kind, each["kinds"])), each.get("beyond", False), each["permission"],
            each["since"], each["basis"], each["mark"],
        )
        for each in data["levels"]
    )  # fmt: skip
    return tuple(sorted(found, key=lambda level: level.since))


def in_force(
    kind: Kind, at: datetime, *, beyond: bool = False, among: tuple[Level, ...] | None = None
) -> Level:
    """The level for this kind at the moment; where nothing is said of `beyond`, the usual one."""
    day = local(at).date()
    fitting = [
        each
        for each in (levels() if among is None else among)
        if kind in each.kinds and each.since <= day and each.beyond <= beyond
    ]
    assert fitting, f"{kind} has no level of approval on {day}"
    return max(fitting, key=lambda level: (level.beyond, level.since))


def permissions() -> frozenset[str]:
    """Every permission by which something is approved, in force or not: packages outlive levels."""
    return frozenset(each.permission for each in levels())
