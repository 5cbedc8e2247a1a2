"""Facts that movements announces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StatementImported:
    """A statement's rows stand in the lake."""

    statement_id: int
    case_id: int


@dataclass(frozen=True)
class MatchDecided:
    """A person decided, or undid a decision, which rows or numbers of a case are one."""

    decision_id: str
    case_id: int
