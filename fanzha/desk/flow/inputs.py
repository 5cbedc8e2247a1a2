"""Gathering what a trace needs from intake, movements and instructions, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from fanzha.cases.queries import followed_hubs
from fanzha.core.recent import Store
from fanzha.desk.flow.fates import Hold
from fanzha.desk.flow.joining import Joined, join
from fanzha.institutions import queries as institutions
from fanzha.instructions import queries as instructions
from fanzha.intake import queries as intake
from fanzha.intake.rules import accounts_agree, payment_kinds
from fanzha.movements import queries as movements
from fanzha.tracing.engine import EndKind, Movement
from fanzha.tracing.gathered import movements_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
    from datetime import datetime

    from fanzha.cases.models import Bridge, FollowedHub
    from fanzha.desk.flow.joining import Link
    from fanzha.intake.models import Payment
    from fanzha.movements.queries import Gathered, Version
    from fanzha.tracing.engine import Movements

SAME_TRANSFER = timedelta(minutes=30)
"""A victim's clock and a bank's may differ by this much (assumed)."""

MOST_PAYEES = 500
"""An account that pays more others than this is a hub and not followed by itself (assumed)."""

_hubs = Store(most=6)
"""How many each hub pays, by the version of the transfers."""
_rows = Store(most=6)
"""Rows as the engine takes them, by the version of the transfers and what was only told."""


@dataclass(frozen=True)
class FlowInput:
    """Rows (those that only victims told among them), seeds (row id, claim), gaps and holds.

    `bridges` are the ids of what was joined by hand, `links` the same by the id of its row;
    `resting` says as which gap money stays in an account that only a join leads on from. `hubs` are
    the accounts that pay very many others, with how many; `followed` those that are followed yet.
    """

    rows: Movements
    told: tuple[Movement, ...]
    seeds: tuple[tuple[str, str], ...]
    gaps: dict[str, EndKind]
    resting: dict[str, EndKind]
    holds: dict[str, Hold]
    payments: tuple[Payment, ...]
    transfers: Gathered
    unreached: frozenset[str]
    at: datetime
    links: Mapping[str, Link]
    bridges: tuple[str, ...]
    hubs: Mapping[str, int]
    followed: Mapping[str, FollowedHub]

    @property
    def asked(self) -> tuple[Version, Hashable, Hashable, Hashable, Hashable]:
        """All that a trace of it depends on beside rule and limits."""
        gaps = tuple(sorted({**self.gaps, **self.resting}.items()))
        return self.transfers.version, self.told, self.seeds, gaps, self.bridges

    @property
    def openings(self) -> Mapping[str, int]:
        """Own money before the first row, by account."""
        return self.transfers.openings

    @cached_property
    def known(self) -> frozenset[str]:
        """The accounts that are followed: they have a statement, or a join leads on from them."""
        return (frozenset(self.transfers.known) | self.resting.keys()) - self.left_out.keys()

    @cached_property
    def left_out(self) -> Mapping[str, int]:
        """The hubs that are not followed, with how many they pay."""
        return {name: n for name, n in self.hubs.items() if name not in self.followed}

    @property
    def victims(self) -> frozenset[str]:
        """The accounts that the victims paid from."""
        key_of = self.transfers.key_of
        own = (payment.from_account for payment in self.payments)
        return frozenset(key_of.get(account, account) for account in own if account)


def gather(case_id: int, at: datetime, bridges: Sequence[Bridge] = ()) -> FlowInput:
    """Everything known of the case at the moment `at`, and what was joined by hand."""
    transfers = movements.gathered_of_case(case_id)
    payments = tuple(intake.payments_of_case(case_id))
    key_of = transfers.key_of
    seeds, told = _seeds(payments, transfers, at)
    gaps = {
        key_of.get(account, account): EndKind(kind)
        for account, kind in instructions.gap_kinds(case_id, at).items()
        if key_of.get(account, account) not in transfers.known
    }
    led_on = {key_of.get(each.payer, each.payer) for each in bridges if not each.row_id}
    resting = {
        account: gaps.pop(account, EndKind.NOT_QUERIED)
        for account in sorted(led_on - transfers.known.keys())
    }
    hubs = _hubs_of(transfers, payments)
    followed = {key_of.get(each.account, each.account): each for each in followed_hubs(case_id)}
    gaps |= {name: EndKind.BEYOND_LIMITS for name in hubs if name not in followed}
    rows, links = _rows_with(transfers, told, bridges, frozenset(row for row, _ in seeds))
    payees = transfers.payees | {row.to_account for row in told if row.to_account}
    payees |= {key_of.get(each.payee, each.payee) for each in bridges}
    return FlowInput(
        rows=rows,
        told=told,
        seeds=tuple(seeds),
        gaps=gaps,
        resting=resting,
        holds=holds(case_id, payees, key_of),
        payments=payments,
        transfers=transfers,
        unreached=_unreached(payments, payees, key_of),
        at=at,
        links=links,
        bridges=tuple(each.public_id for each in bridges),
        hubs=hubs,
        followed=followed,
    )


def _hubs_of(transfers: Gathered, payments: Iterable[Payment]) -> Mapping[str, int]:
    """The accounts with a statement that pay very many others, with how many; no victim's own."""
    found: Mapping[str, int] = _hubs.made(
        transfers.version, lambda: transfers.paying_many(MOST_PAYEES)
    )
    own = {transfers.key_of.get(each.from_account, each.from_account) for each in payments}
    return {name: n for name, n in found.items() if name in transfers.known and name not in own}


def _rows_with(
    transfers: Gathered,
    told: tuple[Movement, ...],
    bridges: Sequence[Bridge],
    paid: frozenset[str],
) -> tuple[Movements, Mapping[str, Link]]:
    """The rows as the engine takes them, and which of them were joined by hand."""

    def make() -> tuple[Movements, Mapping[str, Link]]:
        laid = Joined(transfers.table, told)
        if bridges:
            laid = join(transfers, told, bridges, paid=paid, within=SAME_TRANSFER)
        return movements_of(laid.table, laid.told, laid.arrivals), laid.links

    names = tuple(each.public_id for each in bridges)
    return _rows.made((transfers.version, told, names, paid if names else ()), make)


def _unreached(
    payments: Iterable[Payment], payees: Iterable[str], key_of: Mapping[str, str]
) -> frozenset[str]:
    """Accounts that money came to and that no registered institution holds.

    A payment whose number nobody told yet (`told:`) may still be reached once it is found.
    """
    named = {
        key_of.get(each.to_account, each.to_account) for each in payments if each.to_institution
    }
    accounts = {account for account in payees if ":" not in account} - named
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


def _seeds(
    payments: Iterable[Payment], transfers: Gathered, at: datetime
) -> tuple[list[tuple[str, str]], tuple[Movement, ...]]:
    """Find each payment among the statements' rows; what no statement shows yet stands as told."""
    taken: set[int] = set()
    seeds: list[tuple[str, str]] = []
    told: list[Movement] = []
    for payment in payments:
        row = _seen(payment, transfers, taken)
        if row is not None:
            taken.add(row)
            seeds.append((transfers.table["movement_id"][row].as_py(), payment.public_id))
        else:
            made = as_told(payment, transfers.key_of, at)
            told.append(made)
            seeds.append((made.id, payment.public_id))
    return seeds, tuple(told)


def _seen(payment: Payment, transfers: Gathered, taken: Collection[int]) -> int | None:
    """The row of the table that shows the payment: the nearest in time that contradicts nothing.

    Where the victim could not name the payee, only a row of the payer's own account shows it, and
    none does where rows of that sum went to several payees.
    """
    best: tuple[float, int] | None = None
    key_of = transfers.key_of
    payee = key_of.get(payment.to_account, payment.to_account)
    payer = key_of.get(payment.from_account, payment.from_account)
    paid: set[str] = set()
    for row in transfers.of_amount(payment.amount_fen):
        paid_by, paid_to, time = transfers.sides(row)
        agree = accounts_agree(payer, paid_by) if paid_by else None
        known = accounts_agree(payee, paid_to) if payee else bool(agree and payment.paid_at)
        if row in taken or agree is False or not (known and paid_to):
            continue
        apart = abs(time - payment.paid_at.timestamp()) if payment.paid_at else 0.0
        if apart > SAME_TRANSFER.total_seconds():
            continue
        paid.add(paid_to)
        if best is None or apart < best[0]:
            best = (apart, row)
    return best[1] if best and (payee or len(paid) == 1) else None


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
