"""Gathering what a trace needs from intake, movements and instructions, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from fanzha.desk.flow.fates import Hold
from fanzha.institutions import queries as institutions
from fanzha.instructions import queries as instructions
from fanzha.intake import queries as intake
from fanzha.intake.rules import accounts_agree, payment_kinds
from fanzha.movements import queries as movements
from fanzha.tracing.engine import EndKind, Movement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from fanzha.intake.models import Payment
    from fanzha.movements.queries import CaseTransfers, Transfer

SAME_TRANSFER = timedelta(minutes=30)
"""A victim's clock and a bank's may differ by this much (assumed)."""


@dataclass(frozen=True)
class FlowInput:
    """Rows, seeds (row id, claim), openings, known accounts and gaps for one case."""

    rows: tuple[Movement, ...]
    seeds: tuple[tuple[str, str], ...]
    openings: dict[str, int]
    known: frozenset[str]
    gaps: dict[str, EndKind]
    holds: dict[str, Hold]
    payments: tuple[Payment, ...]
    transfers: CaseTransfers
    unreached: frozenset[str]
    at: datetime

    @property
    def victims(self) -> frozenset[str]:
        """The accounts that the victims paid from."""
        key_of = self.transfers.key_of
        own = (payment.from_account for payment in self.payments)
        return frozenset(key_of.get(account, account) for account in own if account)


def gather(case_id: int, at: datetime) -> FlowInput:
    """Everything known of the case at the moment `at`."""
    transfers = movements.transfers_of_case(case_id)
    payments = tuple(intake.payments_of_case(case_id))
    rows = [_movement(each) for each in transfers.transfers]
    key_of = transfers.key_of
    seeds, told = _seeds(payments, rows, key_of, at)
    gaps = {
        key_of.get(account, account): EndKind(kind)
        for account, kind in instructions.gap_kinds(case_id, at).items()
        if key_of.get(account, account) not in transfers.known
    }
    return FlowInput(
        rows=(*rows, *told),
        seeds=tuple(seeds),
        openings=dict(transfers.openings),
        known=frozenset(transfers.known),
        gaps=gaps,
        holds=holds(case_id, {row.to_account for row in (*rows, *told)}, key_of),
        payments=payments,
        transfers=transfers,
        unreached=_unreached(payments, (*rows, *told), key_of),
        at=at,
    )


def _unreached(
    payments: Iterable[Payment], rows: Iterable[Movement], key_of: Mapping[str, str]
) -> frozenset[str]:
    """Accounts that money came to and that no registered institution holds.

    A payment whose number nobody told yet (`told:`) may still be reached once it is found.
    """
    named = {
        key_of.get(each.to_account, each.to_account) for each in payments if each.to_institution
    }
    accounts = {row.to_account for row in rows if ":" not in row.to_account} - {""} - named
    return frozenset(institutions.unreached(accounts))


def holds(case_id: int, accounts: Iterable[str], key_of: Mapping[str, str]) -> dict[str, Hold]:
    """What holds each account now, by the name that statements give it.

    Stops count whichever case asked for them; a freeze is this case's own.
    """
    stops: dict[str, tuple[datetime | None, int | None]] = {}
    numbers = {*accounts, *key_of}
    for number, stop in instructions.stops_in_force(numbers).items():
        stops[key_of.get(number, number)] = stop
    freezes: dict[str, tuple[datetime | None, int | None]] = {}
    for each in instructions.freezes_in_force(case_id):
        limit = each.held_fen if each.held_fen is not None else each.amount_fen
        freezes[key_of.get(each.account, each.account)] = (each.ends_at, limit)
    none = (None, None)
    return {
        account: Hold(*stops.get(account, none), *freezes.get(account, none))
        for account in {*stops, *freezes}
    }


def _movement(each: Transfer) -> Movement:
    return Movement(
        id=each.movement_id,
        time=each.clock,
        from_account=each.from_account,
        to_account=each.to_account,
        amount_fen=each.amount_fen,
        balance_from_fen=each.balance_from_fen,
        balance_to_fen=each.balance_to_fen,
        channel=each.channel,
        currency=each.currency,
        reverses=each.reverses,
    )


def _seeds(
    payments: Iterable[Payment], rows: list[Movement], key_of: Mapping[str, str], at: datetime
) -> tuple[list[tuple[str, str]], list[Movement]]:
    """Find each payment among the statements' rows; what no statement shows yet stands as told."""
    free = {row.id: row for row in rows}
    seeds: list[tuple[str, str]] = []
    told: list[Movement] = []
    for payment in payments:
        row = _seen(payment, free.values(), key_of)
        if row is not None:
            del free[row.id]
            seeds.append((row.id, payment.public_id))
        else:
            made = as_told(payment, key_of, at)
            told.append(made)
            seeds.append((made.id, payment.public_id))
    return seeds, told


def _seen(payment: Payment, rows: Iterable[Movement], key_of: Mapping[str, str]) -> Movement | None:
    best: tuple[float, Movement] | None = None
    payee = key_of.get(payment.to_account, payment.to_account)
    payer = key_of.get(payment.from_account, payment.from_account)
    for row in rows:
        if row.amount_fen != payment.amount_fen:
            continue
        if accounts_agree(payee, row.to_account) is not True:
            continue
        if row.from_account and accounts_agree(payer, row.from_account) is False:
            continue
        apart = abs(row.time - payment.paid_at.timestamp()) if payment.paid_at else 0.0
        if apart <= SAME_TRANSFER.total_seconds() and (best is None or apart < best[0]):
            best = (apart, row)
    return best[1] if best else None


def as_told(payment: Payment, key_of: Mapping[str, str], at: datetime) -> Movement:
    """A payment that only the victim has told of, as a row."""
    by_message = payment_kinds()[payment.kind]["by_message"]
    payee = key_of.get(payment.to_account, payment.to_account)
    to_account = (payee or f"told:{payment.public_id}") if by_message else ""
    return Movement(
        id=payment.public_id,
        time=int((payment.paid_at or at).timestamp()),
        from_account=payment.from_account or f"victim:{payment.public_id}",
        to_account=to_account,
        amount_fen=payment.amount_fen,
        channel=EXIT_OF_KIND.get(payment.kind, "unknown"),
    )


EXIT_OF_KIND = {
    "cash_courier": "cash",
    "gold": "merchant",
    "gift_card": "merchant",
    "wallet": "crypto_otc",
}
