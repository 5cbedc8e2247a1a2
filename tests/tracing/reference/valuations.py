"""What can be claimed of what is there: the valuations, from the arrivals of a replay."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from tests.tracing.reference.lots import Rule, total
from tests.tracing.reference.orders import replays
from tests.tracing.reference.replay import Replay
from tests.tracing.reference.rounding import rounded

if TYPE_CHECKING:
    from tests.tracing.reference.lots import Fen
    from tests.tracing.reference.replay import Account
    from tests.tracing.reference.rows import Case

    Parts = dict[str, Fen]


@dataclass
class Share:
    """What the claims can claim in one account, in the order in which they reached it."""

    cap_fen: int
    by_claim: dict[str, int]


def valued(case: Case, valuation: str, flow_rule: Rule) -> dict[str, Share]:
    """Value every followed account that claim money reached, in the order of first arrival."""
    replay, paid = Replay(case, flow_rule), case.paid()
    accounts = {
        name: account for name, account in replay.accounts.items() if reached(account, paid)
    }
    by_arrival = sorted(accounts, key=lambda name: first_arrival(accounts[name]))
    orders = replays(case) if valuation == "timestamp_ladder" else []
    values = {}
    for name in by_arrival:
        account = accounts[name]
        at_the_end = total(account.lots)
        caps = ceilings(account, paid)
        if valuation == "libr_cap":
            whole = rounded(caps)
            values[name] = Share(sum(whole.values()), whole)
        elif valuation == "libr_cap_then_share":
            whole = rounded(at_most(caps, at_the_end))
            values[name] = Share(sum(rounded(caps).values()), whole)
        elif valuation == "pari_passu_end":
            whole = rounded(at_most(reached(account, paid), at_the_end))
            values[name] = Share(int(at_the_end), whole)
        else:
            values[name] = Share(int(at_the_end), ladder(name, account, paid, orders))
    if valuation != "libr_cap":
        cut_to_what_was_paid(values, paid)
    return values


def first_arrival(account: Account) -> int:
    """The event at which claim money first arrived."""
    return min(arrival.event for arrival in account.arrivals if arrival.by_claim)


def reached(account: Account, paid: dict[str, int]) -> Parts:
    """What of each claim arrived, at most what was paid; in the order of first arrival."""
    sums: Parts = {}
    for arrival in account.arrivals:
        for claim, fen in arrival.by_claim.items():
            sums[claim] = min(sums.get(claim, 0) + fen, paid[claim])
    return sums


def ceilings(account: Account, paid: dict[str, int]) -> Parts:
    """Per claim its lowest intermediate balances: every arrival by itself, summed."""
    sums: Parts = {}
    for arrival in account.arrivals:
        lowest = min(fen for event, fen in account.balances.items() if event >= arrival.event)
        for claim, fen in arrival.by_claim.items():
            sums[claim] = min(sums.get(claim, 0) + min(fen, lowest), paid[claim])
    return sums


def at_most(wanted: Parts, there: Fen) -> Parts:
    """What is wanted if it is there, else what is there in proportion to what is wanted."""
    whole = sum(wanted.values())
    if whole <= there:
        return wanted
    return {claim: Fraction(there) * fen / whole for claim, fen in wanted.items()}


def ladder(
    name: str, account: Account, paid: dict[str, int], orders: list[Replay]
) -> dict[str, int]:
    """What time decides, and in proportion what it cannot decide.

    One inflow in all, and that of one claim, is a case of what time decides in every order.
    """
    came = reached(account, paid)
    held = [each.held(name) for each in orders]
    least = {claim: min(h.get(claim, 0) for h in held) for claim in came}
    most = {claim: max(h.get(claim, 0) for h in held) for claim in came}
    room = {c: came[c] - least[c] for c in came if most[c] > least[c]}
    together = min(max(sum(h.values()) for h in held), total(account.lots))
    undecided = max(together - sum(least.values()), 0)
    more = poured(undecided, {claim: came[claim] for claim in room}, room)
    return rounded({claim: fen + more.get(claim, 0) for claim, fen in least.items()})


def poured(fen: Fen, weights: Parts, room: Parts) -> Parts:
    """Share by weights, nobody above the room; what one cannot take goes on to the others."""
    full = [
        claim for claim in weights if fen * weights[claim] >= room[claim] * sum(weights.values())
    ]
    if not full:
        return {c: Fraction(fen) * weights[c] / sum(weights.values()) for c in weights}
    rest = {claim: weight for claim, weight in weights.items() if claim not in full}
    filled = {claim: room[claim] for claim in full}
    return filled | poured(fen - sum(filled.values()), rest, room)


def cut_to_what_was_paid(values: dict[str, Share], paid: dict[str, int]) -> None:
    """Let nobody claim more in all accounts together than he paid; those reached first count."""
    left = dict(paid)
    for value in values.values():
        for claim, fen in value.by_claim.items():
            value.by_claim[claim] = min(fen, left[claim])
            left[claim] -= value.by_claim[claim]
