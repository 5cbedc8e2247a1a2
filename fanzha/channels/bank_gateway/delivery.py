"""When an outgoing message is tried again: pure.

The same bytes under the same serial always. A front-end that certainly did not get the message is
tried again after a back-off. Where the outcome is uncertain (time-out, garbage, a killed worker) we
first wait for evidence, since a bank without a duplicate check would act twice: the longer the
harm of a second effect, the longer the wait. An answer to the request is proof of delivery.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

WAIT_FOR_EVIDENCE: Mapping[str, float] = {
    "100301": 5, "100101": 60, "100201": 600, "100103": 60, "100203": 60, "100105": 60, "100205": 60
}  # fmt: skip
"""Seconds per transaction code (assumed; FANZHA_RESEND_SECONDS overrides): a second query harms
nobody, a second stop is refused by the bank's own rule, a second freeze queues behind the first, a
second release finds nothing to release, a second extension names the same end."""
OTHERWISE = 600.0
FIRST_PAUSE = 2.0
LONGEST_PAUSE = 120.0


def evidence_wait(tx_code: str, override: Mapping[str, float]) -> timedelta:
    """How long an uncertain delivery waits for an answer before the bytes are sent again."""
    return timedelta(seconds=override.get(tx_code, WAIT_FOR_EVIDENCE.get(tx_code, OTHERWISE)))


def pause(attempts: int, spread: float) -> timedelta:
    """Back-off after the n-th attempt that certainly failed; `spread` in [0, 1) is the jitter."""
    base = min(FIRST_PAUSE * 2 ** max(attempts - 1, 0), LONGEST_PAUSE)
    return timedelta(seconds=base * (0.75 + spread / 2))
