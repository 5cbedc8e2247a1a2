"""Doors, kinds of payment, and when two tellings mean one payment: pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.core.refusal import Refusal, gettext_noop

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

DATA = Path(__file__).parent / "data"
DOORS = ("110", "96110", "counter", "bank")
ONGOING = ("yes", "no", "unknown")
SAME_PAYMENT_MINUTES = 30
"""Two tellings of one payment may differ by this much (assumed)."""
MOST_FEN = 100_000_000_000 * 100
"""A report of more than a hundred billion yuan is a slip of the keyboard."""
VISIBLE_TAIL = 4


class AmountImpossible(Refusal):
    """Not a sum that anybody pays."""

    message = gettext_noop("Payment %(row)s: the amount %(amount)s is not possible.")


class TimeImpossible(Refusal):
    """A payment that has not happened yet cannot be reported."""

    message = gettext_noop("Payment %(row)s: the time %(time)s lies in the future.")


class NothingTold(Refusal):
    """A report needs the story or at least one payment."""

    message = gettext_noop("Write what happened, or enter at least one payment.")


class UnknownChoice(Refusal):
    """A field holds something that its list does not offer."""

    message = gettext_noop("%(field)s: %(value)s is not one of the choices.")


@dataclass(frozen=True)
class ToldPayment:
    """A payment as told: what is not known is empty or None."""

    amount_fen: int
    paid_at: datetime | None = None
    kind: str = "bank"
    from_account: str = ""
    from_institution: str = ""
    to_account: str = ""
    to_institution: str = ""
    to_name: str = ""
    to_hint: str = ""

    @property
    def complete(self) -> bool:
        """Whether an institution can act on it: a full account number is known."""
        return bool(self.to_account) and "*" not in self.to_account


@dataclass(frozen=True)
class ToldReport:
    """A report as the form carries it."""

    form_token: str
    door: str
    told: str
    ongoing: str
    victim_name: str = ""
    victim_phone: str = ""
    victim_id_number: str = ""
    fraud_type: str = ""
    fraud_reason: str = ""
    payments: tuple[ToldPayment, ...] = ()
    mentions: tuple[tuple[str, str], ...] = field(default=())


@cache
def payment_kinds() -> dict[str, dict[str, Any]]:
    """Kinds of payment by code, from data."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        (DATA / "payment_kinds.yaml").read_text(encoding="utf-8")
    )
    return loaded


def check(report: ToldReport, now: datetime) -> None:
    """Raise the refusal that names what is wrong with the report."""
    if not report.told.strip() and not report.payments:
        raise NothingTold
    if report.door not in DOORS:
        raise UnknownChoice(field="door", value=report.door)
    if report.ongoing not in ONGOING:
        raise UnknownChoice(field="ongoing", value=report.ongoing)
    for row, payment in enumerate(report.payments, start=1):
        if not 0 < payment.amount_fen <= MOST_FEN:
            raise AmountImpossible(row=row, amount=payment.amount_fen / 100)
        if payment.paid_at and payment.paid_at > now + timedelta(minutes=5):
            raise TimeImpossible(row=row, time=payment.paid_at.isoformat(timespec="minutes"))
        if payment.kind not in payment_kinds():
            raise UnknownChoice(field="kind", value=payment.kind)


def same_payment(told: ToldPayment, known: ToldPayment, *, same_victim: bool) -> bool:
    """Whether two tellings through two doors mean one payment.

    Equal amount; accounts that do not contradict each other; times within SAME_PAYMENT_MINUTES.
    What one side does not know is no contradiction, but then the victim must be the same.
    """
    if told.amount_fen != known.amount_fen or told.kind != known.kind:
        return False
    to_side = accounts_agree(told.to_account, known.to_account)
    from_side = accounts_agree(told.from_account, known.from_account)
    if to_side is False or from_side is False:
        return False
    if told.paid_at and known.paid_at:
        close = abs(told.paid_at - known.paid_at) <= timedelta(minutes=SAME_PAYMENT_MINUTES)
        return close and (to_side is True or same_victim)
    return same_victim and (to_side is True or from_side is True)


def accounts_agree(one: str, other: str) -> bool | None:
    """True: the same account; False: certainly two; None: too little is known.

    A masked number agrees with a full one when no visible sign contradicts it and the last
    four are visible in both.
    """
    if not one or not other:
        return None
    if "*" not in one and "*" not in other:
        return one == other
    tail = min(len(one.rpartition("*")[2]), len(other.rpartition("*")[2]), VISIBLE_TAIL)
    if tail and one[-tail:] != other[-tail:]:
        return False
    head = min(len(one.partition("*")[0]), len(other.partition("*")[0]))
    if head and one[:head] != other[:head]:
        return False
    return True if tail >= VISIBLE_TAIL else None


def match_payments(
    told: Sequence[ToldPayment], known: Iterable[tuple[int, ToldPayment, bool]]
) -> dict[int, int]:
    """Index of each told payment that is already known -> key of the known one, one to one.

    `known` gives (key, payment, same victim). Payments of one report are never merged with each
    other: two equal payments told by one person are two.
    """
    found: dict[int, int] = {}
    free = list(known)
    for index, payment in enumerate(told):
        for candidate in free:
            key, other, same_victim = candidate
            if same_payment(payment, other, same_victim=same_victim):
                found[index] = key
                free.remove(candidate)
                break
    return found
