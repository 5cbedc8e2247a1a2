"""The leg through a bank that a wallet's row has: one movement, found by 网银联单号.

A wallet that pays by card writes a row, and the card's bank writes another in the same direction.
The money went from the card to whom the wallet paid. Rows of opposite directions (top-up and
withdrawal) are ordinary pairs and no business of this module.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from fanzha.movements.weighing import clearing, serial

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fanzha.movements.joined import Where
    from fanzha.movements.leg import Leg


class Carried(NamedTuple):
    """The legs without those of banks that carried a wallet's; wallet row -> the bank's leg."""

    legs: list[Leg]
    banks: Mapping[Where, Leg]


def carried(legs: Sequence[Leg]) -> Carried:
    """Find the bank's leg with the same direction, amount and clearing number as a wallet's leg."""
    wallets = [leg for leg in legs if clearing(leg)]
    if not wallets:
        return Carried(list(legs), {})
    there: dict[tuple[str, str, int], list[Leg]] = defaultdict(list)
    for leg in legs:
        if (number := serial(leg)) and not clearing(leg):
            there[number, leg.direction, leg.amount_fen].append(leg)
    banks: dict[Where, Leg] = {}
    taken: set[Where] = set()
    for leg in wallets:
        for number in clearing(leg):
            found = [
                each for each in there.get((number, leg.direction, leg.amount_fen), ())
                if each.where not in taken and each.account != leg.account
            ]  # fmt: skip
            if len(found) == 1 and leg.where not in banks:
                banks[leg.where] = found[0]
                taken.add(found[0].where)
    return Carried([leg for leg in legs if leg.where not in taken], banks)
