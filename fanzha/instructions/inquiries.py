"""Asking again, in shorter periods, where a bank's answer was cut off. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.core.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from datetime import datetime

SHORTEST = timedelta(seconds=2)
"""The wire tells seconds: a shorter period has no middle."""


class PeriodTooShort(Refusal):
    """Two seconds with a full reply: only the bank can tell more, on paper."""

    message = gettext_noop("The period is too short to be halved; ask the bank for a file.")


def halves(
    since: datetime, until: datetime
) -> tuple[tuple[datetime, datetime], tuple[datetime, datetime]]:
    """Both halves of a period, whole seconds; they share the second at the seam.

    The whole period is asked again, since no source says which rows a bank leaves out; the import
    drops what came before. Raises PeriodTooShort.
    """
    since, until = since.replace(microsecond=0), until.replace(microsecond=0)
    if until - since < SHORTEST:
        raise PeriodTooShort
    middle = (since + (until - since) / 2).replace(microsecond=0)
    return (since, middle), (middle, until)
