"""Erasure of messages that belong to no case and carry the number of somebody who is erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 8
"""A shorter number stands in too many other places by chance."""


def forget_messages(numbers: Iterable[str]) -> int:
    """Delete messages without a case in whose text one of the numbers stands; how many."""
    wanted = [number for number in numbers if len(number) >= SHORTEST]
    with connection.cursor() as cursor:
        cursor.execute("SELECT bank_gateway_forget(%s::text[])", [wanted])
        return int(cursor.fetchone()[0])
