"""When an outgoing message is tried again, and when a whole institution is left in peace: pure.

The same bytes under the same serial always. A front-end that certainly did not get the message is
tried again after a back-off, which rests the whole line to that institution: after three failures
in a row the circuit opens, and what is let through first is a question after its health and one
message. Success closes it, and the rest follows in order, a batch at a time. Where the outcome is
uncertain (time-out, garbage, a killed worker) we first wait for evidence, since a bank without a
duplicate check would act twice: the longer the harm of a second effect, the longer the wait. An
answer to the request is proof of delivery.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

WAIT_FOR_EVIDENCE: Mapping[str, float] = {
    "100301": 5, "100101": 60, "100201": 600, "100103": 60, "100203": 60, "100105": 60, "100205": 60
}  # fmt: skip
"""Seconds per transaction code (assumed; FANZHA_RESEND_SECONDS overrides): a second query harms
nobody, a second stop is refused by the bank's own rule, a second freeze queues behind the first, a
second release finds nothing to release, a second extension names the same end."""
OTHERWISE = 600.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0
OPENS_AFTER = 3
"""So many attempts in a row must fail before an institution counts as broken."""
BATCH = 25
"""So many messages are handed over in one call; after a failure one by one, until one arrives."""
WITHOUT_ORDER = frozenset({"100301", "100303", "100309"})
"""A query changes nothing: it neither waits for others of its account nor holds them up."""


class Circuit(StrEnum):
    """Whether messages pass to an institution."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


def circuit(failures: int, rest_until: datetime | None, at: datetime) -> Circuit:
    """Say whether messages pass: freely, not at all, or one to try."""
    if failures < OPENS_AFTER:
        return Circuit.CLOSED
    return Circuit.OPEN if rest_until is not None and at < rest_until else Circuit.HALF_OPEN


def batch_size(failures: int) -> int:
    """How many messages may be handed over in one call after so many failures in a row."""
    return 1 if failures else BATCH


def evidence_wait(tx_code: str, override: Mapping[str, float]) -> timedelta:
    """How long an uncertain delivery waits for an answer before the bytes are sent again."""
    return timedelta(seconds=override.get(tx_code, WAIT_FOR_EVIDENCE.get(tx_code, OTHERWISE)))


def pause(attempts: int, spread: float) -> timedelta:
    """Back-off after the n-th attempt that certainly failed; `spread` in [0, 1) is the jitter."""
    base = min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE)
    return timedelta(seconds=base * (0.75 + spread / 2))
