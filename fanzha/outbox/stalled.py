"""Jobs of killed workers are tried again.

A worker that dies with -9 leaves its job `doing` for ever, and the lock of that job holds back all
later jobs of the same account.
"""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app

logger = logging.getLogger(__name__)
HEARTBEAT_SECONDS = 2.0
STALLED_AFTER_SECONDS = 8.0


def revive_stalled(after_seconds: float = STALLED_AFTER_SECONDS) -> int:
    """Retry every job whose worker stopped beating; how many.

    Runs when a worker boots, in the poller's loop, and every minute.
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
