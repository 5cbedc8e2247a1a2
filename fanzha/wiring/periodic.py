"""Jobs that run by the clock, and the revival of jobs whose worker was killed."""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

from fanzha.audit import log
from fanzha.channels.bank_gateway import tasks as _gateway_tasks  # noqa: F401 - registers its jobs
from fanzha.identity.acting import system_scope
from fanzha.instructions.sweeps import lapse_due

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 2.0
STALLED_AFTER_SECONDS = 8.0


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.lapse", queueing_lock="sweep.lapse", pass_context=False)
def lapse(timestamp: int) -> None:
    """End holds whose time is over."""
    lapse_due()


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.seal", queueing_lock="sweep.seal", pass_context=False)
def seal(timestamp: int) -> None:
    """Seal finished audit entries into the next block."""
    with system_scope("audit.seal"):
        log.seal_finished()


@app.periodic(cron="*/1 * * * *")
@app.task(name="sweep.stalled", queueing_lock="sweep.stalled", pass_context=False)
def revive(timestamp: int) -> None:
    """Give the jobs of dead workers to living ones."""
    revive_stalled()


def revive_stalled(after_seconds: float = STALLED_AFTER_SECONDS) -> int:
    """Retry every job whose worker stopped beating; runs at boot and in the poller's loop too.

    A killed worker leaves its job `doing` for ever, and its lock holds back all later jobs of the
    same account.
    """
    manager = app.job_manager
    jobs = async_to_sync(manager.get_stalled_jobs)(seconds_since_heartbeat=after_seconds)
    count = 0
    for job in jobs:
        async_to_sync(manager.retry_job)(job)
        logger.warning("job %s of a dead worker is tried again", job.id)
        count += 1
    async_to_sync(manager.prune_stalled_workers)(seconds_since_heartbeat=after_seconds)
    return count
