"""Writes about entities: noting a mention, revealing a person's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import action, record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.acting import Actor
    from fanzha.identity.models import Officer


class RevealNeedsReason(Refusal):
    """Personal data is read for a reason."""

    message = gettext_noop("Write why you need to see this in full.")


def mention(
    kind: str,
    value: str,
    *,
    case_id: int,
    role: str,
    source: str,
    at: datetime,
    name: str = "",
) -> int:
    """Note that an entity occurs in a case; part of another package's action. Its entity id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT entities_intern(%s, %s)", [kind, value[:200]])
        entity_id: int = cursor.fetchone()[0]
        # Unit and restriction are filled from the case by trigger.
        cursor.execute(
            'INSERT INTO "entities_mention"'
            " (entity_id, case_id, role, name_as_written, source, at, unit_path, restricted)"
            " VALUES (%s, %s, %s, %s, %s, %s, '', false) ON CONFLICT DO NOTHING",
            [entity_id, case_id, role, name[:80], source, at],
        )
    return entity_id


@action("report.file", system=True)
def note_mentions(
    by: Actor,
    mentions: Iterable[tuple[str, str, str, str]],
    *,
    case_id: int,
    source: str,
    at: datetime,
    ground: Ground,
) -> None:
    """Note what a report or reply mentions: (kind, value, role, name as written)."""
    counted = 0
    for kind, value, role, name in mentions:
        mention(kind, value, case_id=case_id, role=role, source=source, at=at, name=name)
        counted += 1
    record("mentions", source, case_id=case_id, count=counted)


@action("person.reveal")
def reveal(
    by: Officer, kind: str, value: str, *, case_id: int, at: datetime, ground: Ground
) -> str:
    """Show a masked value in full; who, why and for which case stay in the audit log."""
    if not ground.reason.strip():
        raise RevealNeedsReason
    from fanzha.core.masking import last4

    record(kind, last4(value), case_id=case_id, tail=last4(value))
    return value
