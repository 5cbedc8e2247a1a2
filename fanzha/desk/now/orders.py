"""Orders on the duty desk: to be signed for, reported on, decided, and late ones of units below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from fanzha.core.refusal import gettext_noop
from fanzha.desk.addresses import address
from fanzha.desk.forms.choices import chinese
from fanzha.desk.now import reads
from fanzha.desk.now.task import Due, Task
from fanzha.desk.ordering import rule_word
from fanzha.duties.orders import kinds, priorities
from fanzha.identity.queries import unit_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.identity.models import Officer
    from fanzha.scope.prepared import Row

WORDS: Mapping[str, str] = {
    "issued": gettext_noop("Sign for: %(what)s"),
    "signed": gettext_noop("Report on: %(what)s"),
    "answered": gettext_noop("Decide about: %(what)s"),
}
ICONS = {"issued": "mail", "signed": "writing", "answered": "message-check"}
MINE = {"issued": "order.sign", "signed": "order.sign", "answered": "order.issue"}
"""By state what it needs to bring an order further."""


def due_of(officer: Officer, most: int) -> list[Due]:
    """What this officer can do for orders of her unit, and duties late at units below hers."""
    unit = officer.unit.path
    found = [
        Due(row["until"], partial(_order, row))
        for row in reads.orders(unit, most)
        if officer.may(MINE[row["state"]])
    ]
    if officer.may("order.issue"):
        late = reads.escalated(unit, most)
        names = unit_names(row["unit"] for row in late)
        found += [Due(row["due_at"], partial(_late, row, names[row["unit"]])) for row in late]
    return found


def _order(row: Row) -> Task:
    priority, words = priorities()[row["priority"]], WORDS[row["state"]]
    return Task(
        kind="order",
        icon=ICONS[row["state"]],
        what=gettext(words) % {"what": _kind(row["kind"])},
        why=" · ".join(
            filter(None, (row["case_number"], priority.zh if chinese() else priority.en))
        ),
        url=address("desk:order", row["public_id"]),
        until=row["until"],
        warn_minutes=5 if row["state"] == "issued" else 60,
    )


def _late(row: Row, unit: str) -> Task:
    """A duty that is late at a unit below."""
    what = _kind(row["kind"]) if row["kind"] else row["about"]
    return Task(
        kind="escalated",
        icon="speakerphone",
        what=gettext("Late at %(unit)s: %(what)s") % {"unit": unit, "what": what},
        why=" · ".join((rule_word(row["rule"]), gettext("press the unit"))),
        url=address("desk:order", row["about"]) if row["kind"] else address("desk:clocks"),
        until=row["due_at"],
    )


def _kind(code: str) -> str:
    kind = kinds()[code]
    return kind.zh if chinese() else kind.en
