"""What may be revealed on the screens: fields of cases, reports, payments and instructions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.cases.models import Case
from fanzha.core.refusal import NotFound, gettext_noop
from fanzha.desk.holders import SHOWN, value_of
from fanzha.desk.holdings import holder_at, number_at
from fanzha.instructions.models import Instruction
from fanzha.intake.models import Payment, Report

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS: Mapping[str, Mapping[str, str]] = {
    "case": {"victim_name": "name"},
    "report": {
        "victim_name": "name", "victim_phone": "phone", "victim_id_number": "id", "told": "text",
    },
    "payment": {"from_account": "account", "to_account": "account", "to_name": "name"},
    "instruction": {"account": "account", "out_account": "account", "account_name": "name"},
    "holder": {element: kind for element, (_word, kind) in SHOWN.items()},
}  # fmt: skip
"""Thing → field → how it is masked; nothing else can be asked for."""
PLACES = {"found": "account", "found_holder": "name"}
"""The same of things that are listed: their field is the place in the list."""


class NothingToReveal(NotFound):
    """No such thing, or none that the officer may see."""

    message = gettext_noop("There is nothing here that you may see.")


@dataclass(frozen=True)
class Hidden:
    """A value that stands masked on a screen, and the case on whose account it may be seen."""

    value: str
    kind: str
    case_id: int
    case_number: str


def find(thing: str, public_id: str, field: str) -> Hidden:
    """The value; raises NothingToReveal."""
    kind = PLACES.get(thing) if field.isdecimal() else FIELDS.get(thing, {}).get(field)
    if kind is None:
        raise NothingToReveal
    row: Any
    if thing == "case":
        row = Case.objects.filter(number=public_id).first()
    else:
        tables: Mapping[str, Any] = {
            "report": Report, "payment": Payment, "instruction": Instruction,
            "holder": Instruction, **dict.fromkeys(PLACES, Instruction),
        }  # fmt: skip
        row = tables[thing].objects.filter(public_id=public_id).first()
    case = row if thing == "case" else row and Case.objects.filter(pk=row.case_id).first()
    if row is None or case is None:
        raise NothingToReveal
    readers = {"holder": value_of, "found": number_at, "found_holder": holder_at}
    value = readers.get(thing, getattr)(row, field)
    return Hidden(value, kind, case.pk, case.number)
