"""The guard list's groups (保护账户): which of them forbid which hold. Dated data, pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from fanzha.instructions.rules import Kind

DATA = Path(__file__).parent / "data"
NAMED_BY_BANK = "named_by_bank"
"""The group of an account that a bank refused to hold for this reason (0302)."""


class Mode(StrEnum):
    """How far a group guards: against every hold, against one of the whole, or by a warning."""

    ALWAYS = "always"
    WHOLE = "whole"
    LOOK = "look"


@dataclass(frozen=True)
class Group:
    """One group of accounts, with the rule behind it."""

    code: str
    zh: str
    en: str
    mode: Mode
    basis: str
    mark: str

    def forbids(self, kind: Kind, amount_fen: int | None) -> bool:
        """Whether such a hold needs a reason and a decision one level up; a stop is of the whole.

        `amount_fen` is what would be frozen, None the whole account.
        """
        if kind not in (Kind.STOP, Kind.FREEZE) or self.mode is Mode.LOOK:
            return False
        return self.mode is Mode.ALWAYS or kind is Kind.STOP or amount_fen is None


@cache
def groups() -> dict[str, Group]:
    """All groups by code."""
    data = yaml.safe_load((DATA / "guards.yaml").read_text(encoding="utf-8"))
    return {
        code: Group(code, **facts | {"mode": Mode(facts["mode"])})
        for code, facts in data["groups"].items()
    }
