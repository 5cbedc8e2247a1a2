"""The jobs: delivering a fact to one listener; a failure stays visible and is retried."""

from __future__ import annotations

import logging
from typing import Any

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from fanzha.outbox.announce import resolve

logger = logging.getLogger(__name__)
RETRY = RetryStrategy(max_attempts=12, exponential_wait=2)


@app.task(name="outbox.deliver", queue="facts", retry=RETRY)
def deliver(*, event: str, facts: dict[str, Any], reaction: str) -> None:
    """Call one reaction with one fact. Reactions open their own scope and are safe to run twice."""
    resolve(reaction)(resolve(event)(**facts))
