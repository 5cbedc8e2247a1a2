"""Jobs of the desk: tracing a case anew, once for however many answers came meanwhile."""

from __future__ import annotations

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from fanzha.audit.rules import Ground
from fanzha.desk.flow.result import refresh
from fanzha.identity.acting import system_scope


@app.task(
    name="desk.retrace", queue="facts", retry=RetryStrategy(max_attempts=8, exponential_wait=2)
)
def retrace(*, case_id: int, reason: str) -> None:
    """Trace the case as it is known now and keep the figures."""
    with system_scope("desk.retrace") as system:
        refresh(system, case_id, Ground("case", str(case_id), reason))


def retrace_soon(case_id: int, reason: str) -> None:
    """Ask for a new trace; one that waits already will see the newest facts anyway."""
    key = f"retrace:{case_id}"
    try:
        with transaction.atomic():
            retrace.configure(lock=key, queueing_lock=key).defer(case_id=case_id, reason=reason)
    except AlreadyEnqueued:
        return
