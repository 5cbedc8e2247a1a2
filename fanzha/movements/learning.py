"""Learning layouts: a person's mapping is saved as a profile and offered from then on (R14)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from fanzha.core.refusal import Refusal, gettext_noop
from fanzha.identity.acting import action, record
from fanzha.movements.profile import BANK_34, Profile, marked, parsed
from fanzha.movements.proposing import profile_from
from fanzha.movements.saved import SavedProfile

if TYPE_CHECKING:
    from datetime import datetime

    from fanzha.audit.rules import Ground
    from fanzha.identity.models import Officer
    from fanzha.movements.proposing import Proposal


class ProfileNameTaken(Refusal):
    """The name of a layout that comes with the program."""

    message = gettext_noop("%(name)s is the name of a layout that comes with the program.")


@action("statement.import")
def save_profile(
    by: Officer, mapping: Proposal, name: str, *, at: datetime, ground: Ground
) -> SavedProfile:
    """Save a mapping as a profile; one of the same name becomes its next version.

    Statements imported before keep the version that they were read by. Raises
    proposing.BadProfileName, ProfileNeedsColumns and ProfileNameTaken.
    """
    if name in {BANK_34, *(each.name for each in marked())}:
        raise ProfileNameTaken(name=name)
    with connection.cursor() as cursor:
        # Two persons who save the same name at once would both write the next version.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('movements.profile'))")
    last = SavedProfile.objects.filter(name=name).order_by("-version").first()
    version = last.version + 1 if last else 1
    data = profile_from(mapping, name, version=version)
    saved = SavedProfile.objects.create(
        name=name, version=version, data=data, officer_id=by.pk, saved_at=at
    )
    record("profile", str(saved), columns=sorted(data["columns"]))
    return saved


def saved_profiles() -> tuple[Profile, ...]:
    """The newest version of every saved profile."""
    newest = SavedProfile.objects.order_by("name", "-version").distinct("name")
    return tuple(parsed(each.data) for each in newest)
