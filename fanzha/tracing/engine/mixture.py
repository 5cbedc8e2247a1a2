"""Where mixed money came to: the fates of every row when all money in an account is one mixture.

Played backwards: at the end, money is where it lies; before an outflow of a fraction `r`, a fen in
the account has the outflow's fate with weight `r`, and the account's later fate with weight `1 - r`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fanzha.tracing.engine.model import OUTSIDE, EndKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.engine.given import Given

Fate = dict[tuple[str, EndKind], float]
CRUMB: Final = 1e-9
"""Smaller parts are left out, or every row would list every account."""


class Mixture:
    """The log of a replay, as fractions of the followed money."""

    def __init__(self) -> None:
        # (row, account, arrives, fraction that fills a debt or leaves, fraction of that cut)
        self.log: list[tuple[int, int, bool, float, float]] = []
        self.part = 0.0
        """The fraction of the followed money that the outflow takes which is played now."""

    def arrive(self, row: int, account: int, fills: float) -> None:
        """A row with followed money arrived; the fraction `fills` filled a debt."""
        self.log.append((row, account, True, fills, 0.0))

    def leave(self, row: int, account: int, cut: float) -> None:
        """A row took its part of the followed money, of which limits cut the fraction `cut`."""
        self.log.append((row, account, False, self.part, cut))

    def fates(self, given: Given, resting: EndKind) -> Mapping[int, Fate]:
        """Per row, which part of its followed money came to which (account, kind)."""
        name = given.movements.name
        later: dict[int, Fate] = {}
        found: dict[int, Fate] = {}
        for row, account, arrives, part, cut in reversed(self.log):
            here = later.setdefault(account, {(name(account), resting): 1.0})
            if arrives:
                found[row] = _mix(
                    (part, {(name(account), EndKind.OVERDRAFT): 1.0}), (1 - part, here)
                )
                continue
            fate = found.setdefault(row, _fate_at_the_border(given, row))
            beyond = {(name(account), EndKind.BEYOND_LIMITS): 1.0}
            later[account] = _mix((part * (1 - cut), fate), (part * cut, beyond), (1 - part, here))
        for row in given.seeds.rows:
            found.setdefault(row, _fate_at_the_border(given, row))
        return found


def _fate_at_the_border(given: Given, row: int) -> Fate:
    """The fate of a row that does not lead into an account that is followed."""
    movements = given.movements
    payer, payee = int(movements.from_account[row]), int(movements.to_account[row])
    if row in given.claim_of and payer != OUTSIDE:
        return {(movements.name(payer), EndKind.RETURNED_TO_VICTIM): 1.0}
    if movements.currency[row] != given.currency:
        return {(movements.name(payer), EndKind.CURRENCY_EXCHANGE): 1.0}
    if payee == OUTSIDE:
        return {(movements.name(payer), movements.channel[row]): 1.0}
    gap = given.gap(payee)
    return {(movements.name(payee), gap if gap is not None else EndKind.BEYOND_LIMITS): 1.0}


def _mix(*parts: tuple[float, Fate]) -> Fate:
    mixed: Fate = {}
    for weight, fate in parts:
        for end, share in fate.items():
            if weight * share > CRUMB:
                mixed[end] = mixed.get(end, 0.0) + weight * share
    return mixed
