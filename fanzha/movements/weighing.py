"""How much speaks for two rows being one transfer, reason by reason (R7). Weights are data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from fanzha.core.clock import local
from fanzha.core.refusal import gettext_noop
from fanzha.movements.joined import Reason
from fanzha.movements.leg import MATCHES
from fanzha.movements.profile import DATA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fanzha.movements.leg import Leg

MINUTE = 60
SHORTEST_SERIAL = 6
SHORTEST_MEMO = 4
PARTS = 100_000
"""Shares of fees are told in parts of this."""

REASONS = {
    "decided": gettext_noop("A person decided so."),
    "clearing_same": gettext_noop("Both name clearing number %(number)s."),
    "serial_same": gettext_noop("Both carry serial %(number)s."),
    "amount_same": gettext_noop("The amounts are equal."),
    "amount_less_fee_row": gettext_noop(
        "%(fee_fen)s fen less arrived; a fee of that amount is booked beside it."
    ),
    "amount_less_usual_fee": gettext_noop("%(fee_fen)s fen less arrived, as a usual fee."),
    "payer_names_payee": gettext_noop("The payer's row names the payee's account."),
    "payee_names_payer": gettext_noop("The payee's row names the payer's account."),
    "masked_agrees": gettext_noop("A masked number agrees in the digits that it shows; a hint."),
    "time_near": gettext_noop(
        "%(seconds)s s lie between them; these clocks usually differ by %(skew)s s."
    ),
    "time_same_day": gettext_noop("Both are of one day; one of them has no time of day."),
    "time_far": gettext_noop("%(seconds)s s lie between them."),
    "memo_same": gettext_noop("Both say “%(memo)s”."),
    "memo_cut": gettext_noop("“%(cut)s” is how “%(memo)s” begins; the rest was cut off."),
    "name_agrees": gettext_noop("The holder's name agrees with the name given."),
    "name_differs": gettext_noop("The holder's name differs from the name given."),
}


@cache
def config() -> dict[str, Any]:
    """The tables of `data/pairing.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load((DATA / "pairing.yaml").read_text(encoding="utf-8"))
    assert set(loaded["weights"]) == set(REASONS)
    return loaded


def reasons(out: Leg, into: Leg, *, skew: int = 0, fee_row: bool = False) -> list[Reason]:
    """All that speaks for or against two legs; `skew`: seconds by which the payee's clock leads."""
    weights = config()["weights"]
    found: list[Reason] = []

    def say(key: str, **detail: Any) -> None:
        found.append(Reason(key, weights[key], detail))

    if number := common_clearing(out, into):
        say("clearing_same", number=number)
    elif (number := serial(out)) and number == serial(into):
        say("serial_same", number=number)
    if out.amount_fen == into.amount_fen:
        say("amount_same")
    else:
        key = "amount_less_fee_row" if fee_row else "amount_less_usual_fee"
        say(key, fee_fen=out.amount_fen - into.amount_fen)
    if out.cp_kind in MATCHES and out.counterparty == into.account:
        say("payer_names_payee")
    if into.cp_kind in MATCHES and into.counterparty == out.account:
        say("payee_names_payer")
    if _hints(out, into) or _hints(into, out):
        say("masked_agrees")
    found.append(_time(out, into, skew))
    _memos(out, into, say)
    _holders(out, into, say)
    return found


def near(out: Leg, into: Leg, skew: int = 0) -> bool:
    """Whether the times fit: the same day, or as close as two clocks may be."""
    if "date" in (out.time_precision, into.time_precision):
        return local(out.txn_time).date() == local(into.txn_time).date()
    return abs(into.at - out.at - skew) <= _allowed(out, into)


def names(leg: Leg, other: Leg) -> bool | None:
    """Whether `leg` names the other's account; None if it is silent or shows masked digits only."""
    if leg.cp_kind in MATCHES:
        return leg.counterparty == other.account
    if leg.cp_kind == "masked" and not _agrees(leg.cp_key, other.own_key):
        return False
    if leg.cp_name and other.holder_name and not _same_name(leg.cp_name, other.holder_name):
        return False
    return None


def serial(leg: Leg) -> str:
    """The serial, if it can tell rows apart."""
    return _telling(leg.serial_no)


def clearing(leg: Leg) -> tuple[str, ...]:
    """The clearing numbers that a wallet's row gives for its legs through banks."""
    if not leg.own_clearing_no and not leg.cp_clearing_no:
        return ()
    return tuple(filter(None, (_telling(leg.own_clearing_no), _telling(leg.cp_clearing_no))))


def common_clearing(out: Leg, into: Leg) -> str:
    """A clearing number that one row gives and the other gives or carries as its serial."""
    mine, theirs = clearing(out), clearing(into)
    if not mine and not theirs:
        return ""
    return next((each for each in mine if each in (*theirs, into.serial_no)), "") or next(
        (each for each in theirs if each == out.serial_no), ""
    )


def is_usual_fee(fee_fen: int, amount_fen: int) -> bool:
    """Whether banks or payment firms take such a fee off such an amount."""
    fees = config()["fees"]
    return fee_fen in fees["fixed_fen"] or any(
        abs(amount_fen * rate - fee_fen * PARTS) <= PARTS for rate in fees["rates"]
    )


def most_fee(amount_fen: int) -> int:
    """No fee is larger."""
    fees = config()["fees"]
    return int(max(*fees["fixed_fen"], amount_fen * fees["most_rate"] // PARTS))


def total(found: Sequence[Reason]) -> int:
    """The sum of the weights."""
    return sum(each.weight for each in found)


def _telling(number: str) -> str:
    if len(number) < SHORTEST_SERIAL or number.count(number[0]) == len(number):
        return ""
    return number


def _allowed(out: Leg, into: Leg) -> int:
    minute = "minute" in (out.time_precision, into.time_precision)
    return int(config()["tolerance_seconds"]) + (MINUTE if minute else 0)


def _time(out: Leg, into: Leg, skew: int) -> Reason:
    weights, seconds = config()["weights"], into.at - out.at
    if not near(out, into, skew):
        return Reason("time_far", weights["time_far"], {"seconds": seconds})
    if "date" in (out.time_precision, into.time_precision):
        return Reason("time_same_day", weights["time_same_day"], {})
    allowed = _allowed(out, into)
    weight = weights["time_near"] * (allowed - abs(seconds - skew)) // max(allowed, 1)
    return Reason("time_near", weight, {"seconds": seconds, "skew": skew})


def memo(leg: Leg) -> str:
    """What the payer wrote."""
    return leg.remark or leg.summary


def _memos(out: Leg, into: Leg, say: Any) -> None:
    longer, cut = memo(out), memo(into)
    if not longer or not cut:
        return
    if longer == cut:
        say("memo_same", memo=longer)
        return
    if len(longer) < len(cut):
        longer, cut = cut, longer
    if len(cut) >= SHORTEST_MEMO and longer.startswith(cut):
        say("memo_cut", memo=longer, cut=cut)


def _holders(out: Leg, into: Leg, say: Any) -> None:
    given = [(out.cp_name, into.holder_name), (into.cp_name, out.holder_name)]
    told = [_same_name(one, other) for one, other in given if one and other]
    if told:
        say("name_agrees" if all(told) else "name_differs")


def _hints(leg: Leg, other: Leg) -> bool:
    return leg.cp_kind == "masked" and _agrees(leg.cp_key, other.own_key)


def _same_name(one: str, other: str) -> bool:
    """Masked and cut names contradict nothing."""
    return "*" in one + other or one.startswith(other) or other.startswith(one)


def _agrees(masked: str, number: str) -> bool:
    head, tail = masked.partition("*")[0], masked.rpartition("*")[2]
    return number.startswith(head) and number.endswith(tail)
