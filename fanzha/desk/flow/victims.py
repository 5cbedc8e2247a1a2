"""The victims of a case as the fund flow names them: people behind payments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.desk.flow import picture as pictures
from fanzha.intake import queries as intake

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fanzha.intake.models import Payment, Report


@dataclass(frozen=True)
class Victim:
    """A victim of the case: name, what was paid, and by which payments (claims)."""

    id: str
    name: str
    paid_fen: int
    claims: frozenset[str]


def victims_of(case_id: int, payments: Sequence[Payment], secret: bytes) -> tuple[Victim, ...]:
    """The victims behind the payments: one person told of one or several of them."""
    people = _people(intake.reports_of_case(case_id))
    names = list(dict.fromkeys(people.values()))
    claims: dict[str, list[Payment]] = {name: [] for name in names or [""]}
    for payment in payments:
        if len(names) > 1:
            told = intake.sources_of(payment).first()
            who = people.get(told.report_id, names[0]) if told else names[0]
        else:
            who = names[0] if names else ""
        claims[who].append(payment)
    return tuple(
        Victim(
            pictures.opaque_id(secret, "victim", who),
            who,
            sum(payment.amount_fen for payment in told),
            frozenset(payment.public_id for payment in told),
        )
        for who, told in claims.items()
        if told
    )


def _people(reports: Iterable[Report]) -> dict[int, str]:
    """Report -> its victim's name; who shares a name, a phone or an ID number is one person."""
    known: dict[str, str] = {}
    people: dict[int, str] = {}
    for report in reports:
        marks = [report.victim_id_number, report.victim_phone, report.victim_name]
        given = [mark for mark in marks if mark]
        who = next((known[mark] for mark in given if mark in known), report.victim_name)
        known.update(dict.fromkeys(given, who))
        people[report.pk] = who
    return people
