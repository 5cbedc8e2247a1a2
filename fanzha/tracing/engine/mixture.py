"""Where mixed money came to: the fates of every row when all money in a place is one mixture.

Played backwards: at the end, money is where it lies; before an outflow of a fraction `r`, a fen in
the place has the outflow's fate with weight `r`, and the place's later fate with weight `1 - r`.
Where limits or reversals treat parts of one place differently this is an approximation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.model import OUTSIDE, EndKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fanzha.tracing.engine.given import Given

Fate = dict[tuple[str, EndKind], float]
CRUMB: Final = 1e-9
"""Smaller parts are left out, or every row would list every account."""


class Step(NamedTuple):
    """A row arrived at a place and `part` of it filled a debt; or it took `part` of the place.

    Of what it took, limits cut the fraction `cut`; a victim's payment gives all of it `back`.
    """

    row: int
    place: int
    arrives: bool
    part: float
    cut: float = 0.0
    back: bool = False


def outside(row: int) -> int:
    """Number the place outside where an exit rests; accounts have the numbers from 0 on."""
    return -2 - row


class Mixture:
    """The steps of a replay, as fractions of the followed money."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.part = 0.0
        """The fraction of the followed money that the outflow takes which is played now."""

    def arrive(self, row: int, account: int, fills: float) -> None:
        """A row with followed money arrived; the fraction `fills` filled a debt."""
        self.steps.append(Step(row, account, arrives=True, part=fills))

    def leave(self, row: int, place: int, cut: float) -> None:
        """A row took its part of the followed money, of which limits cut the fraction `cut`."""
        self.steps.append(Step(row, place, arrives=False, part=self.part, cut=cut))

    def give_back(self, row: int, place: int) -> None:
        """A victim's payment took its part of the followed money."""
        self.steps.append(Step(row, place, arrives=False, part=self.part, back=True))

    def fates(self, given: Given, resting: EndKind) -> Mapping[int, Fate]:
        """Per row, which part of its followed money came to which (account, kind)."""
        found = _Fates(given, resting)
        for step in reversed(self.steps):
            found.before(step)
        return found


class _Fates(dict[int, Fate]):
    """The fates of rows; a row that arrived nowhere has that of where it leads."""

    def __init__(self, given: Given, resting: EndKind) -> None:
        self.given = given
        self.movements = given.movements
        self.resting = resting
        self.later: dict[int, Fate] = {}

    def __missing__(self, row: int) -> Fate:
        movements = self.movements
        payer, payee = int(movements.from_account[row]), int(movements.to_account[row])
        if payee == OUTSIDE and movements.currency[row] == self.given.currency:
            return self._later(outside(row))
        if movements.currency[row] != self.given.currency:
            return {(movements.name(payer), EndKind.CURRENCY_EXCHANGE): 1.0}
        gap = self.given.gap(payee)
        return {(movements.name(payee), gap if gap is not None else EndKind.BEYOND_LIMITS): 1.0}

    def before(self, step: Step) -> None:
        """Turn the fates after a step into those before it."""
        name, here = self._name(step.place), self._later(step.place)
        if step.arrives:
            filled = {(name, EndKind.OVERDRAFT): 1.0}
            self[step.row] = _mix((step.part, filled), (1 - step.part, here))
            return
        if step.back:
            taken = {(name, EndKind.RETURNED_TO_VICTIM): 1.0}
        else:
            # What rests outside changes with the steps before: keep what it is at this one.
            self[step.row] = self[step.row]
            beyond = {(name, EndKind.BEYOND_LIMITS): 1.0}
            taken = _mix((1 - step.cut, self[step.row]), (step.cut, beyond))
        self.later[step.place] = _mix((step.part, taken), (1 - step.part, here))

    def _later(self, place: int) -> Fate:
        """The fate of money in a place after the steps that have been turned back."""
        if place in self.later:
            return self.later[place]
        kind = self.resting if place >= 0 else self.movements.channel[outside(place)]
        return {(self._name(place), kind): 1.0}

    def _name(self, place: int) -> str:
        """The account, or the one that the money had left by an exit."""
        account = place if place >= 0 else int(self.movements.from_account[outside(place)])
        return self.movements.name(account)


def _mix(*parts: tuple[float, Fate]) -> Fate:
    mixed: Fate = {}
    for weight, fate in parts:
        for end, share in fate.items():
            if weight * share > CRUMB:
                mixed[end] = mixed.get(end, 0.0) + weight * share
    return mixed
