"""Who holds an account by the bank's word: message 100304 as the page of its query shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from fanzha.channels.bank_gateway.codec import text_of
from fanzha.instructions.queries import answer_to
from fanzha.instructions.rules import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.instructions.models import Instruction

SHOWN: Mapping[str, tuple[str, str]] = {
    "AccountSubjectName": (gettext_noop("Holder"), "name"),
    "AccountCredentialNumber": (gettext_noop("ID number"), "id"),
    "TelNumber": (gettext_noop("Phone"), "phone"),
    "ResidentTelNumber": (gettext_noop("Phone at home"), "phone"),
    "ResidentAddress": (gettext_noop("Address"), "name"),
    "CardOperatorName": (gettext_noop("Opened by an agent"), "name"),
    "CardOperatorCredentialNumber": (gettext_noop("ID number of the agent"), "id"),
    "WorkCompanyName": (gettext_noop("Works for"), "name"),
    "WorkAddress": (gettext_noop("Address at work"), "name"),
    "WorkTelNumber": (gettext_noop("Phone at work"), "phone"),
    "EmailAddress": (gettext_noop("E-mail"), "name"),
    "ArtificialPersonRep": (gettext_noop("Legal representative"), "name"),
    "ArtificialPersonRepCredentialNumber": (
        gettext_noop("ID number of the legal representative"),
        "id",
    ),
    "BusinessLicenseNumber": (gettext_noop("Business licence"), "id"),
    "StateTaxSerial": (gettext_noop("State tax number"), "id"),
    "LocalTaxSerial": (gettext_noop("Local tax number"), "id"),
}
"""Element → its word, and how it is masked; the table of the message has no others of a person."""


@dataclass(frozen=True)
class Told:
    """One thing that the bank tells of the holder."""

    element: str
    word: str
    kind: str
    value: str


def holder_of(instruction: Instruction) -> list[Told]:
    """What the newest answer tells, without what it leaves empty; nothing for other kinds."""
    if instruction.kind != Kind.HOLDER:
        return []
    answer = answer_to(instruction)
    body = answer.body if answer else {}
    told = [(name, text_of(body, name)) for name in SHOWN]
    return [Told(name, _(SHOWN[name][0]), SHOWN[name][1], value) for name, value in told if value]


def value_of(instruction: Instruction, element: str) -> str:
    """One value in full, for who may see it; empty when there is none."""
    found = {each.element: each.value for each in holder_of(instruction)}
    return found.get(element, "")
