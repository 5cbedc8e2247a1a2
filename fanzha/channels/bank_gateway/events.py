"""Facts that the gateway announces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fanzha.core.urgency import HEARING


@dataclass(frozen=True)
class MessageReceived:
    """A raw message arrived and is kept; nobody has read it yet."""

    urgency: ClassVar[int] = HEARING
    message_id: int


@dataclass(frozen=True)
class DeliverySettled:
    """The front-end acknowledged or rejected an outgoing message."""

    message_id: int
    application_id: str
    accepted: int
    code: str
