"""What is known of an account beside the trace: statement, other cases, how unusual it looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fanzha.cases import queries as cases
from fanzha.core.masking import mask_account
from fanzha.desk.statements.refs import ref_of
from fanzha.entities import queries as entities
from fanzha.instructions import queries as instructions
from fanzha.tracing.indicators import AccountFacts, Level, indicators_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.cases.models import Case
    from fanzha.desk.flow.sheet import Entry, Sheet
    from fanzha.identity.models import Officer
    from fanzha.movements.queries import Gathered
    from fanzha.tracing.indicators import Reading

TOLD: Final = frozenset({Level.ABNORMAL, Level.HIGH})
"""Indicators are told from this level on; the rest says nothing."""
MOST_CASES: Final = 10
"""So many other cases are named, the newest first."""


@dataclass(frozen=True)
class Known:
    """`ref` names the account's page, if it has one; `also` are its other numbers, masked.

    `others` are other cases that the reader may see; `city` counts cases of the whole city.
    """

    ref: str
    statements: int
    is_cut: bool
    also: tuple[str, ...]
    others: tuple[Case, ...]
    city: int
    unusual: tuple[Reading, ...]


def known_of(officer: Officer, sheet: Sheet, entry: Entry) -> Known | None:
    """The facts of one account; None for what is no account, or none that she may see."""
    account = entry.account
    if account is None or account.is_nameless:
        return None
    number, transfers = account.number, sheet.flow.given.transfers
    told = transfers.known.get(number)
    ids = entities.cases_of("account", number) | instructions.cases_of_account(number)
    others = cases.visible().filter(pk__in=ids - {sheet.case.pk})[:MOST_CASES]
    return Known(
        ref=ref_of(sheet.case, number) if told and officer.may("statement.read") else "",
        statements=len(told.statements) if told else 0,
        is_cut=bool(told and told.truncated),
        also=tuple(
            mask_account(each)
            for each, key in sorted(transfers.key_of.items())
            if key == number != each
        ),
        others=tuple(others),
        city=entities.known("account", number).cases,
        unusual=tuple(_unusual(sheet, number)) if told else (),
    )


def _unusual(sheet: Sheet, number: str) -> list[Reading]:
    given = sheet.flow.given
    found = indicators_of(
        sheet.flow.trace.movements, number, facts=_facts(given.transfers),
        opening_fen=given.openings.get(number),
    )  # fmt: skip
    return [each for each in found if each.level in TOLD]


def _facts(transfers: Gathered) -> Mapping[str, AccountFacts]:
    """The holders' names as statements tell them."""
    own = {number: each.holder for number, each in transfers.known.items() if each.holder}
    return {number: AccountFacts(name) for number, name in {**transfers.names, **own}.items()}
