"""Facts that instructions announce."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fanzha.core.urgency import SENDING


@dataclass(frozen=True)
class Approved:
    """A person approved the instruction; it may go out."""

    urgency: ClassVar[int] = SENDING
    instruction_id: int


@dataclass(frozen=True)
class ReplyRecorded:
    """A bank's answer changed what is known of the case."""

    instruction_id: int
    case_id: int
