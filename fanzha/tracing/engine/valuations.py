"""Valuations: what each claim may ask of what is in an account. They do not sum to the seeds.

Which claim money arrived where, and when, is told by a flow trace; the rest is arithmetic on the
account's balances (all money, missing money counted in, a debt counting as nothing).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, NamedTuple

from fanzha.tracing.engine.follow import Walk
from fanzha.tracing.engine.line import Book
from fanzha.tracing.engine.model import OUTSIDE, EndKind
from fanzha.tracing.engine.ranges import ALL, ranges
from fanzha.tracing.engine.result import NO_PIECE, End, Trace, Valuation, seeded_by_claim
from fanzha.tracing.engine.rounding import in_proportion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from fanzha.tracing.engine.given import Given
    from fanzha.tracing.engine.model import Movements, Seeds
    from fanzha.tracing.engine.ranges import Ranges
    from fanzha.tracing.engine.result import Paused

    Shares = dict[str, int]

CEILINGS: Final = frozenset({"libr_cap", "libr_cap_then_share"})


class Arrival(NamedTuple):
    """All fen of one claim that came by one row, what filled a debt included."""

    row: int
    claim: str
    fen: int


@dataclass(frozen=True)
class Account:
    """An account that claim money came to; its claims stand in order of their first arrival.

    `reached` is what arrived, `caps` the lowest intermediate balances, both at most what was paid.
    """

    name: str
    balance: int
    reached: Shares
    caps: Shares


class Held(NamedTuple):
    """What time decides about one account: least and most fen by claim, most fen of all claims."""

    least: Mapping[str, int]
    most: Mapping[str, int]
    together: int


class Valuing:
    """Values every account that the flow trace followed money to, as far as that has come."""

    def __init__(self, given: Given, flow: Paused) -> None:
        self.given = given
        self.flow = flow

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Trace the flow, or go on with it, and value what it found."""
        flow = self.flow.go_on(stop)
        paused = None if flow.paused is None else Valuing(self.given, flow.paused)
        found = tuple(self._valued(_accounts(self.given, flow)))
        ends = tuple(
            End(each.account, EndKind.HELD, fen, claim, NO_PIECE)
            for each in found
            for claim, fen in each.by_claim.items()
            if fen
        )
        return replace(
            flow, given=self.given, ends=ends, valuations=found, flow=flow, paused=paused
        )

    def _valued(self, accounts: Sequence[Account]) -> Iterator[Valuation]:
        """Value the accounts; beside bare ceilings no claim gets more in all than it paid."""
        rule = self.given.rule
        left = seeded_by_claim(self.given.movements, self.given.seeds)
        for account, shares in zip(accounts, self._shares(accounts), strict=True):
            by_claim = shares
            if rule != "libr_cap":
                by_claim = {claim: min(fen, left[claim]) for claim, fen in shares.items()}
                left.subtract(by_claim)
            cap = sum(account.caps.values()) if rule in CEILINGS else account.balance
            yield Valuation(account.name, rule, cap, sum(by_claim.values()), by_claim)

    def _shares(self, accounts: Sequence[Account]) -> list[Shares]:
        rule = self.given.rule
        if rule == "libr_cap":
            return [each.caps for each in accounts]
        if rule == "libr_cap_then_share":
            return [_at_most(each.caps, each.balance) for each in accounts]
        if rule == "pari_passu_end":
            return [_at_most(each.reached, each.balance) for each in accounts]
        certain = ranges(self.given.movements, self.given.seeds, self._fifo)
        held: Counter[tuple[str, str]] = Counter()
        for end in self._fifo(self.given.movements, self.given.seeds).ends:
            if end.kind is EndKind.HELD:
                held[end.account, end.claim] += end.fen
        return [_ladder(each, _held(each, certain, held)) for each in accounts]

    def _fifo(self, movements: Movements, seeds: Seeds) -> Trace:
        return Walk(replace(self.given, movements=movements, seeds=seeds, rule="fifo")).go_on()


def _at_most(wanted: Shares, there: int) -> Shares:
    """What is wanted if it is there, else what is there in proportion to what is wanted."""
    if sum(wanted.values()) <= there:
        return wanted
    return dict(zip(wanted, in_proportion(there, list(wanted.values())), strict=True))


def _held(account: Account, certain: Ranges, held: Mapping[tuple[str, str], int]) -> Held:
    """Look up what the orders of time leave of each claim; `held` is the point figure."""
    fens = {claim: held[account.name, claim] for claim in account.reached}
    spans = {claim: certain.held(claim, account.name, fen) for claim, fen in fens.items()}
    _, together = certain.held(ALL, account.name, sum(fens.values()))
    return Held(
        {claim: least for claim, (least, _) in spans.items()},
        {claim: most for claim, (_, most) in spans.items()},
        min(together, account.balance),
    )


def _ladder(account: Account, held: Held) -> Shares:
    """What every order gives; what time cannot decide in proportion, to those that it concerns."""
    least = held.least
    undecided = max(held.together - sum(least.values()), 0)
    reached = {claim: n for claim, n in account.reached.items() if held.most[claim] > least[claim]}
    more = _poured(undecided, reached, {claim: n - least[claim] for claim, n in reached.items()})
    return {claim: fen + more.get(claim, 0) for claim, fen in least.items()}


def _poured(fen: int, weights: Shares, room: Shares) -> Shares:
    """Share by weight, nobody above the room; what one cannot take goes on to the others."""
    poured: Shares = {}
    while weights:
        whole = sum(weights.values())
        full = [claim for claim in weights if fen * weights[claim] >= room[claim] * whole]
        if not full:
            fens = in_proportion(fen, list(weights.values()))
            return poured | dict(zip(weights, fens, strict=True))
        poured |= {claim: room[claim] for claim in full}
        fen -= sum(room[claim] for claim in full)
        weights = {claim: weight for claim, weight in weights.items() if claim not in full}
    return poured


def _accounts(given: Given, flow: Trace) -> Sequence[Account]:
    """Every followed account that claim money came to, in order of its first arrival.

    Claims that came by one row stand in the order of their payments.
    """
    movements = given.movements
    arrived_at = movements.arrived_at
    came: Counter[tuple[int, str]] = Counter()
    paid = seeded_by_claim(movements, given.seeds)
    order = {claim: at for at, claim in enumerate(paid)}
    for piece in sorted(flow.pieces, key=lambda each: (arrived_at[each.row], order[each.claim])):
        code = int(movements.to_account[piece.row])
        ours = movements.currency[piece.row] == given.currency
        if code != OUTSIDE and ours and given.gap(code) is None:
            came[piece.row, piece.claim] += piece.hi - piece.lo
    found: dict[int, list[Arrival]] = {}
    for (row, claim), fen in came.items():
        found.setdefault(int(movements.to_account[row]), []).append(Arrival(row, claim, fen))
    return [_account(given, code, arrivals, paid) for code, arrivals in found.items()]


def _account(
    given: Given, code: int, arrivals: Sequence[Arrival], paid: Mapping[str, int]
) -> Account:
    after = _balances(given, code)
    lowest: dict[int, int] = {}
    least = balance = after[-1][1]
    for row, there in reversed(after):
        least = min(least, there)
        lowest[row] = least
    reached: Shares = {}
    caps: Shares = {}
    for row, claim, fen in arrivals:
        reached[claim] = min(reached.get(claim, 0) + fen, paid[claim])
        caps[claim] = min(caps.get(claim, 0) + min(fen, lowest[row]), paid[claim])
    return Account(given.movements.name(code), balance, reached, caps)


def _balances(given: Given, code: int) -> list[tuple[int, int]]:
    """Each row of the account with the balance after it, never below 0."""
    book = Book(given.movements, code, given.currency)
    book.receive(given.opening(code))
    after: list[tuple[int, int]] = []
    for row in given.movements.rows_touching(code):
        book.enter(row)
        after.append((row, max(book.balance, 0)))
    return after
