"""What joining a case's statements yields: transfers, openings, known accounts, findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

FINDINGS = {
    "pairing_ambiguous": gettext_noop("%(count)s transfers could be paired in more than one way."),
    "pairing_late": gettext_noop("%(count)s transfers arrived more than two minutes away."),
    "arrived_before_left": gettext_noop(
        "%(count)s transfers arrived before they left, by up to %(seconds)s s: the clocks differ."
    ),
    "witness_missing": gettext_noop(
        "%(count)s transfers are missing from the other side's statement, which covers their time."
    ),
    "order_contradicts": gettext_noop("The order of the rows contradicts itself %(count)s times."),
    "several_sub_accounts": gettext_noop(
        "%(account)s has several sub-accounts; its balances are not compared."
    ),
    "opening_negative": gettext_noop("%(account)s was overdrawn before its first row."),
    "opening_unknown": gettext_noop("Nothing says what lay in %(account)s before its first row."),
    "accounts_apart": gettext_noop(
        "%(account)s stands beside cards of several holders; they were not joined."
    ),
    "reversal_alone": gettext_noop("%(count)s reversals have no original among the rows."),
}


@dataclass(frozen=True)
class Transfer:
    """One movement of money between two accounts; an empty side is the world outside.

    `time` is the payer's (when it left), `arrived` the payee's. `clock` (UTC seconds) never falls
    along CaseTransfers.transfers: it is what a trace sorts by. `channel` is set where
    `to_account` is empty. `witnesses` are (statement public id, row_no), one or two of them.
    """

    movement_id: str
    from_account: str
    to_account: str
    amount_fen: int
    time: datetime
    clock: int
    precision: str
    arrived: datetime | None
    channel: str
    balance_from_fen: int | None
    balance_to_fen: int | None
    currency: str
    reverses: str
    certainty: str
    from_name: str
    to_name: str
    summary: str
    witnesses: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Known:
    """An account that has a statement: up to when, with which balance, whether it was cut off."""

    account: str
    holder: str
    institution_code: str
    until: datetime | None
    balance_fen: int | None
    truncated: bool
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Unresolved:
    """A row that does not say in or out: in neither flow nor balance, shown for a person."""

    account: str
    counterparty: str
    amount_fen: int
    time: datetime
    word: str
    witness: tuple[str, int]


@dataclass(frozen=True)
class CaseTransfers:
    """What a trace needs of a case's statements, in one currency.

    `openings`: fen in an account before its first row. `key_of`: any number seen -> its account.
    `other_currencies`: currency -> direction -> minor units that are left out.
    """

    transfers: tuple[Transfer, ...]
    openings: Mapping[str, int]
    known: Mapping[str, Known]
    key_of: Mapping[str, str]
    unresolved: tuple[Unresolved, ...]
    other_currencies: Mapping[str, Mapping[str, int]]
    findings: tuple[dict[str, Any], ...]
