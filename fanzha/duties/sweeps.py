"""What happens because time passed: clocks press."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.db import OperationalError

from fanzha.audit.rules import Ground
from fanzha.duties import actions
from fanzha.duties.models import Clock
from fanzha.identity.acting import system_scope

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)

NAME = "duties.press"
BATCH = 50
"""In one transaction; locked rows are left to the sweep that holds them."""
BATCHES_MAX = 400
"""In one sweep; what is left then, the next one takes."""


def press_due(at: datetime) -> int:
    """Press for everything whose moment has come; how many moments were told.

    A clock that cannot press is set aside with an entry in the log, so that it holds up no other;
    the next sweep tries it again.
    """
    told, aside = 0, set[int]()
    for _ in range(BATCHES_MAX):
        found, count = _batch(at, aside)
        told += count
        if found < BATCH:
            break
    return told


def _batch(at: datetime, aside: set[int]) -> tuple[int, int]:
    """How many clocks were due and how many moments they told."""
    told = 0
    with system_scope(NAME) as system:
        due = Clock.objects.select_for_update(skip_locked=True).filter(
            closed_at=None, next_press_at__lte=at
        )
        batch = list(due.exclude(pk__in=aside).order_by("next_press_at")[:BATCH])
        for each in batch:
            try:
                ground = Ground("clock", each.rule)
                told += actions.press(system, each, at=at, ground=ground)
            except OperationalError:
                raise
            except Exception:
                logger.exception("the clock %s cannot press", each)
                aside.add(each.pk)
    return len(batch), told
