"""Facts that instructions announce."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Approved:
    """A person approved the instruction; it may go out."""

    instruction_id: int


@dataclass(frozen=True)
class ReplyRecorded:
    """A bank's answer changed what is known of the case."""

    instruction_id: int
    case_id: int
