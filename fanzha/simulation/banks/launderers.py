"""How a crew moves loot on: after a hold, uneven parts to the next tier, or out. Pure.

Every parameter is an assumption of the scenario; chance is drawn from a seed, the crew, the
account and the ordinal of the arrival, so that one story unfolds the same way each time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fanzha.simulation.banks.scenario import STAYS

if TYPE_CHECKING:
    import random

    from fanzha.simulation.banks.scenario import Delay, Launderer, Scenario

P95_IN_SIGMAS = 1.6448536269514722
YUAN = 100
ROUNDED_FROM_FEN = 100_000
NOTE_FEN = 100 * YUAN
GAP_MS = (3_000, 25_000)
OUTSIDE_NAMES = {
    "cash": "",
    "merchant": "丰盈百货商行",
    "payment_institution": "某支付备付金",
    "crypto_otc": "币商",
    "fee": "",
    "unknown": "",
}


@dataclass(frozen=True)
class Onward:
    """One onward payment: so long after the one before it, to whom ("" = out), how much, how."""

    gap_ms: int
    target: str
    fen: int
    channel: str
    target_name: str


def draw(delay: Delay, chance: random.Random) -> int:
    """Milliseconds of a log-normal delay given by its median and 95th percentile in seconds."""
    if delay.median <= 0:
        return 0
    sigma = math.log(max(delay.p95 / delay.median, 1.0)) / P95_IN_SIGMAS
    return int(delay.median * math.exp(sigma * chance.gauss(0, 1)) * 1000)


def crew_of(
    scenario: Scenario, account: str, claims: dict[str, int]
) -> tuple[Launderer, int] | None:
    """Find the crew that acts on stolen money in an account, and the account's tier in it.

    An account that serves several crews acts for the one whose claim brought the most.
    """
    for claim in sorted(claims, key=lambda each: (-claims[each], each)):
        for crew in scenario.launderers:
            if claim not in crew.claims:
                continue
            for tier, accounts in enumerate(crew.tiers):
                if account in accounts:
                    return crew, tier
    return None


def split(crew: Launderer, tier: int, fen: int, chance: random.Random) -> list[Onward]:
    """Split `fen` that arrived at `tier`: to 1-5 accounts of the next tier, or to the exits."""
    percent = chance.uniform(*crew.commission_percent)
    moving = fen - int(fen * percent / 100)
    ways = chance.randint(*crew.split)
    if tier + 1 < len(crew.tiers):
        following = crew.tiers[tier + 1]
        targets = [
            (each, "transfer") for each in chance.sample(following, min(ways, len(following)))
        ]
    else:
        names = list(crew.exits)
        drawn = chance.choices(names, [crew.exits[name] for name in names], k=ways)
        targets = [("", channel) for channel in drawn]
    onward = []
    for (target, channel), part in zip(targets, uneven(moving, len(targets), chance), strict=True):
        # A cash machine pays notes; what is less stays behind.
        fen = part - part % NOTE_FEN if channel == "cash" else part
        if fen and channel != STAYS:
            name = OUTSIDE_NAMES.get(channel, "")
            onward.append(Onward(chance.randint(*GAP_MS), target, fen, channel, name))
    return onward


def uneven(fen: int, parts: int, chance: random.Random) -> list[int]:
    """Cut `fen` into uneven parts that sum to it; large ones in round yuan but the last."""
    weights = [chance.uniform(0.3, 1.7) for _ in range(parts)]
    unit = NOTE_FEN if fen >= ROUNDED_FROM_FEN else 1
    shares = [int(fen * weight / sum(weights)) // unit * unit for weight in weights[:-1]]
    return [*shares, fen - sum(shares)]
