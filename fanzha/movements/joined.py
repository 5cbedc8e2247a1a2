"""What joining a case's statements yields: transfers, openings, known accounts, findings."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - named tuples read their annotations
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from fanzha.core.refusal import gettext_noop

if TYPE_CHECKING:
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
    "clocks_differ": gettext_noop(
        "%(payee)s writes what %(payer)s sends %(seconds)s s later (%(pairs)s sure pairs);"
        " times are compared with that in mind."
    ),
    "decision_without_rows": gettext_noop(
        "%(count)s decisions about pairs name rows that are not among the statements any more."
    ),
    "table_left_out": gettext_noop(
        "%(account)s: %(rows)s rows of %(table)s tell again what %(main)s tells; they are not"
        " counted. %(unlinked)s of them have no row with the same number there."
    ),
    "reversal_alone": gettext_noop("%(count)s reversals have no original among the rows."),
}


Where = tuple[str, int]
"""A row: public id of its statement, row number."""


class Reason(NamedTuple):
    """What speaks for or against a pair: a key of weighing.REASONS, its weight, its facts."""

    key: str
    weight: int
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class Match:
    """Two rows as one transfer: how sure (see Pair.certainty), the weights' sum, and why."""

    payer: Where
    payee: Where
    certainty: str
    score: int
    reasons: tuple[Reason, ...]
    fee_fen: int = 0


@dataclass(frozen=True)
class OpenGroup:
    """Rows that could be paired in several ways, and every way with its reasons; best first.

    `chosen` is what counts until a person decides. `alike`: whichever way, the same accounts and
    the same amount, so that only the times depend on it.
    """

    payers: tuple[Where, ...]
    payees: tuple[Where, ...]
    ways: tuple[Match, ...]
    chosen: tuple[tuple[Where, Where], ...]
    alike: bool


class Transfer(NamedTuple):
    """One movement of money between two accounts; an empty side is the world outside.

    `time` is the payer's (when it left), `arrived` the payee's. `clock` (UTC seconds) never falls
    along CaseTransfers.transfers: it is what a trace sorts by. `channel` is set where
    `to_account` is empty. `witnesses` are its rows: the payer's, the payee's, then others that
    tell of the same money (a wallet's beside the bank's, further tables of one firm).
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
    witnesses: tuple[Where, ...]


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
    witness: Where


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
