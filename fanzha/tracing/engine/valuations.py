"""Valuations: what each claim may ask of what is in an account. They do not sum to the seeds.

Which claim money arrived where, and when, is told by a flow trace; the rest is arithmetic on the
account's balances (all money, missing money counted in, a debt counting as nothing).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from fanzha.tracing.engine.follow import Walk
from fanzha.tracing.engine.line import Book
from fanzha.tracing.engine.model import OUTSIDE, EndKind
from fanzha.tracing.engine.ranges import ALL, ranges
from fanzha.tracing.engine.result import (
    NO_PIECE,
    End,
    Trace,
    Valuation,
    seeded_by_claim,
)
from fanzha.tracing.engine.rounding import in_proportion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from fanzha.tracing.engine.given import Given
    from fanzha.tracing.engine.model import Movements, Seeds
    from fanzha.tracing.engine.ranges import Ranges
    from fanzha.tracing.engine.result import Paused


class Arrival(NamedTuple):
    """One claim's fen that came by one row."""

    claim: str
    row: int
    fen: int


@dataclass(frozen=True)
class Account:
    """An account that claim money came to: `lowest[row]` is its least balance from `row` on."""

    name: str
    arrivals: Sequence[Arrival]
    balance: int
    lowest: Mapping[int, int]
    inflows: int
    paid: Mapping[str, int]

    def reached(self) -> dict[str, int]:
        """What arrived per claim, in order of first arrival, at most what was paid."""
        sums: Counter[str] = Counter()
        for arrival in self.arrivals:
            sums[arrival.claim] += arrival.fen
        return {claim: min(fen, self.paid[claim]) for claim, fen in sums.items()}

    def caps(self) -> dict[str, int]:
        """The lowest intermediate balance of every arrival, summed per claim."""
        sums: Counter[str] = Counter()
        for arrival in self.arrivals:
            sums[arrival.claim] += min(arrival.fen, self.lowest[arrival.row])
        return {claim: min(fen, self.paid[claim]) for claim, fen in sums.items()}


class Valuing:
    """Values every account that the flow trace followed money to, once that has come to its end."""

    def __init__(self, given: Given, flow: Paused) -> None:
        self.given = given
        self.flow = flow

    def go_on(self, stop: Callable[[], bool] | None = None) -> Trace:
        """Trace the flow, or go on with it, and value what it found."""
        flow = self.flow.go_on(stop)
        paused = None if flow.paused is None else Valuing(self.given, flow.paused)
        accounts = _accounts(self.given, flow)
        shares = self._shares(accounts)
        if self.given.rule != "libr_cap":
            _cut_to_what_was_paid(accounts, [share for _, share in shares])
        found = tuple(
            Valuation(account.name, self.given.rule, cap, sum(share.values()), share)
            for account, (cap, share) in zip(accounts, shares, strict=True)
        )
        ends = tuple(
            End(each.account, EndKind.HELD, fen, claim, NO_PIECE)
            for each in found
            for claim, fen in each.by_claim.items()
            if fen
        )
        return replace(
            flow, given=self.given, ends=ends, valuations=found, flow=flow, paused=paused
        )

    def _shares(self, accounts: Sequence[Account]) -> list[tuple[int, dict[str, int]]]:
        rule = self.given.rule
        if rule == "timestamp_ladder":
            certain = ranges(self.given.movements, self.given.seeds, self._fifo)
            fifo = self._fifo(self.given.movements, self.given.seeds)
            return [(each.balance, _ladder(each, certain, fifo)) for each in accounts]
        if rule == "pari_passu_end":
            return [(each.balance, _pari_passu(each)) for each in accounts]
        share = _ceilings if rule == "libr_cap" else _ceilings_then_share
        return [(sum(each.caps().values()), share(each)) for each in accounts]

    def _fifo(self, movements: Movements, seeds: Seeds) -> Trace:
        return Walk(replace(self.given, movements=movements, seeds=seeds, rule="fifo")).go_on()


def _ceilings(account: Account) -> dict[str, int]:
    return account.caps()


def _ceilings_then_share(account: Account) -> dict[str, int]:
    caps = account.caps()
    return caps if sum(caps.values()) <= account.balance else _shared(account.balance, caps)


def _pari_passu(account: Account) -> dict[str, int]:
    reached = account.reached()
    return (
        reached if sum(reached.values()) <= account.balance else _shared(account.balance, reached)
    )


def _shared(fen: int, weights: Mapping[str, int]) -> dict[str, int]:
    if not any(weights.values()):
        return dict.fromkeys(weights, 0)
    return dict(zip(weights, in_proportion(fen, list(weights.values())), strict=True))


def _ladder(account: Account, certain: Ranges, fifo: Trace) -> dict[str, int]:
    """Single credit; else what every order gives; what time cannot decide in proportion."""
    reached = account.reached()
    if account.inflows == 1 and len(reached) == 1:
        return {claim: min(account.balance, fen) for claim, fen in reached.items()}
    held: Counter[str] = Counter()
    for end in fifo.ends:
        if end.account == account.name and end.kind is EndKind.HELD:
            held[end.claim] += end.fen
    spans = {claim: certain.held(claim, account.name, held[claim]) for claim in reached}
    most = min(certain.held(ALL, account.name, held.total())[1], account.balance)
    share = {claim: least for claim, (least, _) in spans.items()}
    open_claims = {claim for claim, (least, highest) in spans.items() if least < highest}
    while open_claims and (rest := most - sum(share.values())) > 0:
        parts = _shared(rest, {claim: reached[claim] for claim in reached if claim in open_claims})
        for claim, part in parts.items():
            share[claim] = min(share[claim] + part, reached[claim])
        full = {claim for claim in open_claims if share[claim] == reached[claim]}
        if not full:
            break
        open_claims -= full
    return share


def _cut_to_what_was_paid(accounts: Sequence[Account], shares: Sequence[dict[str, int]]) -> None:
    """Let a claim have at most what it paid in all accounts, which it asks in order of reach."""
    left = dict(accounts[0].paid) if accounts else {}
    for share in shares:
        for claim, fen in share.items():
            share[claim] = min(fen, left[claim])
            left[claim] -= share[claim]


def _accounts(given: Given, flow: Trace) -> Sequence[Account]:
    arrivals: dict[int, list[Arrival]] = {}
    arrived_at = given.movements.arrived_at
    fens: Counter[tuple[int, str]] = Counter()
    for piece in sorted(flow.pieces, key=lambda piece: (arrived_at[piece.row], piece.lo)):
        fens[piece.row, piece.claim] += piece.hi - piece.lo
    for (row, claim), fen in fens.items():
        code = int(given.movements.to_account[row])
        foreign = given.movements.currency[row] != given.currency
        if code != OUTSIDE and not foreign and given.gap(code) is None:
            arrivals.setdefault(code, []).append(Arrival(claim, row, fen))
    paid = seeded_by_claim(given.movements, given.seeds)
    return [_account(given, code, found, paid) for code, found in arrivals.items()]


def _account(
    given: Given, code: int, arrivals: Sequence[Arrival], paid: Mapping[str, int]
) -> Account:
    book = Book(given.movements, code, given.currency)
    book.receive(given.opening(code))
    inflows = int(book.balance > 0)
    after: list[tuple[int, int]] = []
    for row in given.movements.rows_touching(code):
        entry = book.enter(row)
        inflows += bool(entry.inflow) + bool(entry.missing)
        after.append((row, max(book.balance, 0)))
    lowest: dict[int, int] = {}
    least = after[-1][1]
    for row, balance in reversed(after):
        least = min(least, balance)
        lowest[row] = least
    name = given.movements.name(code)
    return Account(name, arrivals, after[-1][1], lowest, inflows, paid)
