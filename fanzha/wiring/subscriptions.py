"""Every "when X, then Y" of the platform, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fanzha.cases.events import HubDecided
from fanzha.channels.bank_gateway.events import DeliverySettled, MessageReceived
from fanzha.duties.events import Pressed
from fanzha.instructions.events import Approved, ReplyRecorded
from fanzha.movements.events import MatchDecided, StatementImported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SUBSCRIPTIONS: Mapping[type, Sequence[str]] = {
    Approved: ("fanzha.instructions.reactions:send_approved",),
    MessageReceived: ("fanzha.instructions.reactions:read_message",),
    DeliverySettled: ("fanzha.instructions.reactions:note_delivery",),
    StatementImported: (
        "fanzha.desk.reactions:retrace_statement",
        "fanzha.instructions.reactions:watch_statement",
        "fanzha.cases.reactions:order_at_machines",
    ),
    Pressed: ("fanzha.instructions.pressed:file_or_lose",),
    MatchDecided: ("fanzha.desk.reactions:retrace_decided",),
    HubDecided: ("fanzha.desk.reactions:retrace_decided",),
    ReplyRecorded: (
        "fanzha.desk.reactions:retrace_reply",
        "fanzha.instructions.reactions:watch_answer",
    ),
}
